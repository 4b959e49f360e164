import NIOCore
import StreamModel

/// PutRecord or PutRecords, read and ready to be appended.
struct PutRequest: Sendable {
    /// By what the stream is named.
    struct Target: Sendable, Equatable {
        var name: String?
        var arn: String?
        var id: String?
    }

    var target = Target()
    /// PutRecords, whose answer has a list.
    var isBatch: Bool
    /// Keys and data; the partitions are still to be found.
    var records = RecordList(bytes: ByteBuffer(), entries: [])
    /// Where the sender asked for a hash key other than that of its partition key.
    var explicitHashKeys: [Int: HashKey] = [:]
    var isDryRun = false

    init(isBatch: Bool) {
        self.isBatch = isBatch
    }

    init(_ records: consuming RecordList, isBatch: Bool) {
        self.isBatch = isBatch
        self.records = records
    }

    /// - Throws: `.invalidArgument` for an explicit hash key past the last one.
    init(_ input: Input, isBatch: Bool) throws(KinesisError) {
        self.isBatch = isBatch
        target = Target(
            name: input.string("StreamName"), arn: input.string("StreamARN"), id: input.string("StreamId"))
        isDryRun = input.bool("DryRun") ?? false
        for (place, record) in (isBatch ? input.structures("Records") : [input]).enumerated() {
            var entry = RecordList.Entry(value: append(record.bytes("Data") ?? []))
            if let key = record.string("PartitionKey") { entry.key = append(Array(key.utf8)) }
            records.entries.append(entry)
            guard let text = record.string("ExplicitHashKey") else { continue }
            guard let key = HashKey(text) else {
                throw KinesisError(
                    .invalidArgument,
                    "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
                        + "Specified value was \(text)")
            }
            explicitHashKeys[place] = key
        }
    }

    private mutating func append(_ bytes: [UInt8]) -> RecordList.Slice {
        let start = records.bytes.writerIndex
        records.bytes.writeBytes(bytes)
        return RecordList.Slice(start: start, count: bytes.count)
    }
}
