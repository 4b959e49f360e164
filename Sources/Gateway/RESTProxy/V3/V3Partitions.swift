import JSONText
import StreamModel

/// Partitions, their replicas, offsets and reassignments; with one node nothing is ever reassigned.
enum V3Partitions {
    private static let partitions = "/clusters/{cluster_id}/topics/{topic_name}/partitions"

    static let operations: [V3Operation] = [
        V3Operation(.get, partitions) { call in
            let topic = try await call.cluster.topic(call["topic_name"], for: call.caller)
            let leader = try await leader(call)
            return GatewayResponse.v3List(
                "KafkaPartitionList", at: call.links.url("topics", topic.name.rawValue, "partitions"),
                Array(0..<Int32(clamping: topic.partitionCount))
            ) { write($0, of: topic, leader, call.links, &$1) }
        },
        V3Operation(.get, partitions + "/{partition_id}") { call in
            let (topic, partition) = try await find(call)
            let leader = try await leader(call)
            return GatewayResponse.v3 { write(partition, of: topic, leader, call.links, &$0) }
        },
        V3Operation(.get, partitions + "/{partition_id}/replicas") { call in
            let replica = try await replica(call)
            return GatewayResponse.v3List(
                "KafkaReplicaList",
                at: call.links.url(
                    "topics", replica.topic, "partitions", "\(replica.partition)", "replicas"), [replica]
            ) { $0.write(call.links, &$1) }
        },
        V3Operation(.get, partitions + "/{partition_id}/replicas/{broker_id}") { call in
            let replica = try await replica(call)
            guard try call.number("broker_id") == replica.broker else { throw V3Error.notFound }
            return GatewayResponse.v3 { replica.write(call.links, &$0) }
        },
        V3Operation(.get, partitions + "/{partition_id}/offset", offset),
        V3Operation(.get, partitions + "/{partition_id}/reassignment") { call in
            _ = try await call.cluster.topic(call["topic_name"], for: call.caller)
            throw V3Error.notFound
        },
        V3Operation(.get, partitions + "/-/reassignment") { call in
            let topic = try await call.cluster.topic(call["topic_name"], for: call.caller)
            return noReassignments(
                call.links.url("topics", topic.name.rawValue, "partitions", "-", "reassignment"))
        },
        V3Operation(.get, "/clusters/{cluster_id}/topics/-/partitions/-/reassignment") { call in
            noReassignments(call.links.url("topics", "-", "partitions", "-", "reassignment"))
        },
    ]

    private static func noReassignments(_ url: String) -> GatewayResponse {
        GatewayResponse.v3List("KafkaReassignmentList", at: url, [Never]()) { _, _ in }
    }

    private static func leader(_ call: V3Call) async throws -> Int32 {
        try await call.cluster.nodes(for: call.caller).first?.id ?? 0
    }

    /// The partition that the path names.
    private static func find(
        _ call: V3Call, orThrow absent: V3Error = .notFound
    ) async throws -> (topic: ClusterTopic, partition: Int32) {
        let topic = try await call.cluster.topic(call["topic_name"], for: call.caller)
        let partition = try call.number("partition_id")
        guard partition >= 0, Int(partition) < topic.partitionCount else { throw absent }
        return (topic, partition)
    }

    private static func replica(_ call: V3Call) async throws -> V3Replica {
        let (topic, partition) = try await find(
            call,
            orThrow: V3Error(
                .notFound,
                "Partition \(call["partition_id"]) of topic \(call["topic_name"]) could not be found on cluster "
                    + "\(call["cluster_id"])."))
        return V3Replica(topic: topic.name.rawValue, partition: partition, broker: try await leader(call))
    }

    @Sendable private static func offset(_ call: V3Call) async throws -> GatewayResponse {
        let kind = call.request.query["offset_type"] ?? "earliest_and_latest"
        guard kind == "earliest_and_latest" else {
            throw V3Error(.badRequest, "offset_type:\(kind.prefix(64)) is invalid")
        }
        let (topic, partition) = try await find(call, orThrow: .partitionNotFound)
        let name = topic.name.rawValue, id = "\(partition)"
        let offsets = try await call.cluster.offsets(ofPartition: partition, of: name, for: call.caller)
        let links = call.links
        return GatewayResponse.v3 { writer in
            writer.resource(
                "KafkaPartitionWithOffsets", at: links.url("topics", name, "partitions", id, "offset"),
                named: links.name(("topic", name), ("partition", id), ("offset_type", kind))
            ) {
                $0.member("cluster_id", links.clusterID)
                $0.member("topic_name", name)
                $0.member("partition_id", partition)
                $0.member("earliest_offset", offsets.earliest.rawValue)
                $0.member("latest_offset", offsets.latest.rawValue)
            }
        }
    }

    private static func write(
        _ partition: Int32, of topic: ClusterTopic, _ leader: Int32, _ links: V3Links,
        _ writer: inout JSONWriter
    ) {
        let name = topic.name.rawValue, id = "\(partition)"
        writer.resource(
            "KafkaPartition", at: links.url("topics", name, "partitions", id),
            named: links.name(("topic", name), ("partition", id))
        ) {
            $0.member("cluster_id", links.clusterID)
            $0.member("topic_name", name)
            $0.member("partition_id", partition)
            $0.link("leader", links.url("topics", name, "partitions", id, "replicas", "\(leader)"))
            $0.link("replicas", links.url("topics", name, "partitions", id, "replicas"))
            $0.link("reassignment", links.url("topics", name, "partitions", id, "reassignment"))
        }
    }
}
