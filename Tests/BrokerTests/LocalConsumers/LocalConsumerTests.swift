import KafkaWire
import LogStorage
import NIOCore
import NIOPosix
import StreamModel
import Testing

@testable import Broker

/// Consumers over a real log and a real coordinator, with heartbeats so quick that nobody waits for them.
struct LocalConsumerTests {
    private let groups: GroupFixture
    private let logs: LogFixture
    private let consumers: LocalConsumers

    init() throws { try self.init(authorizer: OpenAuthorizer()) }

    private init(authorizer: any Authorizer) throws {
        var settings = GroupSettings()
        settings.initialRebalanceDelayMilliseconds = 0
        groups = try GroupFixture(settings: settings)
        logs = try LogFixture { $0.partitionsPerTopic = 2 }
        consumers = LocalConsumers(
            log: logs.log, groups: groups.services.groups, offsets: groups.services.offsets,
            threads: logs.threads,
            timers: EventLoopTimers(loop: MultiThreadedEventLoopGroup.singleton.next()),
            authorizer: authorizer, heartbeatInterval: .milliseconds(5))
    }

    private func topic(_ name: String = "t") throws -> TopicName { try #require(TopicName(name)) }

    private func open(
        _ group: String = "g", reset: ConsumerConfiguration.OffsetReset = .earliest, commits: Bool = true
    ) throws -> any GroupConsumer {
        var configuration = ConsumerConfiguration(
            group: group, clientID: "c", caller: ClusterCaller(host: "127.0.0.1"))
        configuration.offsetReset = reset
        configuration.commitsAutomatically = commits
        return try consumers.open(configuration)
    }

    private func poll(
        _ consumer: any GroupConsumer, maxBytes: Int = 1000, minBytes: Int = 0,
        timeout: Duration = .seconds(10), objection: (@Sendable (UnsafeRawBufferPointer) -> String?)? = nil
    ) async throws -> [String] {
        let polled = try await consumer.poll(
            PollRequest(maxBytes: maxBytes, minBytes: minBytes, timeout: timeout, objection: objection))
        return polled.records.map { record in
            let value = record.value.map { String(buffer: polled.content($0)) } ?? "null"
            return "\(record.partition)@\(record.offset)=\(value)"
        }
    }

    /// Polls until the consumer has so many partitions.
    private func wait(for count: Int, of consumer: any GroupConsumer) async throws {
        for _ in 0..<1000 where try consumer.assignment().count != count {
            _ = try await poll(consumer, timeout: .milliseconds(5))
        }
        #expect(try consumer.assignment().count == count)
    }

    @Test func handsOutWhatWasProducedAndGoesOn() async throws {
        _ = try await logs.produce("a", "b")
        let consumer = try open()
        try consumer.subscribe(to: [topic()])
        #expect(try await poll(consumer) == ["t-0@0=a", "t-0@1=b"])
        _ = try await logs.produce("c", partition: 1)
        #expect(try await poll(consumer) == ["t-1@0=c"])
        #expect(try await poll(consumer, timeout: .milliseconds(20)).isEmpty)
    }

    @Test func joinsAtTheFirstPollAndNotBefore() async throws {
        _ = try await logs.produce("a")
        let consumer = try open()
        try consumer.subscribe(to: [topic()])
        #expect(try consumer.assignment().isEmpty)
        #expect(groups.services.groups.describe("g") == nil)
        _ = try await poll(consumer)
        #expect(try consumer.assignment().map(\.description) == ["t-0", "t-1"])
        #expect(groups.services.groups.describe("g")?.state == .stable)
    }

    @Test func bytesBoundAPollButOneRecordAlwaysComes() async throws {
        _ = try await logs.produce("aaaa", "bbbb", "cccc")
        let consumer = try open()
        try consumer.assign([TopicPartition(topic(), PartitionIndex(0))])
        #expect(try await poll(consumer, maxBytes: 1) == ["t-0@0=aaaa"])
        #expect(try await poll(consumer, maxBytes: 8) == ["t-0@1=bbbb"])
        #expect(try await poll(consumer, maxBytes: 9) == ["t-0@2=cccc"])
    }

    @Test func membersShareThePartitionsAndAClosedOnesGoToTheOther() async throws {
        _ = try await logs.produce("a")
        let (one, two) = (try open(), try open())
        try one.subscribe(to: [topic()])
        try two.subscribe(to: [topic()])
        _ = try await poll(one)
        try await wait(for: 1, of: two)
        try await wait(for: 1, of: one)
        await one.close()
        try await wait(for: 2, of: two)
    }

    @Test func whatWasHandedOutIsCommittedWhenPartitionsAreGivenUp() async throws {
        _ = try await logs.produce("a", "b")
        let consumer = try open()
        try consumer.subscribe(to: [topic()])
        _ = try await poll(consumer)
        await consumer.close()
        let next = try open()
        try next.subscribe(to: [topic()])
        #expect(try await poll(next, timeout: .milliseconds(50)).isEmpty)
        #expect(throws: ConsumerError.self) { try consumer.subscription() }
    }

    @Test func withoutAutomaticCommitsTheNextMemberReadsAgain() async throws {
        _ = try await logs.produce("a")
        let consumer = try open(commits: false)
        try consumer.subscribe(to: [topic()])
        _ = try await poll(consumer)
        await consumer.close()
        let next = try open(commits: false)
        try next.subscribe(to: [topic()])
        #expect(try await poll(next) == ["t-0@0=a"])
        try await next.commitConsumed()
        let position = try next.committed([TopicPartition(topic(), PartitionIndex(0))])
        #expect(position.map(\.offset) == [Offset(1)])
    }

    @Test func commitWithANoteIsReadBack() async throws {
        _ = try await logs.produce("a")
        let consumer = try open()
        let partition = TopicPartition(try topic(), PartitionIndex(0))
        let position = CommittedPosition(partition: partition, offset: Offset(1), metadata: "half way")
        try await consumer.commit([position])
        let other = TopicPartition(try topic(), PartitionIndex(1))
        #expect(try consumer.committed([partition, other]) == [position])
        await #expect(throws: ConsumerError.self) {
            try await consumer.commit([
                CommittedPosition(
                    partition: TopicPartition(try topic(), PartitionIndex(9)), offset: Offset(1))
            ])
        }
    }

