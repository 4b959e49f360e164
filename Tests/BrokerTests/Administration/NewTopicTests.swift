import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Testing

@testable import Broker

/// What a client may ask of a topic that is to be made, and what it is told otherwise.
@Suite struct NewTopicTests {
    private func check(
        _ name: String = "pins", partitions: Int32 = 1, replication: Int16 = 1,
        assignments: [(Int32, [Int32])] = [], configs: [(String, String?)] = []
    ) throws(AdministrationError) -> NewTopic {
        var topic = CreateTopicsRequest.Topic(
            name: name, partitionCount: partitions, replicationFactor: replication)
        topic.assignments = assignments.map { .init(partitionIndex: $0.0, brokerIDs: $0.1) }
        topic.configs = configs.map { .init(name: $0.0, value: $0.1) }
        return try NewTopic(topic, defaultPartitionCount: 5, assignments: PartitionAssignments(brokerID: 0))
    }

    private func code(_ body: () throws(AdministrationError) -> NewTopic) -> KafkaErrorCode? {
        do throws(AdministrationError) {
            _ = try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aPlainTopicIsTakenAsItIs() throws {
        let topic = try check(partitions: 3, configs: [("retention.ms", "1000")])
        #expect(topic.name.rawValue == "pins" && topic.partitionCount == 3)
        #expect(topic.configuration.overrides == ["retention.ms": "1000"])
    }

    @Test func minusOneStandsForTheDefaults() throws {
        #expect(try check(partitions: -1, replication: -1).partitionCount == 5)
    }

    @Test func assignmentsSayHowManyPartitionsThereAre() throws {
        let topic = try check(partitions: -1, replication: -1, assignments: [(1, [0]), (0, [0])])
        #expect(topic.partitionCount == 2)
    }

    @Test(arguments: ["", ".", "..", "a b", "ä", String(repeating: "x", count: 250)])
    func aNameThatNoTopicCanHaveIsRefused(_ name: String) {
        #expect(code { () throws(AdministrationError) in try check(name) } == .invalidTopic)
    }

    @Test(arguments: [0, -2, Int32.min])
    func aNumberOfPartitionsThatIsNotPositiveIsRefused(_ count: Int32) {
        #expect(code { () throws(AdministrationError) in try check(partitions: count) } == .invalidPartitions)
    }

    @Test(arguments: [0, 2, -2, Int16.min, Int16.max])
    func aReplicationFactorOtherThanOneIsRefused(_ factor: Int16) {
        let code = code { () throws(AdministrationError) in try check(replication: factor) }
        #expect(code == .invalidReplicationFactor)
    }

    @Test func assignmentsBesideCountsAreRefused() {
        let one: [(Int32, [Int32])] = [(0, [0])]
        for (partitions, replication) in [(1, -1), (-1, 1)] as [(Int32, Int16)] {
            let code = code { () throws(AdministrationError) in
                try check(partitions: partitions, replication: replication, assignments: one)
            }
            #expect(code == .invalidRequest)
        }
    }

    @Test func assignmentsThatDoNotFitAreRefused() {
        let wrong: [[(Int32, [Int32])]] = [
            [(0, [1])], [(0, [])], [(0, [0, 0])], [(0, [0]), (0, [0])], [(1, [0])], [(0, [0]), (2, [0])],
            [(-1, [0]), (0, [0])], [(Int32.max, [0])],
        ]
        for assignments in wrong {
            let code = code { () throws(AdministrationError) in
                try check(partitions: -1, replication: -1, assignments: assignments)
            }
            #expect(code == .invalidReplicaAssignment, "\(assignments)")
        }
    }

    @Test func settingsThatAreNotKnownOrNotAllowedAreRefused() {
        for config in [("no.such", "1"), ("retention.ms", "soon"), ("cleanup.policy", "burn")] {
            let code = code { () throws(AdministrationError) in try check(configs: [config]) }
            #expect(code == .invalidConfig, "\(config)")
        }
        let code = code { () throws(AdministrationError) in try check(configs: [("retention.ms", nil)]) }
        #expect(code == .invalidRequest)
    }
}

@Suite struct PartitionGrowthTests {
    private func growth(
        to count: Int32, from current: Int, assignments: [[Int32]]? = nil
    ) throws(AdministrationError) -> Int {
        try PartitionGrowth(
            CreatePartitionsRequest.Topic(name: "pins", count: count, assignments: assignments),
            currentCount: current, assignments: PartitionAssignments(brokerID: 0)
        ).count
    }

    @Test func moreThanThereAreIsHowManyAreAdded() throws {
        #expect(try growth(to: 6, from: 4) == 2)
        #expect(try growth(to: 6, from: 4, assignments: [[0], [0]]) == 2)
    }

    @Test(arguments: [4, 3, 0, -1, Int32.min])
    func noMoreThanThereAreIsRefused(_ count: Int32) {
        #expect(throws: AdministrationError.self) { try growth(to: count, from: 4) }
    }

    @Test(arguments: [[[0]], [[0], [1]], [[0], []], [[0], [0], [0]]] as [[[Int32]]])
    func assignmentsThatDoNotFitAreRefused(_ assignments: [[Int32]]) {
        do throws(AdministrationError) {
            _ = try growth(to: 6, from: 4, assignments: assignments)
            Issue.record("was taken")
        } catch {
            #expect(error.code == .invalidReplicaAssignment)
        }
    }
}

@Suite struct DeletionFaultTests {
    private let id = WireUUID(high: 1, low: 2)

    private func faults(_ topics: [DeleteTopicsRequest.Topic]) -> [Bool] {
        let faults = DeletionFaults(topics)
        return topics.map { faults.fault(of: $0) != nil }
    }

    @Test func namesAndIDsThatStandOnceAreFine() {
        #expect(
            faults([.init(name: "a"), .init(name: "b"), .init(name: nil, id: id)]) == [false, false, false])
    }

    @Test func whatStandsTwiceIsRefusedAndTheRestIsNot() {
        #expect(faults([.init(name: "a"), .init(name: "b"), .init(name: "a")]) == [true, false, true])
        #expect(faults([.init(name: nil, id: id), .init(name: nil, id: id)]) == [true, true])
    }

    @Test func neitherOrBothOfNameAndIDAreRefused() {
        #expect(faults([.init(name: nil), .init(name: "a", id: id)]) == [true, true])
    }
}

@Suite struct RequestDeadlineTests {
    @Test func passesWhenItsTimeIsOver() {
        let deadline = RequestDeadline(milliseconds: 5, now: .uptimeNanoseconds(0))
        #expect(!deadline.hasPassed(now: .uptimeNanoseconds(4_999_999)))
        #expect(deadline.hasPassed(now: .uptimeNanoseconds(5_000_000)))
    }

    @Test(arguments: [0, -1, Int32.min])
    func neverPassesWithoutATime(_ milliseconds: Int32) {
        let deadline = RequestDeadline(milliseconds: milliseconds, now: .uptimeNanoseconds(0))
        #expect(!deadline.hasPassed(now: .distantFuture))
    }
}
