import Logging
import ServiceLifecycle
import StreamModel
import Testing

@testable import Sinks

@Suite struct ObjectSinkTests {
    @Test func everyRecordOfATopicBecomesALine() async throws {
        let fixture = try SinkFixture()
        fixture.log.add((0..<7).map { "{ \"n\" : \($0) }" })
        try await fixture.withSink { _ in
            await fixture.log.whenRead()
            fixture.passSchedule()
            await fixture.log.whenRead()
        }
        #expect(
            await fixture.store.objects == [
                .init(
                    key: "topics/u.pin/partition=0/u.pin+0+0000000000.json",
                    text: "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n"),
                .init(
                    key: "topics/u.pin/partition=0/u.pin+0+0000000003.json",
                    text: "{\"n\":3}\n{\"n\":4}\n{\"n\":5}\n"),
                .init(key: "topics/u.pin/partition=0/u.pin+0+0000000006.json", text: "{\"n\":6}\n"),
            ])
        #expect(
            try fixture.positions.load()
                == SinkPositions.State(
                    committed: [.pins: Offset(7)], lives: [.pins: TopicLife(id: .life(0))]))
    }

    @Test func anObjectThatIsNeitherFullNorDueIsNotStored() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("1", "2")
        try await fixture.runSink()
        #expect(await fixture.store.objects.isEmpty)
        #expect(try fixture.positions.load().committed.isEmpty)
        #expect(try fixture.positions.load().planned.isEmpty)
    }

    @Test func aFlushStoresWhatIsNeitherFullNorDue() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("1", "2")
        let isStored = try await fixture.withSink { await $0.flush(within: .seconds(20)) }
        #expect(isStored)
        #expect(await fixture.store.objects.map(\.text) == ["1\n2\n"])
        #expect(try fixture.positions.load().committed == [.pins: Offset(2)])
    }

    @Test func aFlushOfASinkThatDoesNotRunSaysSo() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("1")
        #expect(await fixture.makeSink().flush(within: .milliseconds(30)) == false)
        #expect(await fixture.store.objects.isEmpty)
    }

    @Test func topicsThatAreNotAcceptedStayInTheLog() async throws {
        let fixture = try SinkFixture()
        let other = TopicPartition("other", 0)
        fixture.log.add("1", "2", "3", to: other)
        let held = try await fixture.withSink { sink in
            await fixture.log.whenRead()
            return sink.heldOffset(of: other)
        }
        #expect(fixture.store.puts.isEmpty)
        #expect(held == nil)
    }

    @Test func recordsThatComeWhileItRunsAreStored() async throws {
        let fixture = try SinkFixture()
        try await fixture.withSink { _ in
            await fixture.log.whenRead()
            fixture.log.add("1", "2", "3")
            await fixture.log.whenRead()
            fixture.log.add("4", "5", "6", to: TopicPartition("v.pin", 1))
            await fixture.log.whenRead()
        }
        #expect(
            await fixture.store.objects.map(\.key) == [
                "topics/u.pin/partition=0/u.pin+0+0000000000.json",
                "topics/v.pin/partition=1/v.pin+1+0000000000.json",
            ])
    }

    @Test func theNextSinkGoesOnWhereTheLastOneCommitted() async throws {
        let fixture = try SinkFixture()
        fixture.log.add((0..<5).map(String.init))
        try await fixture.runSink()
        fixture.log.add("5")
        try await fixture.runSink()
        #expect(await fixture.store.lines() == (0..<6).map(String.init))
        #expect(fixture.store.puts.count == 2)
    }

    @Test func tombstonesAloneAreCommittedWithoutAnObject() async throws {
        let fixture = try SinkFixture()
        fixture.log.add(nil, nil)
        let sink = try await fixture.withSink { sink in
            await fixture.log.whenRead()
            fixture.passSchedule()
            await fixture.log.whenRead()
            return sink
        }
        #expect(fixture.store.puts.isEmpty)
        #expect(try fixture.positions.load().committed == [.pins: Offset(2)])
        #expect(sink.value(of: "pinline_sink_tombstones_total") == 2)
        #expect(sink.value(of: "pinline_sink_objects_total") == 0)
    }

    @Test func offsetsWithoutRecordsAreCommittedToo() async throws {
        let fixture = try SinkFixture()
        fixture.log.add("1", "2")
        fixture.log.addOffsets(3)
        try await fixture.withSink { sink in
            await fixture.log.whenRead()
            #expect(sink.value(of: "pinline_sink_lag_records", .pins) == 5)
            fixture.passSchedule()
            await fixture.log.whenRead()
            #expect(sink.value(of: "pinline_sink_lag_records", .pins) == 0)
            fixture.log.addOffsets(1)
            await fixture.log.whenRead()
            fixture.passSchedule()
            await fixture.log.whenRead()
            #expect(sink.value(of: "pinline_sink_lag_records", .pins) == 0)
        }
        #expect(fixture.store.puts.map(\.text) == ["1\n2\n"])
        #expect(try fixture.positions.load().committed == [.pins: Offset(6)])
    }

    @Test func aDeadLetterCarriesItsReasonAndOrigin() async throws {
        let fixture = try SinkFixture { $0.flushSize = 2 }
        fixture.log.add("1", "{broken", "2", to: TopicPartition("u.pin", 4))
        let sink = try await fixture.withSink { sink in
            await fixture.log.whenRead()
            return sink
        }
        let letters = fixture.log.records(of: .deadLetters)
        #expect(letters.map(\.value) == ["{broken"])
        #expect(letters.map(\.key) == [nil])
        let headers = (letters.first?.headers ?? []).map { header in
            "\(header.name)=\(String(decoding: header.value ?? [], as: UTF8.self))"
        }
        #expect(
            headers == [
                "__connect.errors.topic=u.pin", "__connect.errors.partition=4", "__connect.errors.offset=1",
                "__connect.errors.exception.message=not JSON: unexpected character (at byte 1)",
            ])
        #expect(await fixture.store.lines("topics/u.pin/partition=4/") == ["1", "2"])
        #expect(sink.value(of: "pinline_sink_dead_letters_total") == 1)
    }

    @Test func deadLettersGoToTheTopicOfTheSettings() async throws {
        let fixture = try SinkFixture {
            $0.flushSize = 1
            $0.deadLetterTopic = .named("mine")
        }
        fixture.log.add("no JSON", "1")
        try await fixture.runSink()
        #expect(fixture.log.records(of: TopicPartition("mine", 0)).map(\.value) == ["no JSON"])
    }

    @Test func deadLettersAreDroppedWhereNoTopicIsSet() async throws {
        let fixture = try SinkFixture {
            $0.flushSize = 1
            $0.deadLetterTopic = nil
        }
        fixture.log.add("no JSON", "1")
        try await fixture.runSink()
        #expect(fixture.log.partitions() == [.pins])
        #expect(await fixture.store.lines() == ["1"])
    }

    @Test func stopsWhenAskedGracefullyThoughNothingComesIn() async throws {
        let fixture = try SinkFixture()
        let group = ServiceGroup(
            services: [fixture.makeSink()], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await fixture.log.whenRead()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

extension ObjectSink {
    /// The value of a metric, or of its sample for one partition.
    func value(of name: String, _ partition: TopicPartition? = nil) -> Double? {
        samples().first { sample in
            guard sample.name == name else { return false }
            guard let partition else { return true }
            return sample.labels.map(\.value) == [partition.topic.rawValue, "\(partition.partition)"]
        }?.value
    }
}
