import StreamModel
import Testing

@testable import Sinks

@Suite struct ObjectSinkStatusTests {
    private static let lag = "pinline_sink_lag_records"

    @Test func isNotReadyBeforeItRuns() throws {
        let status = try SinkFixture().makeSink().status()
        #expect(status == PartStatus(part: "sink", isReady: false, detail: "recovering"))
    }

    @Test func isReadyWhenItRuns() async throws {
        let fixture = try SinkFixture()
        let status = try await fixture.withSink { sink in
            await fixture.log.whenRead()
            return sink.status()
        }
        #expect(status == PartStatus(part: "sink", isReady: true, detail: "running"))
    }

    @Test func tellsWhatTheStoreRefusedUntilItRecovers() async throws {
        let refused = try SinkFixture { $0.retryBackoffMilliseconds = 3_600_000 }
        refused.log.add("1", "2", "3")
        refused.store.fail(.before)
        let status = try await refused.withSink { sink in
            await eventually { sink.status().detail == "the disk is full" }
            return sink.status()
        }
        #expect(status == PartStatus(part: "sink", isReady: false, detail: "the disk is full"))

        let recovered = try SinkFixture()
        recovered.log.add("1", "2", "3")
        recovered.store.fail(.before)
        let later = try await recovered.withSink { sink in
            await recovered.store.whenFailed()
            await eventually { sink.status().isReady }
            return sink.status()
        }
        #expect(later.isReady)
    }

    @Test func lagCountsRecordsThatAreInNoObject() async throws {
        let fixture = try SinkFixture()
        let second = TopicPartition("u.pin", 1)
        fixture.log.add("0", "1", "2", "3", "4")
        fixture.log.add("0", to: second)
        fixture.log.add("0", to: TopicPartition("other", 0))
        try await fixture.withSink { sink in
            await fixture.log.whenRead()
            #expect(sink.value(of: Self.lag, .pins) == 2)
            #expect(sink.value(of: Self.lag, second) == 1)
            #expect(sink.value(of: Self.lag, TopicPartition("other", 0)) == nil)
            #expect(sink.value(of: Self.lag + "_sum") == 3)
            fixture.passSchedule()
            await fixture.log.whenRead()
            #expect(sink.value(of: Self.lag, .pins) == 0)
            #expect(sink.value(of: Self.lag + "_sum") == 0)
        }
    }

    @Test func lagOfASinkThatStartsAgainIsWhatTheLastOneLeft() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("0", "1", "2", "3")
        try await fixture.runSink()
        let lag = try await fixture.withSink { sink in
            await fixture.log.whenRead()
            return sink.value(of: Self.lag, .pins)
        }
        #expect(lag == 1)
    }

    @Test func lagDoesNotCountWhatRetentionDropped() throws {
        let fixture = try SinkFixture()
        fixture.log.add("0", "1", "2", "3")
        fixture.log.dropRecords(before: 3, of: .pins)
        #expect(fixture.makeSink().value(of: Self.lag, .pins) == 1)
    }

    @Test func theLogHoldsWhatIsNotCommitted() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("0", "1", "2", "3")
        let held = try await fixture.withSink { sink in
            #expect(sink.heldOffset(of: TopicPartition("new.pin", 0)) == Offset(0))
            await fixture.log.whenRead()
            return sink.heldOffset(of: .pins)
        }
        #expect(held == Offset(3))
    }

    @Test func countsWhatItStored() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("10", "20", "30", "40", "50", "60")
        let sink = try await fixture.withSink { sink in
            await fixture.log.whenRead()
            return sink
        }
        #expect(sink.value(of: "pinline_sink_objects_total") == 2)
        #expect(sink.value(of: "pinline_sink_records_total") == 6)
        #expect(sink.value(of: "pinline_sink_bytes_total") == 18)
    }
}
