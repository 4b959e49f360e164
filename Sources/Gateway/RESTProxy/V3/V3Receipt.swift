import NIOCore
import StreamModel

/// Where a record came to lie, as its answer tells.
struct V3Receipt: Sendable {
    var partition: PartitionIndex
    var offset: Offset
    var key: V3Record.Content?
    var value: V3Record.Content?
    var timestamp: Int64

    /// Nil if the receipt is not that of one record.
    init?(_ receipt: AppendReceipt, _ record: V3Record) {
        switch receipt {
        case .run(let partition, let first): (self.partition, offset) = (partition, first)
        case .scattered(let offsets):
            guard let only = offsets.first else { return nil }
            (partition, offset) = (only.partition, only.offset)
        }
        (key, value, timestamp) = (record.key, record.value, record.timestamp)
    }

    /// Writes the members, without braces.
    func write(clusterID: String, topic: String, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#""cluster_id":"#)
        buffer.writeJSONString(clusterID)
        buffer.writeStaticString(#","topic_name":"#)
        buffer.writeJSONString(topic)
        buffer.writeStaticString(#","partition_id":"#)
        buffer.writeDecimal(Int64(partition.rawValue))
        buffer.writeStaticString(#","offset":"#)
        buffer.writeDecimal(offset.rawValue)
        buffer.writeStaticString(#","timestamp":""#)
        RFC3339.write(timestamp, to: &buffer)
        buffer.writeStaticString("\"")
        if let key { write(key, #","key":{"type":""#, to: &buffer) }
        if let value { write(value, #","value":{"type":""#, to: &buffer) }
    }

    private func write(_ content: V3Record.Content, _ start: StaticString, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(start)
        buffer.writeString(content.format.rawValue)
        buffer.writeStaticString(#"","size":"#)
        buffer.writeDecimal(Int64(content.size))
        if let origin = content.origin {
            buffer.writeStaticString(#","subject":"#)
            buffer.writeJSONString(origin.subject)
            buffer.writeStaticString(#","schema_id":"#)
            buffer.writeDecimal(Int64(origin.schemaID))
            buffer.writeStaticString(#","schema_version":"#)
            buffer.writeDecimal(Int64(origin.version))
        }
        buffer.writeStaticString("}")
    }
}

/// What became of one record.
typealias V3Outcome = Result<V3Receipt, V3Error>

extension V3Services {
    /// Appends a record and tells what became of it; `completion` runs once, on any thread.
    func append(
        _ record: V3Record, to topic: String, byteCount: Int,
        completion: @escaping @Sendable (V3Outcome) -> Void
    ) {
        guard let topic = TopicName(topic) else {
            return completion(
                .failure(
                    V3Error(
                        .kafkaBadRequest,
                        "Invalid topic name: 1 to 249 of the characters a-z A-Z 0-9 . _ - are allowed")))
        }
        appender.append(record.list, to: topic) { [counters] result in
            switch result {
            case .success(let receipt):
                counters.count(records: 1, bytes: byteCount)
                completion(
                    V3Receipt(receipt, record).map { .success($0) }
                        ?? .failure(V3Error(.kafkaError, "Kafka error: the log has told no offset")))
            case .failure(let error): completion(.failure(V3Error(error)))
            }
        }
    }
}