    @Test func seeksByTimeAndToTheEnds() async throws {
        _ = try await logs.produce("a", timestamp: 1_700_000_000_000)
        _ = try await logs.produce("b", timestamp: 1_700_000_060_000)
        let consumer = try open(reset: .latest)
        let partition = TopicPartition(try topic(), PartitionIndex(0))
        try consumer.assign([partition])
        #expect(try await poll(consumer, timeout: .milliseconds(20)).isEmpty)
        try await consumer.seek(toTimes: [partition: 1_700_000_000_001])
        #expect(try await poll(consumer) == ["t-0@1=b"])
        try consumer.seekToBeginning([partition])
        #expect(try await poll(consumer) == ["t-0@0=a", "t-0@1=b"])
        try await consumer.seek(toTimes: [partition: 1_800_000_000_000])
        #expect(try await poll(consumer, timeout: .milliseconds(20)).isEmpty)
    }

    @Test func positionOutsideTheLogFollowsTheRule() async throws {
        _ = try await logs.produce("a")
        let partition = TopicPartition(try topic(), PartitionIndex(0))
        let careful = try open("g1", reset: .none)
        try careful.assign([partition])
        let noOffset = await #expect(throws: ConsumerError.self) { try await poll(careful) }
        #expect(noOffset?.code == .noOffset)
        try careful.seek([partition: Offset(99)])
        let outOfRange = await #expect(throws: ConsumerError.self) { try await poll(careful) }
        #expect(outOfRange?.code == .offsetOutOfRange)
        let early = try open("g2")
        try early.assign([partition])
        try early.seek([partition: Offset(99)])
        #expect(try await poll(early) == ["t-0@0=a"])
    }

