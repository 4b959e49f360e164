import CRdKafka

/// Sends records and commits what they were made of, both or neither: transactions of one producer.
package final class KafkaTransfer {
    private let handle: KafkaClientHandle

    /// - Parameter id: the transactional id; another producer that takes it ends this one.
    /// - Throws: `unreachable`, `loginFailed`, `refused`.
    package init(_ settings: KafkaClientSettings, id: String) throws(RemoteLogError) {
        handle = try KafkaClientHandle(
            settings, more: ["transactional.id": id, "compression.codec": "none", "linger.ms": "5"])
        try handle.connect()
        try check(rd_kafka_init_transactions(handle.client, handle.timeoutMilliseconds))
    }

    /// Sends records, with the offsets that a group has read up to then; durable on return.
    ///
    /// - Throws: what the server says; nothing of it is visible then.
    package func send(
        _ records: [KafkaRecord], reading offsets: [KafkaPartitionID: Int64], as group: String
    ) throws(RemoteLogError) {
        try check(rd_kafka_begin_transaction(handle.client))
        do throws(RemoteLogError) {
            for record in records { try produce(record) }
            let metadata = rd_kafka_consumer_group_metadata_new(group)
            defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
            let list = PartitionList(offsets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            try check(
                rd_kafka_send_offsets_to_transaction(
                    handle.client, list.list, metadata, handle.timeoutMilliseconds))
            try check(rd_kafka_commit_transaction(handle.client, handle.timeoutMilliseconds))
        } catch {
            if let left = rd_kafka_abort_transaction(handle.client, handle.timeoutMilliseconds) {
                rd_kafka_error_destroy(left)
            }
            throw error
        }
    }

    private func check(_ error: OpaquePointer?) throws(RemoteLogError) {
        guard let error else { return }
        defer { rd_kafka_error_destroy(error) }
        throw KafkaClientHandle.error(
            rd_kafka_error_code(error), rd_kafka_error_string(error).map { String(cString: $0) })
    }

    private func produce(_ record: KafkaRecord) throws(RemoteLogError) {
        let headers = rd_kafka_headers_new(record.headers.count)
        for header in record.headers {
            // A header without a value is another than one with an empty value.
            Self.withBytes(header.value) { start, count in
                _ = rd_kafka_header_add(headers, header.name, -1, start, count)
            }
        }
        let partition = record.partition ?? Int32(bitPattern: UInt32.max)
        let error = record.topic.withCString { topic in
            Self.withBytes(record.key) { key, keyCount in
                Self.withBytes(record.value) { value, valueCount in
                    var arguments = [
                        Self.argument(RD_KAFKA_VTYPE_TOPIC) { $0.cstr = topic },
                        Self.argument(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition },
                        Self.argument(RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = max(0, record.timestamp) },
                        Self.argument(RD_KAFKA_VTYPE_MSGFLAGS) {
                            $0.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK
                        },
                        Self.argument(RD_KAFKA_VTYPE_KEY) {
                            $0.mem.ptr = UnsafeMutableRawPointer(mutating: key)
                            $0.mem.size = keyCount
                        },
                        Self.argument(RD_KAFKA_VTYPE_VALUE) {
                            $0.mem.ptr = UnsafeMutableRawPointer(mutating: value)
                            $0.mem.size = valueCount
                        },
                        Self.argument(RD_KAFKA_VTYPE_HEADERS) { $0.headers = headers },
                    ]
                    return rd_kafka_produceva(handle.client, &arguments, arguments.count)
                }
            }
        }
        if let error {
            rd_kafka_headers_destroy(headers)
            try check(error)
        }
    }

    private typealias Argument = rd_kafka_vu_t

    private static func argument(
        _ type: rd_kafka_vtype_t, _ set: (inout Argument.__Unnamed_union_u) -> Void
    ) -> Argument {
        var argument = Argument()
        argument.vtype = type
        set(&argument.u)
        return argument
    }

    /// The bytes; a pointer to nothing for null, and to something for none.
    private static func withBytes<Result>(
        _ bytes: [UInt8]?, _ body: (UnsafeRawPointer?, Int) -> Result
    ) -> Result {
        guard let bytes else { return body(nil, 0) }
        return (bytes.isEmpty ? [0] : bytes).withUnsafeBytes { body($0.baseAddress, bytes.count) }
    }
}
