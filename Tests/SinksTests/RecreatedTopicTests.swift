import StreamModel
import Testing

@testable import Sinks

/// A topic is deleted, and another made under its name.
@Suite struct RecreatedTopicTests {
    private static let first = "topics/u.pin/partition=0/u.pin+0+0000000000.json"
    private static let second = "topics/u.pin/partition=0/u.pin~1+0+0000000000.json"
    private static let third = "topics/u.pin/partition=0/u.pin~2+0+0000000000.json"

    /// A fixture whose sink has stored one full object of a topic that is then deleted.
    private func makeFixture() async throws -> SinkFixture {
        let fixture = try SinkFixture()
        fixture.log.add("1", "2", "3")
        try await fixture.runSink()
        fixture.log.delete(.pins)
        return fixture
    }

    private func objects(of fixture: SinkFixture) async -> [String: String] {
        Dictionary(uniqueKeysWithValues: await fixture.store.objects.map { ($0.key, $0.text) })
    }

    @Test func recordsOfTheNewTopicAreStoredBesideThoseOfTheOld() async throws {
        let fixture = try await makeFixture()
        fixture.log.add("4", "5", "6")
        try await fixture.runSink()
        #expect(await objects(of: fixture) == [Self.first: "1\n2\n3\n", Self.second: "4\n5\n6\n"])
    }

