import KafkaWire
import NIOCore
import StreamModel

@testable import LogStorage

/// A record batch as a client sends it.
struct ClientBatch: Sendable {
    var values: [String]
    /// One for each value.
    var keys: [String]?
    var producerID: Int64 = -1
    var epoch: Int16 = -1
    var sequence: Int32 = -1
    var isTransactional = false
    /// Milliseconds since 1970.
    var timestamp: Int64 = 1_700_000_000_000

    init(_ values: [String], timestamp: Int64 = 1_700_000_000_000) {
        self.values = values
        self.timestamp = timestamp
    }

    /// Of an idempotent producer; with `isTransactional` part of its transaction.
    init(
        _ values: [String], by producerID: Int64, epoch: Int16 = 0, sequence: Int32,
        isTransactional: Bool = false
    ) {
        self.values = values
        self.producerID = producerID
        self.epoch = epoch
        self.sequence = sequence
        self.isTransactional = isTransactional
    }

    /// The same batch with a key for each value.
    func keyed(_ keys: String...) -> ClientBatch {
        var batch = self
        batch.keys = keys
        return batch
    }

    var bytes: [UInt8] {
        let records = RecordList(values, keys: keys)
        let count = RecordBatchEncoder.byteCount(records.entries, timestamp: timestamp)
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { target in
            guard let start = target.baseAddress else { return }
            _ = records.bytes.withUnsafeReadableBytes {
                RecordBatchEncoder.encode(
                    records.entries, from: $0, baseOffset: Offset(0), timestamp: timestamp, to: start)
            }
        }
        bytes.store(Int16(isTransactional ? 0x10 : 0), at: 21)
        bytes.store(producerID, at: 43)
        bytes.store(epoch, at: 51)
        bytes.store(sequence, at: 53)
        bytes.repairChecksum()
        return bytes
    }
}

extension [UInt8] {
    /// Puts a big-endian integer in place.
    mutating func store<Integer: FixedWidthInteger>(_ value: Integer, at position: Int) {
        withUnsafeMutableBytes {
            $0.storeBytes(of: value.bigEndian, toByteOffset: position, as: Integer.self)
        }
    }

    /// Makes a batch's checksum right again after a change.
    mutating func repairChecksum() {
        store(self[21...].withUnsafeBytes { Checksum.crc32c($0) }, at: 17)
    }
}

extension LogFixture {
    /// Opens the log with a topic for the time of a call, and closes it.
    func withPins(_ body: (CommitLog, LogFixture) async throws -> Void) async throws {
        try await withLog { log throws in
            try log.ensureTopic(.pins)
            try await body(log, self)
        }
    }
}

typealias BatchResult = Result<BatchReceipt, BatchRefusal>

extension BatchResult {
    var baseOffset: Int64? {
        if case .success(let receipt) = self { receipt.baseOffset.rawValue } else { nil }
    }

    var refusal: BatchRefusal.Code? {
        if case .failure(let refusal) = self { refusal.code } else { nil }
    }
}

extension CommitLog {
    func append(bytes: [UInt8], to partition: TopicPartition = .zero) async -> BatchResult {
        await withCheckedContinuation { continuation in
            append(ByteBuffer(bytes: bytes), to: partition) { continuation.resume(returning: $0) }
        }
    }

    func append(_ batches: ClientBatch..., to partition: TopicPartition = .zero) async -> BatchResult {
        await append(bytes: batches.flatMap(\.bytes), to: partition)
    }

    func end(
        _ producerID: Int64, epoch: Int16 = 0, commits: Bool, coordinatorEpoch: Int32 = 0,
        of partition: TopicPartition = .zero
    ) async -> BatchResult {
        let marker = TransactionMarker(
            producerID: producerID, producerEpoch: epoch, isCommit: commits,
            coordinatorEpoch: coordinatorEpoch)
        return await withCheckedContinuation { continuation in
            append(marker, to: partition) { continuation.resume(returning: $0) }
        }
    }

    func readBatches(
        from offset: Int64, maxBytes: Int = 1 << 20, _ isolation: IsolationLevel = .readUncommitted,
        of partition: TopicPartition = .zero
    ) throws -> FetchedBatches {
        try readBatches(of: partition, from: Offset(offset), maxBytes: maxBytes, isolation: isolation)
    }

    /// Every record's value that a consumer sees, with its offset, as clients filter them (KIP-98).
    func consumed(
        _ isolation: IsolationLevel, of partition: TopicPartition = .zero, step: Int = 1 << 20
    ) throws -> [Int64: String] {
        var seen: [Int64: String] = [:]
        var next = try offsets(of: partition).start.rawValue
        while true {
            let fetched = try readBatches(from: next, maxBytes: step, isolation, of: partition)
            guard fetched.bytes.readableBytes > 0 else { return seen }
            var consumer = TestConsumer(aborted: fetched.aborted)
            for (offset, value) in try consumer.take(fetched.bytes) where offset >= next {
                seen[offset] = value
            }
            next = consumer.next
        }
    }
}

/// Leaves out records of aborted transactions as Apache Kafka's consumer does.
struct TestConsumer {
    private var aborted: [AbortedTransaction]
    private var hidden: Set<Int64> = []
    private(set) var next: Int64 = 0

    init(aborted: [AbortedTransaction]) {
        self.aborted = aborted.sorted { $0.firstOffset < $1.firstOffset }
    }

    mutating func take(_ bytes: ByteBuffer) throws -> [(Int64, String)] {
        try bytes.withUnsafeReadableBytes { bytes in
            var found: [(Int64, String)] = []
            var position = 0
            while position < bytes.count {
                let header = try RecordBatchHeader(bytes, at: position)
                try header.verify(bytes, at: position)
                defer { position += header.byteCount }
                next = header.nextOffset
                while let first = aborted.first, first.firstOffset.rawValue < header.nextOffset {
                    hidden.insert(first.producerID)
                    aborted.removeFirst()
                }
                if header.isControl {
                    hidden.remove(header.producerID)
                } else if !header.isTransactional || !hidden.contains(header.producerID) {
                    try RecordBatchDecoder.forEachRecord(bytes, at: position, header) { record in
                        let value = record.value.map { String(decoding: $0, as: UTF8.self) } ?? "null"
                        found.append((record.offset.rawValue, value))
                    }
                }
            }
            return found
        }
    }
}
