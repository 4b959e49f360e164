import Dispatch
import KafkaWire
import Logging
import NIOCore
import StreamModel
import Synchronization
import Testing

@testable import LogStorage

/// A log on a disk in memory and a clock that stands still; it can be opened again and again.
final class LogFixture: Sendable {
    let disk = MemoryDisk()
    let clock = TestClock()
    let messages = RecordedMessages()
    let settings: LogSettings

    /// Segments of 400 bytes and an index entry every 100 unless told otherwise.
    init(_ change: (inout LogSettings) -> Void = { _ in }) {
        var settings = LogSettings()
        settings.segmentBytes = 400
        settings.indexIntervalBytes = 100
        settings.retentionMilliseconds = -1
        change(&settings)
        self.settings = settings
    }

    func open() throws -> CommitLog {
        let log = CommitLog(
            directory: "log", settings: settings, disk: disk, clock: clock.wall, logger: messages.logger)
        try log.open()
        return log
    }

    /// Opens the log for the time of a call, and closes it.
    func withLog<Result>(_ body: (CommitLog) async throws -> Result) async throws -> Result {
        let log = try open()
        defer { log.close() }
        return try await body(log)
    }

    /// Stops a log as a kill would, and gives back the disk as it is found afterwards.
    func crash(_ log: CommitLog, losing loss: MemoryDisk.Loss = .nothing, seed: UInt64 = 1) {
        disk.cutPower()
        disk.releaseFlushes()
        log.close()
        disk.restart(losing: loss, seed: seed)
    }

    /// The paths of a partition's files with this ending.
    func paths(_ suffix: String, of partition: TopicPartition = .zero) -> [String] {
        disk.files.filter {
            $0.hasPrefix("log/\(partition.topic)/\(partition.partition)/") && $0.hasSuffix(".\(suffix)")
        }
    }
}

extension TopicName {
    static let pins = named("user.pin")

    static func named(_ text: String) -> TopicName {
        guard let name = TopicName(text) else { preconditionFailure("\(text) is no topic's name") }
        return name
    }
}

extension TopicPartition {
    static let zero = TopicPartition(.pins, PartitionIndex(0))

    init(_ topic: String, _ partition: Int32) {
        self.init(.named(topic), PartitionIndex(partition))
    }
}

extension RecordList {
    init(_ values: [String], keys: [String]? = nil, partition: Int32? = nil) {
        var bytes = ByteBuffer()
        var entries: [Entry] = []
        for (place, value) in values.enumerated() {
            var entry = Entry(value: nil, partition: partition.map(PartitionIndex.init))
            if let keys {
                entry.key = Slice(start: bytes.writerIndex, count: keys[place].utf8.count)
                bytes.writeString(keys[place])
            }
            entry.value = Slice(start: bytes.writerIndex, count: value.utf8.count)
            bytes.writeString(value)
            entries.append(entry)
        }
        self.init(bytes: bytes, entries: entries)
    }
}

typealias AppendResult = Result<AppendReceipt, AppendError>

extension CommitLog {
    func append(_ records: RecordList, to topic: TopicName = .pins) async -> AppendResult {
        await withCheckedContinuation { continuation in
            append(records, to: topic) { continuation.resume(returning: $0) }
        }
    }

    func send(_ values: String..., to topic: TopicName = .pins) async -> AppendResult {
        await append(RecordList(values), to: topic)
    }

    /// Every record's value from an offset on, read in steps.
    func values(
        _ partition: TopicPartition = .zero, from start: Int64 = 0, step: Int = 1 << 20
    ) throws -> [String] {
        var found: [String] = []
        var next = Offset(start)
        let end = try range(of: partition).end
        while next < end {
            var expected = next.rawValue
            let after = try read(partition, from: next, maxBytes: step) { record in
                guard record.offset.rawValue == expected else { throw ReadOutOfOrder(at: expected) }
                expected += 1
                found.append(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "null")
            }
            guard after > next, after.rawValue == expected else { throw ReadOutOfOrder(at: expected) }
            next = after
        }
        return found
    }

    /// Returns when upkeep that was asked for, and all that was handed to the committer before, has been done.
    func settle() async {
        await withCheckedContinuation { continuation in upkeep.async { continuation.resume() } }
        // Of two appends, one after the other, the second is taken up when the first's round is over.
        for _ in 0..<2 { _ = await send("settled", to: .named("barrier")) }
    }
}

struct ReadOutOfOrder: Error {
    var at: Int64
}

extension AppendResult {
    /// The offset of the first record, if all went to one partition.
    var firstOffset: Int64? {
        if case .success(.run(_, let offset)) = self { offset.rawValue } else { nil }
    }

    func isRefused(_ code: AppendError.Code) -> Bool { errorCode == code }

    var errorCode: AppendError.Code? {
        if case .failure(let error) = self { error.code } else { nil }
    }
}

/// The time of day, as the test sets it.
final class TestClock: Sendable {
    private let now = Atomic<Int64>(1_700_000_000_000)

    var wall: WallClock { WallClock { [self] in milliseconds } }

    var milliseconds: Int64 { now.load(ordering: .relaxed) }

    func advance(milliseconds: Int64) { now.add(milliseconds, ordering: .relaxed) }
}

/// Keeps what was logged at warning or above.
final class RecordedMessages: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(messages: self) } }

    private struct Handler: LogHandler {
        let messages: RecordedMessages
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        init(messages: RecordedMessages) {
            self.messages = messages
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
            messages.texts.withLock { $0.append("\(event.level): \(event.message) \(details)") }
        }
    }
}

/// Counts across threads.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    /// The count before this call.
    func next() -> Int { count.add(1, ordering: .sequentiallyConsistent).oldValue }
}

/// Waits until a condition holds that other threads bring about; records an issue if it does not come to hold.
func eventually(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async {
    let deadline = ContinuousClock.now + .seconds(20)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("the condition does not come to hold", sourceLocation: sourceLocation)
            return
        }
        await Task.yield()
    }
}
