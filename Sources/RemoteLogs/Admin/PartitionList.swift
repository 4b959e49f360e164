import CRdKafka

/// A list of partitions with offsets, in librdkafka's form.
final class PartitionList {
    struct Entry {
        var partition: KafkaPartitionID
        /// Negative for none.
        var offset: Int64
    }

    let list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?

    init(_ entries: [(partition: KafkaPartitionID, offset: Int64)]) {
        list = rd_kafka_topic_partition_list_new(Int32(clamping: entries.count))
        for entry in entries {
            let added = rd_kafka_topic_partition_list_add(
                list, entry.partition.topic, entry.partition.partition)
            added?.pointee.offset = entry.offset
        }
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(list)
    }

    /// - Throws: the first error that an entry bears.
    static func entries(
        _ list: UnsafePointer<rd_kafka_topic_partition_list_t>?
    ) throws(RemoteLogError) -> [Entry] {
        guard let list else { return [] }
        var entries: [Entry] = []
        for element in UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)) {
            let partition = KafkaPartitionID(text(element.topic) ?? "", element.partition)
            guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaClientHandle.error(element.err, nil).about("\(partition)")
            }
            entries.append(Entry(partition: partition, offset: element.offset))
        }
        return entries
    }
}
