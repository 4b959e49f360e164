import NIOCore
import StreamModel

/// Which records of a request are appended where, and how their answer is written.
struct PutPlan: Sendable {
    var isBatch: Bool
    var isEncrypted: Bool
    /// Those that are appended, each with its partition.
    var records: RecordList
    /// Those that a shard's limit keeps out, by their place in the request.
    var refused: [Int: ShardID] = [:]
    /// Of the request.
    var recordCount = 0

    private struct Result {
        var shard: ShardID
        var number: SequenceNumber
    }

    init(isBatch: Bool, isEncrypted: Bool, records: RecordList) {
        self.isBatch = isBatch
        self.isEncrypted = isEncrypted
        self.records = records
    }

    func answer(
        _ receipt: AppendReceipt, routing: ShardRouting, codec: KinesisCodec,
        refusal: (ShardID) -> KinesisError
    ) -> ByteBuffer {
        let results = results(receipt, routing)
        if codec == .json, refused.isEmpty { return json(results) }
        return codec.buffer(output(results, refusal))
    }

    private func results(_ receipt: AppendReceipt, _ routing: ShardRouting) -> [Result] {
        switch receipt {
        case .run(let partition, let first):
            let shard = ShardID(partition)
            return records.entries.indices.map { place in
                Result(
                    shard: shard,
                    number: routing.number(of: shard, offset: first.advanced(by: place).rawValue))
            }
        case .scattered(let offsets):
            return offsets.map { offset in
                let shard = ShardID(offset.partition)
                return Result(
                    shard: shard, number: routing.number(of: shard, offset: offset.offset.rawValue))
            }
        }
    }

    // MARK: JSON

    /// Bytes of one result, roughly.
    private static let resultByteCount = 128

    private func json(_ results: [Result]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(64 + results.count * Self.resultByteCount)
        if isBatch { buffer.writeStaticString("{\"FailedRecordCount\":0,\"Records\":[") }
        for (place, result) in results.enumerated() {
            if place > 0 { buffer.writeStaticString(",") }
            buffer.writeStaticString("{\"ShardId\":\"")
            result.shard.write(to: &buffer)
            buffer.writeStaticString("\",\"SequenceNumber\":\"")
            result.number.write(to: &buffer)
            if isEncrypted, !isBatch {
                buffer.writeStaticString("\",\"EncryptionType\":\"KMS\"}")
            } else {
                buffer.writeStaticString("\"}")
            }
        }
        if isBatch { buffer.writeStaticString(isEncrypted ? "],\"EncryptionType\":\"KMS\"}" : "]}") }
        return buffer
    }

    // MARK: Any codec

    private func output(_ results: [Result], _ refusal: (ShardID) -> KinesisError) -> OutputValue {
        let encryption: [(String, OutputValue)] = isEncrypted ? [("EncryptionType", .string("KMS"))] : []
        var rest = results[...]
        var outputs: [[(String, OutputValue)]] = []
        for place in 0..<recordCount {
            if let shard = refused[place] {
                let error = refusal(shard)
                outputs.append([
                    ("ErrorCode", .string(error.code.rawValue)), ("ErrorMessage", .string(error.message)),
                ])
            } else if let result = rest.popFirst() {
                outputs.append([
                    ("ShardId", .string(result.shard.description)),
                    ("SequenceNumber", .sequenceNumber(result.number)),
                ])
            }
        }
        guard isBatch else { return .object((outputs.first ?? []) + encryption) }
        return .object(
            [
                ("FailedRecordCount", .integer(Int64(refused.count))),
                ("Records", .list(outputs.map { .object($0) })),
            ] + encryption)
    }
}
