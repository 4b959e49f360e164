import JSONText
import NIOCore
import StreamModel
import Testing

@testable import Gateway

@Suite struct V3DialectTests {
    private let dialect = V3Dialect(HeldAppender())

    private func template(_ path: String) -> String? {
        dialect.endpoint(path.split(separator: "/").map(String.init)[...], QueryItems())?.template
    }

    @Test func thereAreFiftyOperations() {
        #expect(dialect.templates.values.joined().count == 50)
    }

    @Test func whatIsDescribedIsWhatIsServed() {
        let described = Dictionary(grouping: V3Dialect.api.operations, by: \.path)
            .mapValues { Set($0.map(\.method)) }
        #expect(described == dialect.templates.mapValues(Set.init))
    }

    @Test func everySchemaThatIsNamedIsThereAndIsJSON() throws {
        let schemas = V3Dialect.api.schemas
        for (name, schema) in schemas {
            #expect(throws: Never.self, "\(name)") { try JSONTree(Array(schema.utf8)) }
            for reference in schema.split(separator: "#/components/schemas/").dropFirst() {
                #expect(schemas[String(reference.prefix { $0 != "\"" })] != nil)
            }
        }
        for operation in V3Dialect.api.operations {
            let named = operation.answers.compactMap(\.schema) + [operation.body?.schema].compactMap(\.self)
            #expect(named.allSatisfy { schemas[$0] != nil }, "\(operation.path)")
        }
    }

    @Test(arguments: [
        ("v3/clusters", "/v3/clusters"), ("v3/clusters/c", "/v3/clusters/{cluster_id}"),
        ("v3/clusters/c/topics/-/configs", "/v3/clusters/{cluster_id}/topics/-/configs"),
        ("v3/clusters/c/topics/t/configs", "/v3/clusters/{cluster_id}/topics/{topic_name}/configs"),
        (
            "v3/clusters/c/topics/t/configs:alter",
            "/v3/clusters/{cluster_id}/topics/{topic_name}/configs:alter"
        ),
        (
            "v3/clusters/c/topics/-/partitions/-/reassignment",
            "/v3/clusters/{cluster_id}/topics/-/partitions/-/reassignment"
        ),
        (
            "v3/clusters/c/topics/t/partitions/-/reassignment",
            "/v3/clusters/{cluster_id}/topics/{topic_name}/partitions/-/reassignment"
        ),
        ("v3/clusters/c/brokers/-/configs", "/v3/clusters/{cluster_id}/brokers/-/configs"),
        (
            "v3/clusters/c/topics/t/records:batch",
            "/v3/clusters/{cluster_id}/topics/{topic_name}/records:batch"
        ),
    ])
    func pathsAreFound(path: String, expected: String) {
        #expect(template(path) == expected)
    }

    @Test(arguments: ["v3", "v3/topics", "v3/clusters/c/nothing", "v3/clusters/c/topics/t/records/1"])
    func otherPathsAreNot(path: String) {
        #expect(template(path) == nil)
    }

    @Test func linksAreMadeOfWhatTheClientHasWrittenAndEscaped() {
        var head = HTTPRequestHead()
        head.fields = HTTPFields(ByteBuffer(string: "Host: h:1\r\n"))
        let request = GatewayRequest(
            head: head, path: [], stage: "/prod", query: QueryItems(), body: ByteBuffer(),
            caller: .anonymous(from: "127.0.0.1"))
        let links = V3Links(request, clusterID: "c/1")
        #expect(links.url() == "http://h:1/prod/v3/clusters/c%2F1")
        #expect(links.url("topics", "a b%é") == "http://h:1/prod/v3/clusters/c%2F1/topics/a%20b%25%C3%A9")
        #expect(
            links.url("acls", query: [("principal", "User:*"), ("host", "a b")])
                == "http://h:1/prod/v3/clusters/c%2F1/acls?principal=User%3A*&host=a+b")
        #expect(links.name(("topic", "t"), ("partition", "0")) == "crn:///kafka=c/1/topic=t/partition=0")
        #expect(links.name(("lag-summary", "")) == "crn:///kafka=c/1/lag-summary")
    }

    @Test func theWorstLagIsTheFirstOfEquals() throws {
        let topic = try #require(TopicName("t"))
        let lags = [3, 9, 9, 1].enumerated().map { place, lag in
            V3Lag(
                offset: ClusterGroupOffset(
                    partition: TopicPartition(topic, PartitionIndex(Int32(place))), committed: Offset(0),
                    metadata: "", end: Offset(Int64(lag))))
        }
        let summary = try #require(V3LagSummary(lags))
        #expect(summary.worst.offset.partition.partition == PartitionIndex(1))
        #expect(summary.total == 22)
        #expect(V3LagSummary([]) == nil)
    }
}
