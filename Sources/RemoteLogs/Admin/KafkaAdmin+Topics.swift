import CRdKafka
import KafkaWire

extension KafkaAdmin {
    /// All topics by name.
    package func topics() throws(RemoteLogError) -> [KafkaTopic] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(handle.client, 1, nil, &metadata, handle.timeoutMilliseconds)
        guard let metadata else { throw KafkaClientHandle.error(code, nil) }
        defer { rd_kafka_metadata_destroy(metadata) }
        let found = UnsafeBufferPointer(
            start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt))
        return found.map { topic in
            let partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
            return KafkaTopic(
                name: text(topic.topic) ?? "",
                partitions: partitions.map { partition in
                    KafkaTopic.Partition(
                        index: partition.id, leader: partition.leader,
                        replicas: Array(
                            UnsafeBufferPointer(
                                start: partition.replicas, count: Int(partition.replica_cnt))),
                        inSyncReplicas: Array(
                            UnsafeBufferPointer(start: partition.isrs, count: Int(partition.isr_cnt))))
                }.sorted { $0.index < $1.index })
        }.sorted { $0.name < $1.name }
    }

    /// Topics of these names, in their order.
    ///
    /// - Throws: `notFound` for the first that does not exist.
    package func topics(named names: [String]) throws(RemoteLogError) -> [KafkaTopic] {
        let all = try topics()
        var found: [KafkaTopic] = []
        for name in names {
            guard let topic = all.first(where: { $0.name == name }) else {
                throw RemoteLogError(
                    .notFound, "there is no topic \(name); 'pinline topics list' shows those there are")
            }
            found.append(topic)
        }
        return found
    }

    /// - Parameters:
    ///   - partitions: nil leaves the number to the server, as it does for `replicationFactor`.
    ///   - isTrial: asks whether it could be made, without making it.
    package func createTopic(
        _ name: String, partitions: Int32?, replicationFactor: Int32?,
        settings: [(name: String, value: String)],
        isTrial: Bool = false
    ) throws(RemoteLogError) {
        var message = [CChar](repeating: 0, count: KafkaClientHandle.textSize)
        guard
            let topic = rd_kafka_NewTopic_new(
                name, partitions ?? -1, replicationFactor ?? -1, &message, message.count)
        else { throw RemoteLogError(.refused, "\(name): \(KafkaClientHandle.string(message))") }
        defer { rd_kafka_NewTopic_destroy(topic) }
        for setting in settings { rd_kafka_NewTopic_set_config(topic, setting.name, setting.value) }
        try handle.request(RD_KAFKA_ADMIN_OP_CREATETOPICS) { client, options, queue in
            if isTrial { rd_kafka_AdminOptions_set_validate_only(options, 1, nil, 0) }
            var topics: [OpaquePointer?] = [topic]
            rd_kafka_CreateTopics(client, &topics, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_CreateTopics_result(event)
            try Self.check(rd_kafka_CreateTopics_result_topics(result, &count), count)
        }
    }

    package func deleteTopic(_ name: String) throws(RemoteLogError) {
        let topic = rd_kafka_DeleteTopic_new(name)
        defer { rd_kafka_DeleteTopic_destroy(topic) }
        try handle.request(RD_KAFKA_ADMIN_OP_DELETETOPICS) { client, options, queue in
            var topics = [topic]
            rd_kafka_DeleteTopics(client, &topics, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_DeleteTopics_result(event)
            try Self.check(rd_kafka_DeleteTopics_result_topics(result, &count), count)
        }
    }

    /// - Parameter total: how many there shall be; their number can only grow.
    package func setPartitions(of name: String, to total: Int) throws(RemoteLogError) {
        var message = [CChar](repeating: 0, count: KafkaClientHandle.textSize)
        guard let wanted = rd_kafka_NewPartitions_new(name, total, &message, message.count) else {
            throw RemoteLogError(.refused, "\(name): \(KafkaClientHandle.string(message))")
        }
        defer { rd_kafka_NewPartitions_destroy(wanted) }
        try handle.request(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS) { client, options, queue in
            var topics: [OpaquePointer?] = [wanted]
            rd_kafka_CreatePartitions(client, &topics, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_CreatePartitions_result(event)
            try Self.check(rd_kafka_CreatePartitions_result_topics(result, &count), count)
        }
    }

    private static func check(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int
    ) throws(RemoteLogError) {
        for result in pointers(results, count) {
            let code = rd_kafka_topic_result_error(result)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            throw KafkaClientHandle.error(code, text(rd_kafka_topic_result_error_string(result)))
                .about(text(rd_kafka_topic_result_name(result)) ?? "topic")
        }
    }

    // MARK: Settings

    /// The settings of a topic in effect, by name.
    package func settings(of topic: String) throws(RemoteLogError) -> [KafkaTopicSetting] {
        let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
        defer { rd_kafka_ConfigResource_destroy(resource) }
        return try handle.request(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) { client, options, queue in
            var resources = [resource]
            rd_kafka_DescribeConfigs(client, &resources, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_DescribeConfigs_result(event)
            let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
            return try Self.checked(resources, count).flatMap(Self.settings).sorted { $0.name < $1.name }
        }
    }

    /// Sets and resets settings of a topic; those that are not named stay, whoever changes them meanwhile.
    ///
    /// - Throws: `refused` by a server older than Apache Kafka 2.3, too: it can only replace all settings at once.
    package func changeSettings(
        of topic: String, set: [(name: String, value: String)], reset: [String]
    ) throws(RemoteLogError) {
        typealias Request = IncrementalAlterConfigsRequest
        let wanted = set.map {
            Request.Config(name: $0.name, operation: Request.Operation.set.rawValue, value: $0.value)
        }
        let unwanted = reset.map {
            Request.Config(name: $0, operation: Request.Operation.delete.rawValue, value: nil)
        }
        let resource = Request.Resource(
            type: Int8(truncatingIfNeeded: RD_KAFKA_RESOURCE_TOPIC.rawValue), name: topic,
            configs: wanted + unwanted)
        try Self.check(call(IncrementalAlterConfigsCall(resource)), of: topic)
    }

    private static func checked(
        _ resources: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int
    ) throws(RemoteLogError) -> [OpaquePointer] {
        let resources = pointers(resources, count)
        for resource in resources {
            let code = rd_kafka_ConfigResource_error(resource)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            throw KafkaClientHandle.error(code, text(rd_kafka_ConfigResource_error_string(resource)))
                .about(text(rd_kafka_ConfigResource_name(resource)) ?? "topic")
        }
        return resources
    }

    private static func settings(_ resource: OpaquePointer) -> [KafkaTopicSetting] {
        var count = 0
        return pointers(rd_kafka_ConfigResource_configs(resource, &count), count).map { entry in
            KafkaTopicSetting(
                name: text(rd_kafka_ConfigEntry_name(entry)) ?? "",
                value: text(rd_kafka_ConfigEntry_value(entry)),
                isOfTopic: rd_kafka_ConfigEntry_source(entry) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
        }
    }

    // MARK: Offsets

    /// The offsets that a partition holds.
    package func offsets(of partition: KafkaPartitionID) throws(RemoteLogError) -> KafkaOffsetRange {
        var range = KafkaOffsetRange(start: 0, end: 0)
        let code = rd_kafka_query_watermark_offsets(
            handle.client, partition.topic, partition.partition, &range.start, &range.end,
            handle.timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaClientHandle.error(code, nil).about("\(partition)")
        }
        return range
    }

    /// The first offset of each partition whose record is of this time or later; nil where there is none.
    ///
    /// - Parameter timestamp: milliseconds since 1970.
    package func offsets(
        of partitions: [KafkaPartitionID], atOrAfter timestamp: Int64
    ) throws(RemoteLogError) -> [KafkaPartitionID: Int64] {
        let list = PartitionList(partitions.map { ($0, timestamp) })
        let code = rd_kafka_offsets_for_times(handle.client, list.list, handle.timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaClientHandle.error(code, nil) }
        var found: [KafkaPartitionID: Int64] = [:]
        for entry in try PartitionList.entries(list.list) where entry.offset >= 0 {
            found[entry.partition] = entry.offset
        }
        return found
    }
}
