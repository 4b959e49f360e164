import StreamModel
import Testing

@testable import Sinks

@Suite struct S3SinkTaskTests {
    let fixture: ConnectorFixture

    init() throws {
        fixture = try ConnectorFixture()
    }

    private static let prefix = "topics/u.pin/partition=0/u.pin+0+"

    @Test func writesCompactLinesToAnObjectNamedAfterItsFirstRecord() async throws {
        fixture.log.add(#"{ "a" : 1 }"#, "2", #""\u00e9""#, #"{"b":[1, 2]}"#)
        try await fixture.runTask()
        #expect(await fixture.keys == ["\(Self.prefix)0000000000.json"])
        #expect(await fixture.text("\(Self.prefix)0000000000.json") == "{\"a\":1}\n2\n\"é\"\n")
    }

    @Test func readsWhatWasOpenAgainAfterAStop() async throws {
        fixture.log.add("0", "1", "2", "3", "4")
        try await fixture.runTask()
        fixture.log.add("5", "6")
        try await fixture.runTask()
        #expect(await fixture.keys == ["\(Self.prefix)0000000000.json", "\(Self.prefix)0000000003.json"])
        #expect(await fixture.store.lines() == ["0", "1", "2", "3", "4", "5"])
        #expect(try fixture.positions.offsets(of: "pins to/S3") == [.pins: Offset(6)])
        #expect(fixture.spoolFiles.isEmpty)
    }

    @Test func namesHaveTheDelimitersAndDigitsThatAreAskedFor() async throws {
        fixture.log.add("0")
        try await fixture.runTask([
            "flush.size": "1", "topics.dir": "", "file.delim": "-", "filename.offset.zero.pad.width": "3",
        ])
        #expect(await fixture.keys == ["u.pin/partition=0/u.pin-0-000.json"])
    }

    @Test func aDirectoryDelimiterOfItsOwnMakesFlatNames() async throws {
        fixture.log.add("0")
        try await fixture.runTask(["flush.size": "1", "directory.delim": "_"])
        #expect(await fixture.keys == ["topics_u.pin_partition=0_u.pin+0+0000000000.json"])
    }

    @Test func theScheduleCommitsAQuietTopic() async throws {
        fixture.clock.set(0)
        fixture.log.add("0")
        try await fixture.withTask(["rotate.schedule.interval.ms": "60000", "timezone": "UTC"]) { task in
            try await fixture.settle(task)
            #expect(await fixture.keys == [])
            #expect(task.progress().first?.nextFlush == 60_000)
            fixture.clock.advance(milliseconds: 60_000)
            try await fixture.settle(task)
        }
        #expect(await fixture.store.lines() == ["0"])
    }

    @Test func aFlushStoresWhatIsOpen() async throws {
        fixture.log.add("0", "1")
        try await fixture.withTask { task in
            try await fixture.settle(task)
            try await task.flush()
            #expect(await fixture.store.lines() == ["0", "1"])
            #expect(task.progress().map(\.committed) == [Offset(2)])
        }
    }

    @Test func largeFilesGrowInTheSpoolAndLeaveNothingThere() async throws {
        let line = #"{"text":""# + String(repeating: "x", count: 10_000) + #""}"#
        fixture.log.add(Array(repeating: line, count: 100))
        try await fixture.withTask(["flush.size": "100"]) { task in
            try await fixture.settle(task)
            await eventually { fixture.spoolFiles.isEmpty }
        }
        #expect(await fixture.store.lines().count == 100)
    }

    @Test func gzipIsInTheNameAndInTheBytes() async throws {
        fixture.log.add("0")
        try await fixture.runTask(["flush.size": "1", "s3.compression.type": "gzip"])
        let put = await fixture.store.objects.first
        #expect(put?.key == "\(Self.prefix)0000000000.json.gz")
    }

    @Test func bytesAreStoredAsTheyAreWithTheirSeparator() async throws {
        fixture.log.add("a", "b", "c")
        try await fixture.runTask([
            "format.class": ConnectClasses.byteArrayFormat, "format.bytearray.separator": "|\\n",
            "value.converter": ConnectClasses.byteArrayConverter, "format.bytearray.extension": "txt",
        ])
        #expect(await fixture.text("\(Self.prefix)0000000000.txt") == "a|\nb|\nc|\n")
    }

    @Test func stringsAreQuoted() async throws {
        fixture.log.add("a\"b")
        try await fixture.runTask(["flush.size": "1", "value.converter": ConnectClasses.stringConverter])
        #expect(await fixture.store.lines() == [#""a\"b""#])
    }

    @Test func keysAndHeadersLieBesideTheValues() async throws {
        fixture.log.add(records: [
            .init(key: "k", value: "1", headers: [RecordHeader(name: "h", value: Array("x".utf8))])
        ])
        try await fixture.runTask([
            "flush.size": "1", "store.kafka.keys": "true", "store.kafka.headers": "true",
            "keys.format.class": ConnectClasses.jsonFormat, "headers.format.class": ConnectClasses.jsonFormat,
        ])
        #expect(await fixture.text("\(Self.prefix)0000000000.json") == "1\n")
        #expect(await fixture.text("\(Self.prefix)0000000000.keys.json") == "\"k\"\n")
        #expect(
            await fixture.text("\(Self.prefix)0000000000.headers.json")
                == #"{"headers":[{"key":"h","value":"x"}]}"# + "\n")
    }

    @Test func partitionsAreSharedAmongTasks() async throws {
        for number in 0..<4 { fixture.log.add("\(number)", to: TopicPartition("u.pin", Int32(number))) }
        try await fixture.runTask(["flush.size": "1"], task: 0, of: 2)
        #expect(await fixture.keys.count == 2)
        try await fixture.runTask(["flush.size": "1"], task: 1, of: 2)
        #expect(await fixture.keys.count == 4)
    }

    @Test func aTopicThatIsMadeWhileTheTaskRunsIsPickedUp() async throws {
        try await fixture.withTask(["flush.size": "1"]) { task in
            await fixture.log.whenRead()
            fixture.log.add("0", to: TopicPartition("u.late", 0))
            fixture.log.add("0", to: TopicPartition("other", 0))
            try await fixture.settle(task)
        }
        #expect(await fixture.keys == ["topics/u.late/partition=0/u.late+0+0000000000.json"])
    }

    @Test func aTopicThatWasMadeAnewIsReadFromItsStartUnderOtherNames() async throws {
        fixture.log.add("0")
        try await fixture.runTask(["flush.size": "1"])
        fixture.log.delete(.pins)
        fixture.log.add("1")
        try await fixture.runTask(["flush.size": "1"])
        #expect(
            await fixture.keys == [
                "\(Self.prefix)0000000000.json", "topics/u.pin/partition=0/u.pin~1+0+0000000000.json",
            ])
    }
}
