import NIOCore
import StreamModel
import Testing

@testable import Broker

/// A consumer of two chosen partitions, without a group: what becomes of its polls.
struct ConsumerCoreTests {
    private var core: ConsumerCore
    private let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let first: TopicPartition
    private let second: TopicPartition

    init() throws {
        first = try GroupFixture.partition("pin", 0)
        second = try GroupFixture.partition("pin", 1)
        core = ConsumerCore(
            ConsumerConfiguration(group: "g", clientID: "c", caller: ClusterCaller(host: "h")), now: now)
        try core.assign([first, second])
        _ = core.takeEffects()
    }

    private func request(minBytes: Int = .max) -> PollRequest {
        PollRequest(maxBytes: 1000, minBytes: minBytes, timeout: .seconds(1))
    }

    private func harvest(
        _ values: [String] = [], of partition: TopicPartition, from start: Int64 = 5, isFull: Bool = false
    ) -> Harvest {
        var harvest = Harvest()
        harvest.starts[partition] = Offset(start)
        harvest.next[partition] = Offset(start + Int64(values.count))
        for (place, value) in values.enumerated() {
            var bytes = Array(value.utf8)
            bytes.withUnsafeMutableBytes { bytes in
                harvest.records.append(
                    RecordView(
                        offset: Offset(start + Int64(place)), timestamp: 0, key: nil,
                        value: UnsafeRawBufferPointer(bytes), headers: []), of: partition)
            }
        }
        harvest.isFull = isFull
        return harvest
    }

    private struct Seen {
        var finished: [UInt64: Int] = [:]
        var failures: [ConsumerError.Code] = []
        var reads = 0
        var pauses = 0
        var commits: [[CommittedPosition]] = []
        var isClosed = 0
    }

    private mutating func effects() -> Seen {
        var seen = Seen()
        for effect in core.takeEffects() {
            switch effect {
            case .finish(let id, .success(let records)): seen.finished[id] = records.records.count
            case .finish(_, .failure(let error)): seen.failures.append(error.code)
            case .read: seen.reads += 1
            case .pause: seen.pauses += 1
            case .commit(let positions, _, _): seen.commits.append(positions)
            case .closed: seen.isClosed += 1
            default: break
            }
        }
        return seen
    }

    private mutating func poll(_ id: UInt64, _ request: PollRequest? = nil, now: NIODeadline? = nil) {
        core.pollBegan(id, request ?? self.request(), now: now ?? self.now)
    }

    @Test mutating func waitsForTheTimeAndHandsOutWhatItGathered() {
        poll(1)
        core.readFinished(harvest(["a"], of: first), epoch: core.epoch, now: now)
        core.appended()
        let gathering = effects()
        #expect(gathering.finished.isEmpty && gathering.pauses == 1)
        core.pauseOver(epoch: core.epoch)
        core.readFinished(harvest(["b"], of: first, from: 6), epoch: core.epoch, now: now)
        core.pollTimedOut(1, now: now)
        let seen = effects()
        #expect(seen.finished == [1: 2])
        #expect(core.positions[first] == .at(Offset(7)))
    }

    @Test mutating func moreThanTheLeastBytesEndTheWait() {
        poll(1, request(minBytes: 2))
        core.readFinished(harvest(["a"], of: first), epoch: core.epoch, now: now)
        let seen = effects()
        #expect(seen.finished.isEmpty)
        core.appended()
        core.pauseOver(epoch: core.epoch)
        core.readFinished(harvest(["bb"], of: first, from: 6), epoch: core.epoch, now: now)
        let later = effects()
        #expect(later.finished == [1: 2])
    }

    @Test mutating func fullReadEndsTheWait() {
        poll(1)
        core.readFinished(harvest(["a"], of: first, isFull: true), epoch: core.epoch, now: now)
        let seen = effects()
        #expect(seen.finished == [1: 1])
    }

    @Test mutating func readUnderWayWhenTheTimeIsOverIsHandedOut() {
        poll(1)
        core.pollTimedOut(1, now: now)
        let seen = effects()
        #expect(seen.finished.isEmpty)
        core.readFinished(harvest(["a"], of: first), epoch: core.epoch, now: now)
        let later = effects()
        #expect(later.finished == [1: 1])
    }

    @Test mutating func appendDuringAReadCausesAnother() {
        poll(1, request(minBytes: 0))
        core.appended()
        core.readFinished(harvest(of: first), epoch: core.epoch, now: now)
        let seen = effects()
        #expect(seen.reads == 2)
    }

    @Test mutating func abandonedPollHandsOutNothing() {
        poll(1)
        core.readFinished(harvest(["a"], of: first), epoch: core.epoch, now: now)
        core.pollAbandoned(1, now: now)
        let seen = effects()
        #expect(seen.failures == [.cancelled])
        #expect(core.positions[first] == .at(Offset(5)))
    }

