import JSONText
import StreamModel

/// Consumer groups, their members, what these read, and how far behind they are.
enum V3Groups {
    private static let group = "/clusters/{cluster_id}/consumer-groups/{consumer_group_id}"
    private static let consumer = group + "/consumers/{consumer_id}"

    static let operations: [V3Operation] = [
        V3Operation(.get, "/clusters/{cluster_id}/consumer-groups") { call in
            let groups = try await call.cluster.groups(for: call.caller)
            let coordinator = try await coordinator(call)
            return GatewayResponse.v3List(
                "KafkaConsumerGroupList", at: call.links.url("consumer-groups"), groups
            ) { write($0, coordinator, call.links, &$1) }
        },
        V3Operation(.get, group) { call in
            let found = try await find(call)
            let coordinator = try await coordinator(call)
            return GatewayResponse.v3 { write(found, coordinator, call.links, &$0) }
        },
        V3Operation(.get, group + "/consumers") { call in
            let found = try await find(call)
            return GatewayResponse.v3List(
                "KafkaConsumerList", at: call.links.url("consumer-groups", found.id, "consumers"),
                found.members
            ) { write($0, of: found.id, call.links, &$1) }
        },
        V3Operation(.get, consumer) { call in
            let (group, member) = try await member(call)
            return GatewayResponse.v3 { write(member, of: group, call.links, &$0) }
        },
        V3Operation(.get, consumer + "/assignments") { call in
            let (group, member) = try await member(call)
            return GatewayResponse.v3List(
                "KafkaConsumerAssignmentList",
                at: call.links.url("consumer-groups", group, "consumers", member.id, "assignments"),
                member.assignment
            ) { write($0, of: member.id, group, call.links, &$1) }
        },
        V3Operation(.get, consumer + "/assignments/{topic_name}/partitions/{partition_id}") { call in
            let (group, member) = try await member(call)
            let number = try call.number("partition_id")
            let found = member.assignment.first {
                $0.topic.rawValue == call["topic_name"] && $0.partition.rawValue == number
            }
            guard let found else { throw V3Error.notFound }
            return GatewayResponse.v3 { write(found, of: member.id, group, call.links, &$0) }
        },
        V3Operation(.get, group + "/lag-summary") { call in
            let summary = V3LagSummary(try await lags(call))
            guard let summary else { throw V3Error.notFound }
            return GatewayResponse.v3 { summary.write(of: call["consumer_group_id"], call.links, &$0) }
        },
        V3Operation(.get, group + "/lags") { call in
            let lags = try await lags(call).sorted {
                ($1.offset.lag, $0.offset.partition) < ($0.offset.lag, $1.offset.partition)
            }
            let group = call["consumer_group_id"]
            return GatewayResponse.v3List(
                "KafkaConsumerLagList", at: call.links.url("consumer-groups", group, "lags"), lags
            ) { $0.write(of: group, call.links, &$1) }
        },
        V3Operation(.get, group + "/lags/{topic_name}/partitions/{partition_id}") { call in
            let number = try call.number("partition_id")
            let found = try await lags(call).first {
                $0.offset.partition.topic.rawValue == call["topic_name"]
                    && $0.offset.partition.partition.rawValue == number
            }
            guard let found else { throw V3Error.notFound }
            return GatewayResponse.v3 { found.write(of: call["consumer_group_id"], call.links, &$0) }
        },
    ]

    // MARK: Finding

    private static func find(_ call: V3Call) async throws -> ClusterGroup {
        try await call.cluster.group(call["consumer_group_id"], for: call.caller)
    }

    private static func coordinator(_ call: V3Call) async throws -> Int32 {
        try await call.cluster.nodes(for: call.caller).first?.id ?? 0
    }

    private static func member(_ call: V3Call) async throws -> (group: String, ClusterGroup.Member) {
        let group = try await find(call)
        guard let member = group.members.first(where: { $0.id == call["consumer_id"] }) else {
            throw V3Error(.notFound, "Consumer \(call["consumer_id"]) does not exist.")
        }
        return (group.id, member)
    }

    private static func lags(_ call: V3Call) async throws -> [V3Lag] {
        let group = try await find(call)
        let offsets = try await call.cluster.committedOffsets(of: group.id, for: call.caller)
        guard !offsets.isEmpty else {
            throw V3Error(.notFound, "Consumer group offsets could not be found.")
        }
        return offsets.map { offset in
            V3Lag(
                offset: offset, member: group.members.first { $0.assignment.contains(offset.partition) })
        }
    }

    // MARK: Telling

    private static func write(
        _ group: ClusterGroup, _ coordinator: Int32, _ links: V3Links, _ writer: inout JSONWriter
    ) {
        writer.resource(
            "KafkaConsumerGroup", at: links.url("consumer-groups", group.id),
            named: links.name(("consumer-group", group.id))
        ) {
            $0.member("cluster_id", links.clusterID)
            $0.member("consumer_group_id", group.id)
            $0.member("is_simple", group.isSimple)
            $0.member("partition_assignor", group.assignor)
            $0.member("state", group.state)
            $0.member("type", "CLASSIC")
            $0.member("is_mixed_consumer_group", false)
            $0.link("coordinator", links.url("brokers", "\(coordinator)"))
            $0.link("consumers", links.url("consumer-groups", group.id, "consumers"))
            $0.link("lag_summary", links.url("consumer-groups", group.id, "lag-summary"))
        }
    }

