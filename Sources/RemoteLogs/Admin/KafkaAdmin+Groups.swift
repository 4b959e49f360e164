import CRdKafka

extension KafkaAdmin {
    /// All consumer groups by id.
    package func groups() throws(RemoteLogError) -> [KafkaGroupListing] {
        try handle.request(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS) { client, options, queue in
            rd_kafka_ListConsumerGroups(client, options, queue)
        } _: { event throws(RemoteLogError) in
            let result = rd_kafka_event_ListConsumerGroups_result(event)
            var count = 0
            for error in pointers(rd_kafka_ListConsumerGroups_result_errors(result, &count), count) {
                try KafkaClientHandle.check(error, of: "list of groups")
            }
            return pointers(rd_kafka_ListConsumerGroups_result_valid(result, &count), count).map { group in
                KafkaGroupListing(
                    id: text(rd_kafka_ConsumerGroupListing_group_id(group)) ?? "",
                    state: Self.name(rd_kafka_ConsumerGroupListing_state(group)),
                    isSimple: rd_kafka_ConsumerGroupListing_is_simple_consumer_group(group) != 0)
            }.sorted { $0.id < $1.id }
        }
    }

    /// The group; one that the server does not know is told of as Dead, as Kafka does.
    package func group(_ id: String) throws(RemoteLogError) -> KafkaGroup {
        try handle.request(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS) { client, options, queue in
            id.withCString { characters in
                var ids: [UnsafePointer<CChar>?] = [characters]
                rd_kafka_DescribeConsumerGroups(client, &ids, 1, options, queue)
            }
        } _: { event throws(RemoteLogError) in
            let result = rd_kafka_event_DescribeConsumerGroups_result(event)
            var count = 0
            let groups = pointers(rd_kafka_DescribeConsumerGroups_result_groups(result, &count), count)
            guard let group = groups.first else {
                throw RemoteLogError(.notFound, "the server told nothing of group \(id)")
            }
            try KafkaClientHandle.check(rd_kafka_ConsumerGroupDescription_error(group), of: "group \(id)")
            return try Self.group(group, id)
        }
    }

    private static func group(_ group: OpaquePointer, _ id: String) throws(RemoteLogError) -> KafkaGroup {
        var members: [KafkaGroup.Member] = []
        for index in 0..<rd_kafka_ConsumerGroupDescription_member_count(group) {
            guard let member = rd_kafka_ConsumerGroupDescription_member(group, index) else { continue }
            let assignment = rd_kafka_MemberDescription_assignment(member)
            let partitions = assignment.flatMap { rd_kafka_MemberAssignment_partitions($0) }
            members.append(
                KafkaGroup.Member(
                    id: text(rd_kafka_MemberDescription_consumer_id(member)) ?? "",
                    clientID: text(rd_kafka_MemberDescription_client_id(member)) ?? "",
                    host: text(rd_kafka_MemberDescription_host(member)) ?? "",
                    instanceID: text(rd_kafka_MemberDescription_group_instance_id(member)),
                    partitions: try PartitionList.entries(partitions).map(\.partition)))
        }
        return KafkaGroup(
            id: id, state: name(rd_kafka_ConsumerGroupDescription_state(group)),
            assignor: text(rd_kafka_ConsumerGroupDescription_partition_assignor(group)) ?? "",
            members: members)
    }

    private static func name(_ state: rd_kafka_consumer_group_state_t) -> String {
        text(rd_kafka_consumer_group_state_name(state)) ?? "Unknown"
    }

    package func deleteGroup(_ id: String) throws(RemoteLogError) {
        let group = rd_kafka_DeleteGroup_new(id)
        defer { rd_kafka_DeleteGroup_destroy(group) }
        try handle.request(RD_KAFKA_ADMIN_OP_DELETEGROUPS) { client, options, queue in
            var groups = [group]
            rd_kafka_DeleteGroups(client, &groups, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_DeleteGroups_result(event)
            for group in pointers(rd_kafka_DeleteGroups_result_groups(result, &count), count) {
                try KafkaClientHandle.check(rd_kafka_group_result_error(group), of: "group \(id)")
            }
        }
    }

    // MARK: Offsets

    /// The offsets that a group has committed.
    package func committedOffsets(of group: String) throws(RemoteLogError) -> [KafkaPartitionID: Int64] {
        let wanted = rd_kafka_ListConsumerGroupOffsets_new(group, nil)
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(wanted) }
        return try handle.request(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS) { client, options, queue in
            var groups = [wanted]
            rd_kafka_ListConsumerGroupOffsets(client, &groups, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
            var offsets: [KafkaPartitionID: Int64] = [:]
            for entry in try Self.entries(groups, count, group) where entry.offset >= 0 {
                offsets[entry.partition] = entry.offset
            }
            return offsets
        }
    }

    /// Commits offsets for a group that has no members.
    package func commitOffsets(
        _ offsets: [KafkaPartitionID: Int64], of group: String
    ) throws(RemoteLogError) {
        let list = PartitionList(offsets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        let wanted = rd_kafka_AlterConsumerGroupOffsets_new(group, list.list)
        defer { rd_kafka_AlterConsumerGroupOffsets_destroy(wanted) }
        try handle.request(RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS) { client, options, queue in
            var groups = [wanted]
            rd_kafka_AlterConsumerGroupOffsets(client, &groups, 1, options, queue)
        } _: { event throws(RemoteLogError) in
            var count = 0
            let result = rd_kafka_event_AlterConsumerGroupOffsets_result(event)
            let groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count)
            _ = try Self.entries(groups, count, group)
        }
    }

    private static func entries(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ id: String
    ) throws(RemoteLogError) -> [PartitionList.Entry] {
        var entries: [PartitionList.Entry] = []
        for group in pointers(results, count) {
            try KafkaClientHandle.check(rd_kafka_group_result_error(group), of: "group \(id)")
            entries += try PartitionList.entries(rd_kafka_group_result_partitions(group))
        }
        return entries
    }
}