    @Test mutating func pollsAreServedOneAfterTheOther() {
        poll(1)
        poll(2)
        core.pollTimedOut(1, now: now)
        core.readFinished(harvest(["a"], of: first), epoch: core.epoch, now: now)
        let seen = effects()
        #expect(seen.finished == [1: 1] && seen.reads == 2)
        core.readFinished(harvest(["b"], of: first, from: 6, isFull: true), epoch: core.epoch, now: now)
        let later = effects()
        #expect(later.finished == [2: 1])
    }

    @Test mutating func tooManyPollsAreRefused() {
        for id in 0...UInt64(ConsumerCore.maxPolls) { poll(id) }
        let seen = effects()
        #expect(seen.failures == [.illegalState])
    }

    @Test mutating func seekHandsOutWhatWasReadAndReadsOnElsewhere() throws {
        poll(1)
        core.readFinished(harvest(["a"], of: first), epoch: core.epoch, now: now)
        try core.seek([first: .at(Offset(0))])
        let seen = effects()
        #expect(seen.finished == [1: 1])
        #expect(core.positions[first] == .at(Offset(0)))
    }

    @Test mutating func readFromBeforeASeekCountsForNothing() throws {
        poll(1)
        let stale = core.epoch
        try core.seek([first: .at(Offset(0))])
        core.readFinished(harvest(["a"], of: first), epoch: stale, now: now)
        let seen = effects()
        #expect(seen.finished.isEmpty)
        #expect(core.positions[first] == .at(Offset(0)))
    }

    @Test mutating func seekOfAPartitionThatIsNotAssignedIsRefusedWhole() throws {
        let other = try GroupFixture.partition("geo", 0)
        #expect(throws: ConsumerError(.illegalState, "No current assignment for partition geo-0")) {
            try core.seek([first: .beginning, other: .beginning])
        }
        #expect(core.positions[first] == .committed)
    }

    @Test mutating func failureIsToldOnlyWhereNothingWasReadBefore() {
        var broken = harvest(["a"], of: first)
        broken.failure = ConsumerError(.failed, "disk")
        poll(1)
        core.readFinished(broken, epoch: core.epoch, now: now)
        let seen = effects()
        #expect(seen.finished == [1: 1])
        var empty = Harvest()
        empty.failure = ConsumerError(.failed, "disk")
        poll(2)
        core.readFinished(empty, epoch: core.epoch, now: now)
        let later = effects()
        #expect(later.failures == [.failed])
    }

    @Test mutating func laterPollCommitsWhatWasHandedOutBefore() {
        poll(1)
        core.readFinished(harvest(["a"], of: first, isFull: true), epoch: core.epoch, now: now)
        poll(2, now: now + .seconds(1))
        let seen = effects()
        #expect(seen.commits.isEmpty)
        core.pollTimedOut(2, now: now)
        core.readFinished(harvest(of: first, from: 6), epoch: core.epoch, now: now)
        poll(3, now: now + .seconds(6))
        let later = effects()
        #expect(later.commits == [[CommittedPosition(partition: first, offset: Offset(6))]])
    }

    @Test mutating func closingCommitsAndIsOverWhenThatIsDone() {
        poll(1)
        core.readFinished(harvest(["a"], of: first, isFull: true), epoch: core.epoch, now: now)
        poll(2)
        _ = effects()
        core.close()
        let seen = effects()
        #expect(seen.commits.count == 1 && seen.isClosed == 0 && seen.failures == [.closed])
        core.committed(.closed)
        let later = effects()
        #expect(later.isClosed == 1)
        #expect(throws: ConsumerError.self) { try core.assign([first]) }
    }

    @Test mutating func subscriptionBesideChosenPartitionsIsRefused() throws {
        let topic = try #require(TopicName("pin"))
        #expect(throws: TopicSelection.conflict) { try core.subscribe(to: .topics([topic]), names: []) }
        try core.unsubscribe()
        try core.subscribe(to: .topics([topic]), names: [])
        #expect(throws: TopicSelection.conflict) {
            try core.subscribe(to: .pattern(TopicExpression("p.*")), names: [])
        }
        #expect(throws: TopicSelection.conflict) { try core.assign([first]) }
    }

    @Test mutating func pollWithoutSubscriptionIsRefused() throws {
        try core.unsubscribe()
        poll(1)
        let seen = effects()
        #expect(seen.failures == [.illegalState])
    }

    @Test mutating func anotherPartitionComesFirstEachTime() {
        let turns = [core.positions.takeTurn(), core.positions.takeTurn()]
        #expect(turns == [[second, first], [first, second]])
    }
}