    private static func write(
        _ member: ClusterGroup.Member, of group: String, _ links: V3Links, _ writer: inout JSONWriter
    ) {
        writer.resource(
            "KafkaConsumer", at: links.url("consumer-groups", group, "consumers", member.id),
            named: links.name(("consumer-group", group), ("consumer", member.id))
        ) {
            $0.member("cluster_id", links.clusterID)
            $0.member("consumer_group_id", group)
            $0.member("consumer_id", member.id)
            $0.member("instance_id", orNull: member.instanceID)
            $0.member("client_id", member.clientID)
            $0.link(
                "assignments", links.url("consumer-groups", group, "consumers", member.id, "assignments"))
        }
    }

    private static func write(
        _ partition: TopicPartition, of member: String, _ group: String, _ links: V3Links,
        _ writer: inout JSONWriter
    ) {
        let topic = partition.topic.rawValue, id = "\(partition.partition)"
        writer.resource(
            "KafkaConsumerAssignment",
            at: links.url(
                "consumer-groups", group, "consumers", member, "assignments", topic, "partitions", id),
            named: links.name(
                ("consumer-group", group), ("consumer", member), ("assignment", topic), ("partition", id))
        ) {
            $0.member("cluster_id", links.clusterID)
            $0.member("consumer_group_id", group)
            $0.member("consumer_id", member)
            $0.member("topic_name", topic)
            $0.member("partition_id", partition.partition.rawValue)
            $0.link("partition", links.url("topics", topic, "partitions", id))
            $0.link("lag", links.url("consumer-groups", group, "lags", topic, "partitions", id))
        }
    }
}

/// How far a group is behind in a partition, and which member reads it.
struct V3Lag: Sendable {
    var offset: ClusterGroupOffset
    var member: ClusterGroup.Member?

    func write(of group: String, _ links: V3Links, _ writer: inout JSONWriter) {
        let topic = offset.partition.topic.rawValue, id = "\(offset.partition.partition)"
        writer.resource(
            "KafkaConsumerLag", at: links.url("consumer-groups", group, "lags", topic, "partitions", id),
            named: links.name(("consumer-group", group), ("lag", topic), ("partition", id))
        ) {
            $0.member("cluster_id", links.clusterID)
            $0.member("consumer_group_id", group)
            $0.member("topic_name", topic)
            $0.member("partition_id", offset.partition.partition.rawValue)
            $0.member("consumer_id", member?.id ?? "")
            $0.member("instance_id", orNull: member?.instanceID)
            $0.member("client_id", member?.clientID ?? "")
            $0.member("current_offset", offset.committed.rawValue)
            $0.member("log_end_offset", offset.end.rawValue)
            $0.member("lag", offset.lag)
        }
    }
}

/// The worst of a group's lags, and all together.
struct V3LagSummary: Sendable {
    let worst: V3Lag
    let total: Int64

    /// Nil without lags.
    init?(_ lags: [V3Lag]) {
        // Of equals the first.
        guard var worst = lags.first else { return nil }
        for lag in lags where lag.offset.lag > worst.offset.lag { worst = lag }
        self.worst = worst
        total = lags.reduce(0) { sum, lag in
            let (next, overflow) = sum.addingReportingOverflow(lag.offset.lag)
            return overflow ? .max : next
        }
    }

    func write(of group: String, _ links: V3Links, _ writer: inout JSONWriter) {
        let topic = worst.offset.partition.topic.rawValue, id = "\(worst.offset.partition.partition)"
        let member = worst.member?.id ?? ""
        writer.resource(
            "KafkaConsumerGroupLagSummary", at: links.url("consumer-groups", group, "lag-summary"),
            named: links.name(("consumer-group", group), ("lag-summary", ""))
        ) {
            $0.member("cluster_id", links.clusterID)
            $0.member("consumer_group_id", group)
            $0.member("max_lag_consumer_id", member)
            $0.member("max_lag_instance_id", orNull: worst.member?.instanceID)
            $0.member("max_lag_client_id", worst.member?.clientID ?? "")
            $0.member("max_lag_topic_name", topic)
            $0.member("max_lag_partition_id", worst.offset.partition.partition.rawValue)
            $0.member("max_lag", worst.offset.lag)
            $0.member("total_lag", total)
            $0.link(
                "max_lag_consumer",
                member.isEmpty
                    ? links.url("consumer-groups", group, "consumers")
                    : links.url("consumer-groups", group, "consumers", member))
            $0.link("max_lag_partition", links.url("topics", topic, "partitions", id))
        }
    }
}
