import JSONText
import StreamModel

/// Clusters and their brokers.
enum V3Clusters {
    static let operations: [V3Operation] = [
        V3Operation(.get, "/clusters") { call in
            let nodes = try await call.cluster.nodes(for: call.caller)
            return GatewayResponse.v3List("KafkaClusterList", at: call.links.clusters, [nodes]) {
                write($0, call, &$1)
            }
        },
        V3Operation(.get, "/clusters/{cluster_id}") { call in
            let nodes = try await call.cluster.nodes(for: call.caller)
            return GatewayResponse.v3 { write(nodes, call, &$0) }
        },
        V3Operation(.get, "/clusters/{cluster_id}/brokers") { call in
            let nodes = try await call.cluster.nodes(for: call.caller)
            return GatewayResponse.v3List("KafkaBrokerList", at: call.links.url("brokers"), nodes) {
                write($0, call.links, &$1)
            }
        },
        V3Operation(.get, "/clusters/{cluster_id}/brokers/{broker_id}") { call in
            let node = try await node(call)
            return GatewayResponse.v3 { write(node, call.links, &$0) }
        },
        V3Operation(.get, "/clusters/{cluster_id}/brokers/{broker_id}/partition-replicas") { call in
            let node = try await node(call)
            var replicas: [V3Replica] = []
            for topic in try await call.cluster.topics(for: call.caller) {
                for partition in 0..<topic.partitionCount {
                    replicas.append(
                        V3Replica(topic: topic.name.rawValue, partition: Int32(partition), broker: node.id))
                }
            }
            return GatewayResponse.v3List(
                "KafkaReplicaList", at: call.links.url("brokers", "\(node.id)", "partition-replicas"),
                replicas
            ) { $0.write(call.links, &$1) }
        },
    ]

    /// The broker that the path names.
    static func node(_ call: V3Call) async throws -> ClusterNode {
        let id = try call.number("broker_id")
        guard let node = try await call.cluster.nodes(for: call.caller).first(where: { $0.id == id }) else {
            throw V3Error.notFound
        }
        return node
    }

    private static func write(_ nodes: [ClusterNode], _ call: V3Call, _ writer: inout JSONWriter) {
        let links = call.links
        writer.resource("KafkaCluster", at: links.url(), named: links.name()) { writer in
            writer.member("cluster_id", links.clusterID)
            if let controller = nodes.first {
                writer.link("controller", links.url("brokers", "\(controller.id)"))
            }
            writer.link("acls", links.url("acls"))
            writer.link("brokers", links.url("brokers"))
            writer.link("broker_configs", links.url("broker-configs"))
            writer.link("consumer_groups", links.url("consumer-groups"))
            writer.link("topics", links.url("topics"))
            writer.link(
                "partition_reassignments", links.url("topics", "-", "partitions", "-", "reassignment"))
        }
    }

    private static func write(_ node: ClusterNode, _ links: V3Links, _ writer: inout JSONWriter) {
        let id = "\(node.id)"
        writer.resource("KafkaBroker", at: links.url("brokers", id), named: links.name(("broker", id))) {
            $0.member("cluster_id", links.clusterID)
            $0.member("broker_id", node.id)
            $0.member("host", node.host)
            $0.member("port", node.port)
            $0.member("rack", orNull: nil)
            $0.link("configs", links.url("brokers", id, "configs"))
            $0.link("partition_replicas", links.url("brokers", id, "partition-replicas"))
        }
    }
}

/// The copy of a partition on a broker; the only one, so it leads and is in sync.
struct V3Replica: Sendable {
    var topic: String
    var partition: Int32
    var broker: Int32

    func write(_ links: V3Links, _ writer: inout JSONWriter) {
        let partitionID = "\(partition)", brokerID = "\(broker)"
        writer.resource(
            "KafkaReplica",
            at: links.url("topics", topic, "partitions", partitionID, "replicas", brokerID),
            named: links.name(("topic", topic), ("partition", partitionID), ("replica", brokerID))
        ) {
            $0.member("cluster_id", links.clusterID)
            $0.member("topic_name", topic)
            $0.member("partition_id", partition)
            $0.member("broker_id", broker)
            $0.member("is_leader", true)
            $0.member("is_in_sync", true)
            $0.link("broker", links.url("brokers", brokerID))
        }
    }
}