    @Test func recordThatIsObjectedToStopsThePollUntilItIsPassed() async throws {
        _ = try await logs.produce("good", "bad", "fine")
        let partition = TopicPartition(try topic(), PartitionIndex(0))
        let consumer = try open()
        try consumer.assign([partition])
        let objection: @Sendable (UnsafeRawBufferPointer) -> String? = {
            String(decoding: $0, as: UTF8.self) == "bad" ? "bad" : nil
        }
        #expect(try await poll(consumer, objection: objection) == ["t-0@0=good"])
        let refusal = await #expect(throws: ConsumerError.self) {
            try await poll(consumer, objection: objection)
        }
        #expect(refusal == ConsumerError(.unreadableRecord, "t-0 at offset 1: the value is bad"))
        try consumer.seek([partition: Offset(2)])
        #expect(try await poll(consumer, objection: objection) == ["t-0@2=fine"])
    }

    @Test func patternPicksUpTopicsThatComeLater() async throws {
        _ = try await logs.produce("a", topic: "u.pin")
        let consumer = try open()
        try consumer.subscribe(toPattern: "u\\..*")
        #expect(try await poll(consumer) == ["u.pin-0@0=a"])
        _ = try await logs.produce("b", topic: "u.geo")
        #expect(try await poll(consumer) == ["u.geo-0@0=b"])
        #expect(try consumer.subscription().map(\.rawValue) == ["u.geo", "u.pin"])
    }

    @Test func subscribedTopicThatComesIntoBeingIsRead() async throws {
        let consumer = try open()
        try consumer.subscribe(to: [topic("later")])
        #expect(try await poll(consumer, timeout: .milliseconds(20)).isEmpty)
        _ = try await logs.produce("a", topic: "later")
        #expect(try await poll(consumer) == ["later-0@0=a"])
    }

    @Test func cancelledPollHandsOutNothing() async throws {
        let consumer = try open()
        try consumer.assign([TopicPartition(topic(), PartitionIndex(0))])
        let request = PollRequest(maxBytes: 1, minBytes: .max, timeout: .seconds(60))
        let polling = Task { try await consumer.poll(request) }
        polling.cancel()
        let result = await polling.result
        #expect(throws: ConsumerError(.cancelled, "the poll was cancelled")) { try result.get() }
    }

    @Test func idleMemberStaysOneForLongAndAClosedOneLeavesNoTimer() async throws {
        _ = try await logs.produce("a")
        let patient = LocalConsumers(
            log: logs.log, groups: groups.services.groups, offsets: groups.services.offsets,
            threads: logs.threads, timers: groups.timers, authorizer: OpenAuthorizer())
        var configuration = ConsumerConfiguration(
            group: "g", clientID: "c", caller: ClusterCaller(host: "127.0.0.1"))
        configuration.offsetReset = .earliest
        let consumer = try patient.open(configuration)
        try consumer.subscribe(to: [topic()])
        #expect(try await poll(consumer) == ["t-0@0=a"])
        groups.timers.advance(.minutes(10))
        #expect(groups.services.groups.describe("g")?.members.count == 1)
        await consumer.close()
        groups.timers.advance(.minutes(1))
        #expect(groups.services.groups.describe("g")?.members.count == 0)
        #expect(groups.timers.count == 0)
    }

    @Test func rightsOfTheCallerCountForGroupAndTopics() async throws {
        let strict = try Self(
            authorizer: ExceptingAuthorizer(denied: [
                (.read, "forbidden"), (.read, "t"), (.describe, "hidden"),
            ]))
        _ = try await strict.logs.produce("a")
        let refusal = #expect(throws: ConsumerError.self) { try strict.open("forbidden") }
        #expect(refusal?.code == .denied)
        let consumer = try strict.open()
        try consumer.subscribe(to: [topic()])
        let denial = await #expect(throws: ConsumerError.self) { try await strict.poll(consumer) }
        #expect(denial == ConsumerError(.denied, "Not authorized to access topics: [t]"))
        _ = try await strict.logs.produce("a", topic: "hidden")
        let other = try strict.open()
        try other.subscribe(toPattern: ".*")
        #expect(try other.subscription() == [topic()])
    }

    @Test func groupOfOtherRulesRefusesTheConsumer() async throws {
        var joining = GroupFixture.joining("g")
        joining.protocols = [GroupProtocol(name: "cooperative-sticky", metadata: ByteBuffer())]
        groups.services.groups.join(joining) { _ in }
        let consumer = try open()
        try consumer.subscribe(to: [topic()])
        let refusal = await #expect(throws: ConsumerError.self) { try await poll(consumer) }
        #expect(refusal?.code == .groupRefused)
    }
}
