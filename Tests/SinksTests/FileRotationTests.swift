import Testing

@testable import Sinks

@Suite struct FileRotationTests {
    var rotation = FileRotation(maxRecords: 3, maxBytes: 100, intervalMilliseconds: 1_000)

    @Test mutating func staysOpenBelowEveryLimit() {
        #expect(rotation.recordAppended(recordCount: 2, byteCount: 99, now: 5_100) == .keepOpen)
        #expect(rotation.timerFired(now: 5_999) == .keepOpen)
    }

    @Test mutating func closesAtTheLastRecordAllowed() {
        #expect(rotation.recordAppended(recordCount: 3, byteCount: 10, now: 0) == .close(.recordCount))
    }

    @Test mutating func closesWhenItHasGrownTooLarge() {
        #expect(rotation.recordAppended(recordCount: 1, byteCount: 100, now: 0) == .close(.byteCount))
    }

    @Test mutating func closesWhenTheTimerFiresEvenIfNoMoreRecordsArrive() {
        _ = rotation.recordAppended(recordCount: 1, byteCount: 1, now: 5_100)
        #expect(rotation.timerFired(now: 6_000) == .close(.schedule))
    }

    @Test mutating func isDueAtAMultipleOfTheIntervalNotAfterOne() {
        _ = rotation.recordAppended(recordCount: 1, byteCount: 1, now: 5_999)
        #expect(rotation.nextDue == 6_000)
    }

    @Test mutating func aRecordAtTheMultipleItselfHasAWholeInterval() {
        _ = rotation.recordAppended(recordCount: 1, byteCount: 1, now: 6_000)
        #expect(rotation.nextDue == 7_000)
    }

    @Test mutating func laterRecordsDoNotPutTheScheduleOff() {
        _ = rotation.recordAppended(recordCount: 1, byteCount: 1, now: 5_100)
        _ = rotation.recordAppended(recordCount: 2, byteCount: 2, now: 7_500)
        #expect(rotation.timerFired(now: 7_500) == .close(.schedule))
    }

    @Test mutating func nothingIsDueWithoutARecord() {
        #expect(rotation.nextDue == nil)
        #expect(rotation.timerFired(now: .max) == .keepOpen)
    }

    @Test(arguments: [0, 1, 2])
    mutating func nothingIsDueAfterItWasClosed(by cause: Int) {
        let records = cause == 0 ? 3 : 1
        let bytes = cause == 1 ? 100 : 1
        _ = rotation.recordAppended(recordCount: records, byteCount: bytes, now: 0)
        if cause == 2 { _ = rotation.timerFired(now: 1_000) }
        #expect(rotation.nextDue == nil)
        #expect(rotation.timerFired(now: .max) == .keepOpen)
    }

    @Test func anIntervalOfAnyLengthIsAllowed() {
        var rotation = FileRotation(maxRecords: 3, maxBytes: 100, intervalMilliseconds: .max)
        _ = rotation.recordAppended(recordCount: 1, byteCount: 1, now: 1_700_000_000_000)
        #expect(rotation.nextDue == .max)
    }
}
