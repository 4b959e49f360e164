import StreamModel
import Testing

@testable import Sinks

/// A failure or a kill in each gap between plan, put and commit.
@Suite struct ObjectSinkFailureTests {
    private static let secondRun = (7..<11).map(String.init)

    /// Two full objects and one record more, of which the sink is to store all.
    private func makeFixture(_ change: @escaping (inout SinkSettings) -> Void = { _ in }) throws
        -> SinkFixture
    {
        let fixture = try SinkFixture(change)
        fixture.log.add((0..<7).map(String.init))
        return fixture
    }

    /// Each key that was ever put had one content.
    private func expectSameBytes(of fixture: SinkFixture) {
        for (key, puts) in Dictionary(grouping: fixture.store.puts, by: \.key) {
            #expect(Set(puts.map(\.text)).count == 1, "\(key) was put with different bytes")
        }
    }

    private func expectEverythingStored(by fixture: SinkFixture, _ lines: Range<Int>) async throws {
        #expect(await fixture.store.lines() == lines.map(String.init))
        let end = Offset(Int64(lines.upperBound))
        #expect(try fixture.positions.load().committed == [.pins: end])
        #expect(try fixture.positions.load().planned.isEmpty)
        expectSameBytes(of: fixture)
    }

    @Test(arguments: ScriptedStore.Fault.allCases, [0, 1])
    func everyRecordIsStoredOnceAndInOrderAfterThePutFailed(_ fault: ScriptedStore.Fault, put: Int)
        async throws
    {
        let fixture = try makeFixture()
        fixture.store.fail(fault, atPut: put)
        try await fixture.withSink { _ in
            await fixture.store.whenFailed()
            await fixture.log.whenRead()
            fixture.passSchedule()
            await fixture.log.whenRead()
        }
        try await expectEverythingStored(by: fixture, 0..<7)
    }

    @Test(arguments: ScriptedStore.Fault.allCases, [0, 1])
    func everyRecordIsStoredOnceAndInOrderAfterAKillAtThePut(_ fault: ScriptedStore.Fault, put: Int)
        async throws
    {
        // The pause is so long that the killed sink does nothing more.
        let fixture = try makeFixture { $0.retryBackoffMilliseconds = 3_600_000 }
        fixture.store.fail(fault, atPut: put)
        try await fixture.withSink { _ in await fixture.store.whenFailed() }
        #expect(try fixture.positions.load().planned.count == 2)
        #expect(try fixture.positions.load().committed.isEmpty)

        fixture.log.add(Self.secondRun)
        try await fixture.withSink { _ in
            await fixture.log.whenRead()
            fixture.passSchedule()
            await fixture.log.whenRead()
        }
        try await expectEverythingStored(by: fixture, 0..<11)
    }

    @Test(arguments: ScriptedStore.Fault.allCases)
    func anObjectClosedByTheClockEndsAtTheSameRecordAfterAKill(_ fault: ScriptedStore.Fault) async throws {
        let fixture = try SinkFixture { $0.retryBackoffMilliseconds = 3_600_000 }
        fixture.log.add("0", "1")
        try await fixture.withSink { _ in
            await fixture.log.whenRead()
            fixture.store.fail(fault)
            fixture.passSchedule()
            await fixture.store.whenFailed()
        }
        fixture.log.add("2", "3", "4")
        try await fixture.runSink()
        #expect(
            await fixture.store.objects.map(\.text) == ["0\n1\n", "2\n3\n4\n"])
        expectSameBytes(of: fixture)
    }

    @Test(arguments: 1...3)
    func oneKillAfterTheOtherLosesAndRepeatsNothing(kills: Int) async throws {
        let fixture = try makeFixture { $0.retryBackoffMilliseconds = 3_600_000 }
        for kill in 0..<kills {
            fixture.store.fail(kill.isMultiple(of: 2) ? .after : .before)
            try await fixture.withSink { _ in await fixture.store.whenFailed() }
        }
        try await fixture.withSink { _ in
            await fixture.log.whenRead()
            fixture.passSchedule()
            await fixture.log.whenRead()
        }
        try await expectEverythingStored(by: fixture, 0..<7)
    }

    @Test func moreObjectsThanOneRoundRemakesAreAllMadeAgain() async throws {
        let fixture = try SinkFixture()
        let count = ObjectSink.objectsRemadeAtOnce * 2 + 1
        let lines = (0..<count).map(String.init)
        fixture.log.add(lines)
        try fixture.positions.begin([.pins: TopicLife(id: .life(0))])
        try fixture.positions.plan(
            (0..<Int64(count)).map { .init(partition: .pins, start: Offset($0), end: Offset($0 + 1)) })
        try await fixture.runSink()
        #expect(await fixture.store.lines() == lines)
        #expect(fixture.store.puts.count == count)
    }

    @Test func aPlanWhoseObjectIsUnderWayIsCarriedOutBeforeAnythingElse() async throws {
        let fixture = try makeFixture()
        let plan = SinkPositions.Plan(partition: .pins, start: Offset(0), end: Offset(2))
        try fixture.positions.begin([.pins: TopicLife(id: .life(0))])
        try fixture.positions.plan([plan])
        try await fixture.runSink()
        #expect(fixture.store.puts.map(\.text) == ["0\n1\n", "2\n3\n4\n"])
        #expect(try fixture.positions.load().committed == [.pins: Offset(5)])
    }

    @Test func everyRecordIsStoredOnceAfterTheLogCouldNotBeRead() async throws {
        let fixture = try makeFixture()
        fixture.log.failReads(2)
        try await fixture.withSink { _ in
            for _ in 0..<3 {
                await fixture.log.whenRead()
                fixture.clock.advance(milliseconds: 1)
            }
            await fixture.log.whenRead()
            fixture.passSchedule()
            await fixture.log.whenRead()
        }
        try await expectEverythingStored(by: fixture, 0..<7)
        #expect(fixture.store.puts.count == 3)
    }

    @Test func nothingIsStoredOrCommittedWhileADeadLetterCannotBeSetAside() async throws {
        let fixture = try SinkFixture { $0.retryBackoffMilliseconds = 3_600_000 }
        fixture.log.add("broken", "1", "2", "3")
        fixture.log.refuseAppends(with: AppendError(.diskFull, "the disk is full"))
        let status = try await fixture.withSink { sink in
            await eventually { sink.status().detail.contains("disk is full") }
            return sink.status()
        }
        #expect(!status.isReady)
        #expect(fixture.store.puts.isEmpty)
        #expect(try fixture.positions.load().committed.isEmpty)

        fixture.log.refuseAppends(with: nil)
        try await fixture.runSink()
        #expect(await fixture.store.lines() == ["1", "2", "3"])
        #expect(fixture.log.records(of: .deadLetters).map(\.value) == ["broken"])
    }

    @Test func recordsWithoutAnObjectKeyAreNeverCommitted() async throws {
        let fixture = try makeFixture {
            $0.topicsDirectory = "topics/"
            $0.retryBackoffMilliseconds = 3_600_000
        }
        let status = try await fixture.withSink { sink in
            await eventually { !sink.status().isReady && sink.status().detail != "recovering" }
            return sink.status()
        }
        #expect(status.detail.contains("sink.topics.dir 'topics/'"))
        #expect(try fixture.positions.load().committed.isEmpty)
    }
}
