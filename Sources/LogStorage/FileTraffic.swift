import StreamModel
import Synchronization

/// How often the log has opened and read files, and how much came out.
final class FileTraffic: Sendable {
    struct Count: Equatable {
        var opens = 0
        var reads = 0
        var readBytes = 0
    }

    private let opens = Atomic<Int>(0)
    private let reads = Atomic<Int>(0)
    private let readBytes = Atomic<Int>(0)
    private let start = Mutex(Count())

    func opened() { opens.add(1, ordering: .relaxed) }

    func read(_ byteCount: Int) {
        reads.add(1, ordering: .relaxed)
        readBytes.add(byteCount, ordering: .relaxed)
    }

    var now: Count {
        Count(
            opens: opens.load(ordering: .relaxed), reads: reads.load(ordering: .relaxed),
            readBytes: readBytes.load(ordering: .relaxed))
    }

    /// What the start took.
    var ofStart: Count { start.withLock { $0 } }

    /// Takes note that the log is open: all so far was the start's.
    func noteStart() { start.withLock { $0 = now } }

    var samples: [MetricSample] {
        let now = now
        let start = ofStart
        return [
            MetricSample(
                "pinline_log_file_opens_total", .counter, help: "Files of the log that were opened.",
                value: Double(now.opens)),
            MetricSample(
                "pinline_log_file_reads_total", .counter, help: "Reads from files of the log.",
                value: Double(now.reads)),
            MetricSample(
                "pinline_log_file_read_bytes_total", .counter, help: "Bytes read from files of the log.",
                value: Double(now.readBytes)),
            MetricSample(
                "pinline_log_start_file_opens", .gauge, help: "Files that the start opened.",
                value: Double(start.opens)),
            MetricSample(
                "pinline_log_start_read_bytes", .gauge, help: "Bytes that the start read.",
                value: Double(start.readBytes)),
        ]
    }
}

extension CommitLog {
    /// Reads from files so far.
    package var fileReadCount: Int { traffic.now.reads }
}
