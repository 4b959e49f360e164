import KafkaWire
import NIOCore
import StreamModel
import Testing

@testable import Broker

struct ConsumerProtocolTests {
    @Test(arguments: Int16(0)...3)
    func subscriptionReadsBackWhatItsVersionCarries(version: Int16) throws {
        let full = ConsumerProtocol.Subscription(
            topics: ["geo", "pin"], userData: ByteBuffer(string: "note"),
            owned: [.init(topic: "pin", partitions: [0, 2])], generation: 7, rack: "a")
        var expected = full
        if version < 1 { expected.owned = [] }
        if version < 2 { expected.generation = -1 }
        if version < 3 { expected.rack = nil }
        let bytes = ConsumerProtocol.encode(full, version: version)
        #expect(try ConsumerProtocol.decodeSubscription(bytes) == expected)
    }

    @Test(arguments: Int16(0)...3)
    func assignmentReadsBack(version: Int16) throws {
        let assignment = ConsumerProtocol.Assignment(
            topics: [.init(topic: "pin", partitions: [1, 2])], userData: ByteBuffer(string: "u"))
        let bytes = ConsumerProtocol.encode(assignment, version: version)
        #expect(try ConsumerProtocol.decodeAssignment(bytes) == assignment)
    }

    /// What librdkafka 2.12 sends for topics `a` and `b`, without user data.
    @Test func subscriptionOfLibrdkafkaIsRead() throws {
        let bytes = ByteBuffer(bytes: [
            0, 3, 0, 0, 0, 2, 0, 1, 0x61, 0, 1, 0x62, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF,
            0xFF, 0xFF, 0xFF,
        ])
        let subscription = try ConsumerProtocol.decodeSubscription(bytes)
        #expect(subscription == .init(topics: ["a", "b"]))
    }

    @Test func fieldsOfLaterVersionsArePassedOver() throws {
        var bytes = ConsumerProtocol.encode(.init(topics: ["a"]), version: 3)
        bytes.setInteger(Int16(9), at: 0)
        bytes.writeString("something new")
        #expect(try ConsumerProtocol.decodeSubscription(bytes).topics == ["a"])
    }

    @Test func noBytesAreNoPartitions() throws {
        #expect(try ConsumerProtocol.decodeAssignment(ByteBuffer()).partitions.isEmpty)
    }

    @Test func cutOffBytesAreRefused() {
        let whole = ConsumerProtocol.encode(
            .init(topics: ["pin"], owned: [.init(topic: "pin", partitions: [0])]), version: 3)
        for count in 0..<whole.readableBytes {
            var part = whole
            part.moveWriterIndex(to: count)
            #expect(throws: KafkaWireError.self) { try ConsumerProtocol.decodeSubscription(part) }
        }
    }

    @Test func negativeAndImpossiblePartitionsAreLeftOut() throws {
        let assignment = ConsumerProtocol.Assignment(topics: [
            .init(topic: "pin", partitions: [-1, 3, 3]), .init(topic: "no topic", partitions: [0]),
        ])
        #expect(assignment.partitions == [try GroupFixture.partition("pin", 3)])
    }
}

struct PartitionAssignorTests {
    private let counts = ["a": 5, "b": 2, "c": 1]

    private func assign(
        _ assignor: PartitionAssignor, _ members: [PartitionAssignor.Member]
    ) -> [String: [String]] {
        assignor.assign(to: members) { counts[$0.rawValue] }.mapValues { $0.map(\.description) }
    }

    private func member(_ id: String, _ topics: Set<String>, instance: String? = nil)
        -> PartitionAssignor.Member
    {
        .init(id: id, instanceID: instance, topics: topics)
    }

    @Test func rangeGivesTheFirstMembersTheRest() {
        let shares = assign(.range, [member("y", ["a", "b"]), member("x", ["a", "b"])])
        #expect(shares == ["x": ["a-0", "a-1", "a-2", "b-0"], "y": ["a-3", "a-4", "b-1"]])
    }

    @Test func rangeLeavesOutWhoIsNotSubscribedAndTopicsThatAreNotThere() {
        let shares = assign(.range, [member("x", ["b", "nowhere"]), member("y", ["a", "c"])])
        #expect(
            shares == ["x": ["b-0", "b-1"], "y": ["a-0", "a-1", "a-2", "a-3", "a-4", "c-0"]])
    }

    @Test func membersWithoutPartitionsGetAnEmptyShare() {
        #expect(assign(.range, [member("x", ["c"]), member("y", ["c"])]) == ["x": ["c-0"], "y": []])
    }

    @Test func staticMembersComeFirstByTheirName() {
        let shares = assign(
            .range,
            [member("a1", ["c"]), member("z9", ["c"], instance: "n"), member("b", ["c"], instance: "o")])
        #expect(shares["z9"] == ["c-0"])
    }

    @Test func roundRobinDealsOutOneByOne() {
        let shares = assign(.roundRobin, [member("x", ["a", "b"]), member("y", ["b", "a"])])
        #expect(
            shares == ["x": ["a-0", "a-2", "a-4", "b-1"], "y": ["a-1", "a-3", "b-0"]])
    }

    @Test func roundRobinPassesOverWhoIsNotSubscribed() {
        let shares = assign(.roundRobin, [member("x", ["b"]), member("y", ["a"])])
        #expect(shares["x"] == ["b-0", "b-1"])
        #expect(shares["y"]?.count == 5)
    }

    @Test(arguments: PartitionAssignor.allCases)
    func nobodyIsSharedOutNothing(by assignor: PartitionAssignor) {
        #expect(assign(assignor, []).isEmpty)
    }
}

struct TopicExpressionTests {
    private func names(_ texts: String...) -> Set<TopicName> { Set(texts.compactMap(TopicName.init)) }

    @Test func wholeNamesAreMatchedAndTheServersOwnAreNot() throws {
        var expression = try TopicExpression(".*pin|geo")
        let hasChanged = expression.look(at: names("a.pin", "geo", "geo2", "pins", "__pin"))
        #expect(hasChanged)
        #expect(expression.matched == names("a.pin", "geo"))
    }

    @Test func topicsThatComeAndGoAreNoticed() throws {
        var expression = try TopicExpression("t.*")
        _ = expression.look(at: names("t1"))
        let hasChangedForOther = expression.look(at: names("t1", "u"))
        #expect(!hasChangedForOther)
        let hasGrown = expression.look(at: names("t1", "t2"))
        #expect(hasGrown)
        let hasShrunk = expression.look(at: names("t2"))
        #expect(hasShrunk)
        #expect(expression.matched == names("t2"))
    }

    @Test(arguments: ["(", "a)(b", "[z-a]", "*"])
    func whatIsNoExpressionIsRefused(_ pattern: String) {
        #expect(throws: ConsumerError.self) { try TopicExpression(pattern) }
    }

    @Test func anExpressionThatExplodesIsGivenUp() throws {
        var expression = try TopicExpression("(a+)+b")
        let long = (0..<50).compactMap { TopicName(String(repeating: "a", count: 100) + "c\($0)") }
        let hasMatch = expression.look(at: Set(long))
        #expect(!hasMatch)
    }
}
