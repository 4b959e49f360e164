import StreamModel
import Testing

@testable import LogStorage

@Suite struct DeleteRecordsTests {
    private func fill(_ log: CommitLog) async {
        for number in 0..<12 { _ = await log.send("\(number)") }
    }

    @Test func thePartitionBeginsLaterAndSegmentsBeforeGo() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            await fill(log)
            let segments = fixture.paths("log").count
            #expect(try log.deleteRecords(of: .zero, before: Offset(7)) == Offset(7))
            #expect(try log.range(of: .zero) == OffsetRange(start: Offset(7), end: Offset(12)))
            #expect(try log.values(from: 7) == (7..<12).map(String.init))
            #expect(throws: LogStorageError.self) { try log.values(from: 6) }
            #expect(fixture.paths("log").count < segments)
        }
        try await fixture.withLog { log throws in
            #expect(try log.range(of: .zero) == OffsetRange(start: Offset(7), end: Offset(12)))
            #expect(try log.values(from: 7) == (7..<12).map(String.init))
        }
    }

    @Test func anEarlierOffsetChangesNothingAndALaterThanTheEndIsRefused() async throws {
        try await LogFixture().withLog { log throws in
            await fill(log)
            #expect(try log.deleteRecords(of: .zero, before: Offset(5)) == Offset(5))
            #expect(try log.deleteRecords(of: .zero, before: Offset(3)) == Offset(5))
            #expect(throws: LogStorageError.self) { try log.deleteRecords(of: .zero, before: Offset(13)) }
            #expect(throws: LogStorageError.self) {
                try log.deleteRecords(of: TopicPartition("other", 0), before: nil)
            }
            #expect(try log.range(of: .zero).start == Offset(5))
        }
    }

    @Test(arguments: [LogSettings.FlushPolicy.commit, .none])
    func upToTheEndNothingIsLeftAndOffsetsGoOn(flush: LogSettings.FlushPolicy) async throws {
        let fixture = LogFixture { $0.flush = flush }
        let log = try fixture.open()
        await fill(log)
        #expect(try log.deleteRecords(of: .zero, before: nil) == Offset(12))
        #expect(try log.byteCount(of: .zero) == 0)
        #expect(try log.range(of: .zero) == OffsetRange(start: Offset(12), end: Offset(12)))
        fixture.crash(log, losing: .everythingVolatile)
        try await fixture.withLog { log throws in
            #expect(try log.range(of: .zero) == OffsetRange(start: Offset(12), end: Offset(12)))
            #expect(await log.send("x").firstOffset == 12)
            #expect(try log.values(from: 12) == ["x"])
        }
    }

    @Test func noHoldKeepsWhatAUserDeletes() async throws {
        try await LogFixture().withLog { log throws in
            log.addHold { _ in Offset(0) }
            await fill(log)
            #expect(try log.deleteRecords(of: .zero, before: nil) == Offset(12))
        }
    }

    @Test func anEmptyPartitionStaysAsItIs() async throws {
        try await LogFixture().withLog { log throws in
            try log.createTopic(.pins)
            #expect(try log.deleteRecords(of: .zero, before: nil) == Offset(0))
        }
    }

    @Test func aStartThatCannotBeReadStopsThePartition() async throws {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            await fill(log)
            _ = try log.deleteRecords(of: .zero, before: Offset(2))
        }
        fixture.disk["log/user.pin/0/log-start-offset"] = Array("soon".utf8)
        try await fixture.withLog { log throws in
            #expect(throws: LogStorageError.self) {
                try log.read(.zero, from: Offset(2), maxBytes: 1) { _ in }
            }
            #expect(!log.status().isReady)
        }
    }
}
