import StreamModel
import Testing

@testable import Sinks

@Suite struct SinkRoundsTests {
    private let log = MemoryLog()
    private static let geo = TopicPartition("u.geo", 0)

    /// Objects of three records or 100 bytes, closed at each full second.
    private func makeRounds(_ change: (inout SinkSettings) -> Void = { _ in }) -> SinkRounds {
        var settings = SinkSettings()
        settings.flushSize = 3
        settings.maxObjectBytes = 100
        settings.rotateScheduleMilliseconds = 1_000
        change(&settings)
        var rounds = SinkRounds(settings: settings)
        rounds.begin([.pins: TopicLife(id: .life(0)), Self.geo.topic: TopicLife(id: .life(0))])
        return rounds
    }

    private func read(_ rounds: inout SinkRounds, now: Int64 = 0, maxBytes: Int = 1 << 30)
        -> SinkRounds.Backlog
    {
        rounds.read(log, partitions: log.partitions(), maxBytes: maxBytes, now: now)
    }

    /// What was finished, as `<partition> <start>..<end> <lines>`, the dead letters not told.
    private func finished(_ rounds: inout SinkRounds, now: Int64 = 0) -> [String] {
        rounds.takeFinished(now: now).map { plan, object in
            let lines = String(decoding: object.content, as: UTF8.self).split(separator: "\n")
            return "\(plan.partition) \(plan.start)..<\(plan.end) \(lines.joined(separator: " "))"
        }
    }

    @Test func nothingIsFinishedBeforeItIsFullOrDue() throws {
        var rounds = makeRounds()
        log.add("1", "2")
        #expect(read(&rounds) == .few)
        #expect(finished(&rounds, now: 999) == [])
    }

    @Test func anObjectIsFinishedAtTheFlushSize() throws {
        var rounds = makeRounds()
        log.add("1", "2", "3")
        #expect(read(&rounds) == .few)
        #expect(finished(&rounds) == ["u.pin-0 0..<3 1 2 3"])
        #expect(rounds.nextDue == nil)
    }

    @Test func severalObjectsOfOnePartitionAreFinishedInOneRoundInOrder() throws {
        var rounds = makeRounds()
        log.add((0..<8).map(String.init))
        _ = read(&rounds)
        #expect(finished(&rounds) == ["u.pin-0 0..<3 0 1 2", "u.pin-0 3..<6 3 4 5"])
        #expect(finished(&rounds, now: 1_000) == ["u.pin-0 6..<8 6 7"])
    }

    @Test func theFullOnesOfAPartitionComeBeforeTheOneThatIsDue() throws {
        var rounds = makeRounds()
        log.add((0..<4).map(String.init))
        _ = read(&rounds)
        #expect(finished(&rounds, now: 1_000) == ["u.pin-0 0..<3 0 1 2", "u.pin-0 3..<4 3"])
    }

    @Test func anObjectIsFinishedWhenItHasGrownTooLarge() throws {
        var rounds = makeRounds()
        let long = "\"" + String(repeating: "a", count: 97) + "\""
        log.add(long, "1", long, "2")
        _ = read(&rounds)
        #expect(finished(&rounds) == ["u.pin-0 0..<1 \(long)", "u.pin-0 1..<3 1 \(long)"])
    }

    @Test func whatIsSetAsideFillsAnObjectToo() throws {
        var rounds = makeRounds { $0.maxObjectBytes = 1_000 }
        let bad = String(repeating: "x", count: 1_000)
        log.add(bad, bad, "1")
        _ = read(&rounds)
        let taken = rounds.takeFinished(now: 0)
        #expect(taken.map(\.0.end) == [Offset(1), Offset(2)])
        #expect(taken.map(\.1.deadLetters.count) == [1, 1])
    }

    @Test func tombstonesMoveThePositionWithoutFillingAnObject() throws {
        var rounds = makeRounds()
        log.add(nil, "1", nil, nil, "2")
        _ = read(&rounds)
        #expect(finished(&rounds) == [])
        #expect(finished(&rounds, now: 1_000) == ["u.pin-0 0..<5 1 2"])
    }

