import CRdKafka

/// Reads records of given offsets, in order within each partition.
package final class KafkaRecordReader {
    private let handle: KafkaClientHandle

    /// - Throws: `invalidSettings`.
    package init(_ settings: KafkaClientSettings) throws(RemoteLogError) {
        handle = try KafkaClientHandle(
            settings, kind: RD_KAFKA_CONSUMER,
            more: [
                "group.id": "pinline-reader", "enable.auto.commit": "false",
                "enable.auto.offset.store": "false",
                "auto.offset.reset": "earliest", "enable.partition.eof": "true",
                "isolation.level": "read_committed",
            ])
        rd_kafka_poll_set_consumer(handle.client)
    }

    deinit {
        rd_kafka_consumer_close(handle.client)
    }

    /// Hands out the records of ranges of offsets.
    ///
    /// - Parameter body: false ends it early.
    /// - Throws: what `body` throws; `timedOut` if nothing comes within the settings' time.
    package func read(
        _ ranges: [KafkaPartitionID: Range<Int64>], _ body: (KafkaRecord) throws -> Bool
    ) throws {
        var open = ranges.filter { !$0.value.isEmpty }
        guard !open.isEmpty else { return }
        let list = PartitionList(open.sorted { $0.key < $1.key }.map { ($0.key, $0.value.lowerBound) })
        let code = rd_kafka_assign(handle.client, list.list)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaClientHandle.error(code, nil) }
        defer { rd_kafka_assign(handle.client, nil) }
        while !open.isEmpty {
            guard let message = rd_kafka_consumer_poll(handle.client, handle.timeoutMilliseconds) else {
                throw RemoteLogError(.timedOut, "no record came in time")
            }
            defer { rd_kafka_message_destroy(message) }
            guard let record = try Self.record(message) else {
                open[Self.partition(message)] = nil
                continue
            }
            let partition = Self.partition(message)
            guard let range = open[partition] else { continue }
            if record.offset < range.upperBound, try !body(record) { return }
            if record.offset + 1 >= range.upperBound { open[partition] = nil }
        }
    }

    private static func partition(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaPartitionID {
        KafkaPartitionID(
            text(rd_kafka_topic_name(message.pointee.rkt)) ?? "", message.pointee.partition)
    }

    /// Nil at the end of a partition.
    private static func record(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>
    ) throws(RemoteLogError) -> KafkaRecord? {
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: break
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: return nil
        default: throw KafkaClientHandle.error(message.pointee.err, text(rd_kafka_message_errstr(message)))
        }
        let partition = partition(message)
        return KafkaRecord(
            topic: partition.topic, partition: partition.partition, offset: message.pointee.offset,
            timestamp: rd_kafka_message_timestamp(message, nil),
            key: bytes(message.pointee.key, message.pointee.key_len),
            value: bytes(message.pointee.payload, message.pointee.len), headers: headers(message))
    }

    private static func headers(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>
    ) -> [KafkaRecord.Header] {
        var headers: OpaquePointer?
        guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else {
            return []
        }
        var read: [KafkaRecord.Header] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(headers, read.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR
        {
            read.append(KafkaRecord.Header(name: text(name) ?? "", value: bytes(value, size)))
        }
        return read
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
    }
}