    @Test func aTopicMadeAnewWhileTheSinkRunsIsNoticed() async throws {
        let fixture = try SinkFixture()
        try await fixture.withSink { sink in
            for topic in ["1", "2", "3"] {
                fixture.log.add(topic, topic, topic)
                await fixture.log.whenRead()
                fixture.log.delete(.pins)
                await fixture.log.whenRead()
            }
            #expect(sink.status().isReady)
        }
        #expect(
            await objects(of: fixture) == [
                Self.first: "1\n1\n1\n", Self.second: "2\n2\n2\n", Self.third: "3\n3\n3\n",
            ])
    }

    @Test func theSameRecordsAgainAreStoredAgain() async throws {
        let fixture = try await makeFixture()
        fixture.log.add("1", "2", "3")
        try await fixture.runSink()
        #expect(await objects(of: fixture) == [Self.first: "1\n2\n3\n", Self.second: "1\n2\n3\n"])
    }

    @Test func aNewTopicThatIsShorterThanTheOldOneIsNoLostTail() async throws {
        let fixture = try await makeFixture()
        fixture.log.add("4")
        try await fixture.withSink { sink in
            await fixture.log.whenRead()
            #expect(sink.status().isReady)
            #expect(sink.value(of: "pinline_sink_lag_records", .pins) == 1)
            fixture.passSchedule()
            await fixture.log.whenRead()
            #expect(sink.value(of: "pinline_sink_lag_records", .pins) == 0)
        }
        #expect(await objects(of: fixture)[Self.second] == "4\n")
    }

    @Test func theLogHoldsTheNewTopicFromItsBeginning() async throws {
        let fixture = try await makeFixture()
        try await fixture.withSink { sink in
            await fixture.log.whenRead()
            fixture.log.add("4", "5")
            #expect(sink.heldOffset(of: .pins) == Offset(0))
            await fixture.log.whenRead()
            #expect(sink.heldOffset(of: .pins) == Offset(0))
            fixture.log.add("6")
            await fixture.log.whenRead()
            #expect(sink.heldOffset(of: .pins) == Offset(3))
        }
    }

    @Test func whatWasReadBeforeTheDeletionIsStored() async throws {
        let fixture = try SinkFixture()
        try await fixture.withSink { _ in
            fixture.log.add("1", "2")
            await fixture.log.whenRead()
            fixture.log.delete(.pins)
            fixture.log.add("3", "4", "5")
            await fixture.log.whenRead()
        }
        #expect(await objects(of: fixture) == [Self.first: "1\n2\n", Self.second: "3\n4\n5\n"])
    }

    @Test(arguments: ScriptedStore.Fault.allCases)
    func aPlannedObjectOfADeletedTopicDoesNotHoldTheSinkUp(_ fault: ScriptedStore.Fault) async throws {
        let fixture = try SinkFixture { $0.retryBackoffMilliseconds = 3_600_000 }
        let geo = TopicPartition("v.pin", 0)
        fixture.log.add("1", "2", "3")
        fixture.store.fail(fault)
        try await fixture.withSink { _ in await fixture.store.whenFailed() }
        #expect(try fixture.positions.load().planned.count == 1)

        fixture.log.delete(.pins)
        fixture.log.add("1", "2", "3", to: geo)
        try await fixture.runSink()
        #expect(await fixture.store.lines("topics/v.pin/") == ["1", "2", "3"])

        fixture.log.add("4", "5", "6")
        try await fixture.runSink()
        let pins = await objects(of: fixture).filter { $0.key.hasPrefix("topics/u.pin/") }
        #expect(pins.values.filter { $0 == "4\n5\n6\n" }.count == 1)
        #expect(pins[Self.first] == (fault == .after ? "1\n2\n3\n" : nil))
        #expect(try fixture.positions.load().planned.isEmpty)
    }

    @Test func aPlannedObjectThatCannotBeReadDoesNotHoldOtherPartitionsUp() async throws {
        let fixture = try SinkFixture { $0.retryBackoffMilliseconds = 50 }
        let other = TopicPartition("v.pin", 0)
        fixture.log.add("1", "2", "3", "4")
        fixture.log.add("1", "2", "3", to: other)
        try fixture.positions.begin([.pins: TopicLife(id: .life(0))])
        try fixture.positions.plan([
            .init(partition: .pins, start: Offset(0), end: Offset(2)),
            .init(partition: .pins, start: Offset(2), end: Offset(4)),
        ])
        fixture.log.setBroken(.pins, true)
        try await fixture.withSink { sink in
            await fixture.log.whenRead()
            #expect(!sink.status().isReady)
            #expect(await fixture.store.lines("topics/v.pin/") == ["1", "2", "3"])
            #expect(await fixture.store.lines() == [])
            fixture.log.setBroken(.pins, false)
            fixture.clock.advance(milliseconds: 50)
            await fixture.log.whenRead()
            #expect(sink.status().isReady)
        }
        #expect(fixture.store.puts.filter { $0.key.contains("u.pin") }.map(\.text) == ["1\n2\n", "3\n4\n"])
        #expect(try fixture.positions.load().committed[.pins] == Offset(4))
    }

    // MARK: State of older versions, and state that is lost

    @Test func positionsWithoutAnIdBelongToTheTopicThatIsThere() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("1", "2", "3", "4", "5", "6", "7", "8")
        let plans = [(0, 3), (3, 5)].map { (start: Int64, end: Int64) in
            SinkPositions.Plan(partition: .pins, start: Offset(start), end: Offset(end))
        }
        try fixture.positions.commit([plans[0]])
        try fixture.positions.plan([plans[1]])
        try await fixture.runSink()
        #expect(fixture.store.puts.map(\.text) == ["4\n5\n", "6\n7\n8\n"])
        #expect(fixture.store.puts.allSatisfy { !$0.key.contains("~") })
        #expect(try fixture.positions.load().lives == [.pins: TopicLife(id: .life(0))])
    }

    @Test func positionsWithoutAnIdBelongToNoTopicThatComesLater() async throws {
        let fixture = try SinkFixture()
        try fixture.positions.commit([.init(partition: .pins, start: Offset(0), end: Offset(2))])
        try await fixture.runSink()
        fixture.log.add("1", "2", "3")
        try await fixture.runSink()
        #expect(await objects(of: fixture) == [Self.second: "1\n2\n3\n"])
    }

    @Test func withoutItsStateTheSinkWritesOverNothing() async throws {
        let fixture = try await makeFixture()
        fixture.log.add("4", "5", "6")
        try await fixture.runSink(state: "lost")
        #expect(await objects(of: fixture) == [Self.first: "1\n2\n3\n", Self.second: "4\n5\n6\n"])
    }
}