    @Test func anObjectThatIsOpenIsFilledOverManyRounds() throws {
        var rounds = makeRounds()
        for number in 0..<3 {
            log.add("\(number)")
            #expect(read(&rounds, now: Int64(number)) == .few)
            #expect(finished(&rounds) == (number < 2 ? [] : ["u.pin-0 0..<3 0 1 2"]))
        }
    }

    @Test func theScheduleClosesEveryObjectThatIsDueOnce() throws {
        var rounds = makeRounds()
        log.add("1")
        log.add("2", to: Self.geo)
        _ = read(&rounds, now: 500)
        #expect(rounds.nextDue == 1_000)
        #expect(finished(&rounds, now: 1_000).sorted() == ["u.geo-0 0..<1 2", "u.pin-0 0..<1 1"])
        #expect(rounds.nextDue == nil)
        #expect(finished(&rounds, now: 5_000) == [])
    }

    @Test func recordsAfterAClosedObjectBeginTheNext() throws {
        var rounds = makeRounds()
        log.add("1")
        _ = read(&rounds, now: 500)
        _ = rounds.takeFinished(now: 1_000)
        log.add("2")
        _ = read(&rounds, now: 1_100)
        #expect(rounds.nextDue == 2_000)
        #expect(finished(&rounds, now: 2_000) == ["u.pin-0 1..<2 2"])
    }

    @Test func aRoundSaysWhetherMoreWaits() throws {
        var rounds = makeRounds()
        #expect(read(&rounds) == .none)
        log.add("1", "2")
        #expect(read(&rounds, maxBytes: 1) == .more)
        #expect(read(&rounds, maxBytes: 1) == .few)
        #expect(read(&rounds) == .none)
    }

    @Test func aPartitionWithABacklogCountsWhereAnotherHasNone() throws {
        var rounds = makeRounds()
        log.add("1", "2", to: Self.geo)
        log.add([], to: .pins)
        #expect(read(&rounds, maxBytes: 1) == .more)
    }

    @Test func readingBeginsAtThePositionGiven() throws {
        var rounds = makeRounds()
        log.add((0..<5).map(String.init))
        rounds.positions[.pins] = Offset(3)
        _ = read(&rounds)
        #expect(finished(&rounds, now: 1_000) == ["u.pin-0 3..<5 3 4"])
    }

    @Test func readingBeginsAtTheLogsStartWhereRetentionWasFaster() throws {
        var rounds = makeRounds()
        log.add((0..<5).map(String.init))
        log.dropRecords(before: 4, of: .pins)
        rounds.positions[.pins] = Offset(1)
        _ = read(&rounds)
        #expect(finished(&rounds, now: 1_000) == ["u.pin-0 4..<5 4"])
    }

    @Test func readingStopsWhileTooMuchWaitsToBeStored() throws {
        var rounds = makeRounds { $0.flushSize = 1 }
        let large = "\"" + String(repeating: "a", count: 8 << 20) + "\""
        log.add([large, large, large, large], to: Self.geo)
        log.add("1")
        #expect(read(&rounds) == .more)
        #expect(rounds.positions[.pins] == nil)
        #expect(rounds.takeFinished(now: 0).count == 4)
        #expect(read(&rounds) == .few)
        #expect(finished(&rounds) == ["u.pin-0 0..<1 1"])
    }

    @Test func aPartitionThatCannotBeReadIsTriedAgainLaterFromItsLastFinishedObject() {
        var rounds = makeRounds { $0.retryBackoffMilliseconds = 50 }
        log.add("1", "2")
        #expect(read(&rounds) == .few)
        log.add("3")
        log.failReads(1)
        #expect(read(&rounds) == .none)
        #expect(rounds.faults.keys.contains(.pins))
        #expect(read(&rounds, now: 49) == .none)
        #expect(read(&rounds, now: 50) == .few)
        #expect(rounds.faults.isEmpty)
        #expect(finished(&rounds) == ["u.pin-0 0..<3 1 2 3"])
    }

