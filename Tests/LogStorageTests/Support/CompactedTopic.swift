import KafkaWire
import NIOCore
import StreamModel

@testable import LogStorage

extension LogFixture {
    /// A log whose topics are compacted whenever something can be, in segments of a few records.
    static func compacting(_ change: (inout LogSettings) -> Void = { _ in }) -> LogFixture {
        LogFixture {
            $0.cleanupPolicy = .compact
            $0.minCleanableRatio = 0
            change(&$0)
        }
    }
}

/// A record as a reader has seen it.
struct SeenRecord: Equatable, CustomStringConvertible {
    var offset: Int64
    var key: String?
    var value: String?
    var timestamp: Int64 = 0

    var description: String { "\(offset): \(key ?? "-")=\(value ?? "-")" }
}

extension CommitLog {
    /// Appends a record with a key; nil deletes the key.
    @discardableResult
    func put(_ key: String, _ value: String?, to topic: TopicName = .pins) async -> AppendResult {
        var bytes = ByteBuffer(string: key)
        var entry = RecordList.Entry(key: .init(start: 0, count: key.utf8.count), value: nil)
        if let value {
            entry.value = .init(start: bytes.writerIndex, count: value.utf8.count)
            bytes.writeString(value)
        }
        return await append(RecordList(bytes: bytes, entries: [entry]), to: topic)
    }

    /// Fills up the segment that is being written, so that what came before can be compacted.
    func fillUp() async {
        for _ in 0..<8 { await put("filler", "x") }
    }

    /// Compacts what can be compacted.
    func compactNow() async {
        performUpkeep()
        await settle()
    }

    /// All records from an offset on, but those that fill up.
    func seen(_ partition: TopicPartition = .zero, from start: Int64 = 0, step: Int = 1 << 20) throws
        -> [SeenRecord]
    {
        var found: [SeenRecord] = []
        var next = Offset(start)
        let end = try range(of: partition).end
        while next < end {
            let after = try read(partition, from: next, maxBytes: step) { record in
                let key = record.key.map { String(decoding: $0, as: UTF8.self) }
                guard key != "filler" else { return }
                found.append(
                    SeenRecord(
                        offset: record.offset.rawValue, key: key,
                        value: record.value.map { String(decoding: $0, as: UTF8.self) },
                        timestamp: record.timestamp))
            }
            guard after > next else { throw ReadOutOfOrder(at: next.rawValue) }
            next = after
        }
        return found
    }
}

extension ClientBatch {
    /// The batch's bytes with its records compressed.
    func compressed(_ compression: Compression) throws -> [UInt8] {
        var bytes = self.bytes
        var records = ByteBuffer()
        try Array(bytes[RecordBatchHeader.size...]).withUnsafeBytes {
            try compression.compress($0, to: &records)
        }
        bytes = Array(bytes.prefix(RecordBatchHeader.size)) + Array(records.readableBytesView)
        bytes.store(Int32(bytes.count - RecordBatchHeader.lengthPrefix), at: 8)
        bytes.store(compression.rawValue | (isTransactional ? 0x10 : 0), at: 21)
        bytes.repairChecksum()
        return bytes
    }
}
