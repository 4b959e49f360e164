import Foundation
import KafkaWire
import Testing

/// Every request that is understood; the fuzz tests go through them all.
enum RequestDecoders {
    static let all: [any KafkaRequest.Type] = [
        AddOffsetsToTxnRequest.self,
        AddPartitionsToTxnRequest.self,
        AlterConfigsRequest.self,
        AlterPartitionReassignmentsRequest.self,
        AlterReplicaLogDirsRequest.self,
        ApiVersionsRequest.self,
        CreateACLsRequest.self,
        CreatePartitionsRequest.self,
        CreateTopicsRequest.self,
        DeleteACLsRequest.self,
        DeleteGroupsRequest.self,
        DeleteRecordsRequest.self,
        DeleteTopicsRequest.self,
        DescribeACLsRequest.self,
        DescribeClusterRequest.self,
        DescribeConfigsRequest.self,
        DescribeGroupsRequest.self,
        DescribeLogDirsRequest.self,
        DescribeProducersRequest.self,
        DescribeTransactionsRequest.self,
        ElectLeadersRequest.self,
        EndTxnRequest.self,
        FetchRequest.self,
        FindCoordinatorRequest.self,
        HeartbeatRequest.self,
        IncrementalAlterConfigsRequest.self,
        InitProducerIdRequest.self,
        JoinGroupRequest.self,
        LeaveGroupRequest.self,
        ListGroupsRequest.self,
        ListOffsetsRequest.self,
        ListPartitionReassignmentsRequest.self,
        ListTransactionsRequest.self,
        MetadataRequest.self,
        OffsetCommitRequest.self,
        OffsetDeleteRequest.self,
        OffsetFetchRequest.self,
        OffsetForLeaderEpochRequest.self,
        ProduceRequest.self,
        SaslAuthenticateRequest.self,
        SaslHandshakeRequest.self,
        SyncGroupRequest.self,
        TxnOffsetCommitRequest.self,
    ]
}

@Suite struct RequestDecoderTests {
    @Test func everyRequestOfTheSourcesIsInTheList() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appendingPathComponent("Sources/KafkaWire/Messages")
        var declared: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(of: /struct (\w+): (?:\w+, )*KafkaRequest\b/) {
                declared.insert(String(match.1))
            }
        }
        let listed = Set(RequestDecoders.all.map { "\($0)" })
        #expect(declared.subtracting(listed).sorted() == [], "add them to RequestDecoders.all")
    }

    @Test func everyKeyHasADecoder() {
        let decoded = Set(RequestDecoders.all.map { $0.api })
        #expect(APIKey.allCases.filter { !decoded.contains($0) } == [])
    }

    @Test func noKeyHasTwoDecoders() {
        #expect(Set(RequestDecoders.all.map { $0.api }).count == RequestDecoders.all.count)
    }
}