    @Test func aPartitionThatCannotBeReadDoesNotKeepTheOthersWaiting() {
        var rounds = makeRounds()
        log.add("1", to: Self.geo)
        log.add("1")
        log.failReads(1)
        #expect(read(&rounds) == .few)
        #expect(rounds.faults.count == 1)
        #expect(finished(&rounds, now: 1_000).count == 1)
    }

    @Test func aLogThatEndsBeforeWhatIsStoredIsAFault() {
        var rounds = makeRounds()
        log.add("1")
        rounds.positions[.pins] = Offset(5)
        #expect(read(&rounds) == .none)
        #expect(rounds.faults[.pins]?.message.contains("lost its tail") == true)
    }

    @Test func aTopicWhoseObjectsWouldHaveTooLongNamesIsAFault() throws {
        var rounds = makeRounds()
        let topic = try #require(TopicName(String(repeating: "x", count: 240)))
        let long = TopicPartition(topic, PartitionIndex(0))
        log.add("1", to: long)
        rounds.begin([topic: TopicLife(id: .life(0))])
        #expect(read(&rounds) == .none)
        #expect(rounds.faults[long]?.message.contains("255 bytes") == true)
    }

    @Test func offsetsWithoutRecordsBelongToTheObjectThatIsOpen() {
        var rounds = makeRounds()
        log.add("1")
        log.addOffsets(2)
        _ = read(&rounds)
        #expect(finished(&rounds, now: 1_000) == ["u.pin-0 0..<3 1"])
        log.addOffsets(1)
        _ = read(&rounds, now: 1_000)
        #expect(rounds.nextDue == 2_000)
        #expect(finished(&rounds, now: 2_000) == ["u.pin-0 3..<4 "])
    }

    @Test func aTopicIsMetBeforeItIsReadAndOnlyOnceItHasRecords() throws {
        var rounds = makeRounds()
        let other = TopicPartition("v.pin", 0)
        log.add([], to: other)
        #expect(read(&rounds) == .none)
        #expect(rounds.takeMet().isEmpty)
        log.add("1", to: other)
        #expect(read(&rounds) == .more)
        #expect(finished(&rounds, now: 1_000) == [])
        let met = rounds.takeMet()
        #expect(met == [other.topic: .life(0)])
        rounds.begin(met.mapValues { TopicLife(id: $0) })
        #expect(read(&rounds) == .few)
        #expect(finished(&rounds, now: 1_000) == ["v.pin-0 0..<1 1"])
    }

    @Test func whatWasReadOfATopicThatWasMadeAnewIsFinishedBeforeTheNewOneIsRead() {
        var rounds = makeRounds()
        log.add("1", "2")
        _ = read(&rounds)
        log.delete(.pins)
        log.add("3")
        #expect(read(&rounds) == .more)
        #expect(finished(&rounds) == ["u.pin-0 0..<2 1 2"])
        rounds.begin(rounds.takeMet().mapValues { TopicLife(id: $0, number: 1) })
        #expect(read(&rounds) == .few)
        #expect(finished(&rounds, now: 1_000) == ["u.pin-0 0..<1 3"])
    }

    @Test func theFaultOfATopicThatWasDeletedIsForgotten() {
        var rounds = makeRounds()
        log.add("1")
        log.setBroken(.pins, true)
        _ = read(&rounds)
        #expect(!rounds.faults.isEmpty)
        log.delete(.pins)
        _ = read(&rounds)
        #expect(rounds.faults.isEmpty)
    }

    @Test func nothingIsReadOfAPartitionWhosePlannedObjectsWait() {
        var rounds = makeRounds()
        log.add("1")
        rounds.planned = [.init(partition: .pins, start: Offset(0), end: Offset(1))]
        #expect(read(&rounds) == .none)
        #expect(rounds.isRemakingDue(now: 0))
        rounds.setFault(MemoryLog.Unreadable(), of: .pins, now: 0)
        #expect(!rounds.isRemakingDue(now: 4_999))
        #expect(rounds.isRemakingDue(now: 5_000))
    }
}
