import StateStore
import StreamModel
import Testing

@testable import Sinks

@Suite struct SinkPositionsTests {
    private let folder: TemporaryFolder
    private let positions: SinkPositions
    private static let other = TopicPartition("u.geo", 1)

    init() throws {
        folder = try TemporaryFolder()
        positions = SinkPositions(
            sink: "a",
            database: try StateDatabase.open(path: folder.state, tables: [SinkPositions.registerMigrations]))
    }

    private func plan(_ start: Int64, _ end: Int64, of partition: TopicPartition = .pins)
        -> SinkPositions.Plan
    {
        SinkPositions.Plan(partition: partition, start: Offset(start), end: Offset(end))
    }

    @Test func aNewSinkIsNowhere() throws {
        #expect(try positions.load() == SinkPositions.State())
    }

    @Test func aPlanIsNoCommit() throws {
        try positions.plan([plan(0, 3)])
        let state = try positions.load()
        #expect(state.planned == [plan(0, 3)])
        #expect(state.committed.isEmpty)
    }

    @Test func aCommitEndsThePlanAndMovesThePosition() throws {
        try positions.plan([plan(0, 3)])
        try positions.commit([plan(0, 3)])
        #expect(try positions.load() == SinkPositions.State(committed: [.pins: Offset(3)]))
    }

    @Test func severalPlansOfOnePartitionStandSideBySideInOrder() throws {
        try positions.plan([plan(10, 12), plan(3, 10), plan(0, 3), plan(5, 6, of: Self.other)])
        #expect(
            try positions.load().planned == [
                plan(5, 6, of: Self.other), plan(0, 3), plan(3, 10), plan(10, 12),
            ])
    }

    @Test func committingSeveralPlansOfOnePartitionKeepsTheLast() throws {
        let plans = [plan(0, 3), plan(3, 10), plan(0, 4, of: Self.other)]
        try positions.plan(plans)
        try positions.commit(plans)
        let state = try positions.load()
        #expect(state.committed == [.pins: Offset(10), Self.other: Offset(4)])
        #expect(state.planned.isEmpty)
    }

    @Test func aCommitLeavesOtherPlansAlone() throws {
        try positions.plan([plan(0, 3), plan(3, 6), plan(0, 3, of: Self.other)])
        try positions.commit([plan(0, 3)])
        let state = try positions.load()
        #expect(state.planned == [plan(0, 3, of: Self.other), plan(3, 6)])
        #expect(state.committed == [.pins: Offset(3)])
    }

    @Test func partitionsOfOneTopicAreApart() throws {
        let second = TopicPartition("u.pin", 1)
        try positions.plan([plan(0, 3), plan(0, 5, of: second)])
        try positions.commit([plan(0, 5, of: second)])
        let state = try positions.load()
        #expect(state.planned == [plan(0, 3)])
        #expect(state.committed == [second: Offset(5)])
    }

    @Test func offsetsOfAnySizeAreKept() throws {
        let last = plan(.max - 1, .max)
        try positions.plan([last])
        #expect(try positions.load().planned == [last])
    }

    @Test func sinksDoNotSeeEachOther() throws {
        let other = SinkPositions(
            sink: "b",
            database: try StateDatabase.open(path: folder.state, tables: [SinkPositions.registerMigrations]))
        try positions.plan([plan(0, 3)])
        try other.commit([plan(0, 7)])
        #expect(try positions.load() == SinkPositions.State(planned: [plan(0, 3)]))
        #expect(try other.load() == SinkPositions.State(committed: [.pins: Offset(7)]))
    }

    @Test func whatWasWrittenIsThereWhenTheDatabaseIsOpenedAgain() throws {
        try positions.commit([plan(0, 3)])
        try positions.plan([plan(3, 5)])
        let again = SinkPositions(
            sink: "a",
            database: try StateDatabase.open(path: folder.state, tables: [SinkPositions.registerMigrations]))
        #expect(
            try again.load()
                == SinkPositions.State(committed: [.pins: Offset(3)], planned: [plan(3, 5)]))
    }

    @Test func whoseThePositionsAreIsKept() throws {
        let lives: [TopicName: TopicLife] = [
            .pins: TopicLife(id: .life(3), number: 2), Self.other.topic: TopicLife(id: nil),
        ]
        try positions.adopt(lives)
        #expect(try positions.load() == SinkPositions.State(lives: lives))
    }

    @Test func beginningWithATopicForgetsWhatIsKnownOfTheOneBeforeAndOfNoOther() throws {
        try positions.adopt([.pins: TopicLife(id: .life(0))])
        try positions.commit([plan(0, 3), plan(0, 4, of: Self.other)])
        try positions.plan([plan(3, 5), plan(4, 6, of: Self.other)])
        try positions.begin([.pins: TopicLife(id: .life(1), number: 1)])
        #expect(
            try positions.load()
                == SinkPositions.State(
                    committed: [Self.other: Offset(4)], planned: [plan(4, 6, of: Self.other)],
                    lives: [.pins: TopicLife(id: .life(1), number: 1)]))
    }

    @Test func positionsFromBeforeTopicsHadIdsAreToldFromTheOthers() throws {
        try positions.commit([plan(0, 3)])
        try positions.plan([plan(0, 4, of: Self.other)])
        #expect(try positions.load().topicsWithoutLife == [.pins, Self.other.topic])
        try positions.adopt([.pins: TopicLife(id: .life(0))])
        #expect(try positions.load().topicsWithoutLife == [Self.other.topic])
        #expect(try positions.load().committed == [.pins: Offset(3)])
    }
}
