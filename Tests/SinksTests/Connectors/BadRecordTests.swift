import StreamModel
import Testing

@testable import Sinks

@Suite struct BadRecordTests {
    let fixture: ConnectorFixture

    init() throws {
        fixture = try ConnectorFixture()
    }

    private static let tolerant = [
        "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dlq",
        "errors.deadletterqueue.context.headers.enable": "true",
    ]

    private var letters: [MemoryLog.Record] { fixture.log.records(of: TopicPartition("dlq", 0)) }

    private func header(_ name: String, _ record: MemoryLog.Record) -> String? {
        record.headers.first { $0.name == "__connect.errors." + name }?.value
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func withoutToleranceTheTaskFailsAndNamesTheRecord() async throws {
        fixture.log.add("0", "no JSON")
        let failure = try await fixture.failure()
        for part in ["offset 1", "topic u.pin", "partition 0", "errors.tolerance"] {
            #expect(failure.contains(part))
        }
    }

    @Test func aBadRecordGoesToTheDeadLetterTopicWithItsOriginAndTheRestGoesOn() async throws {
        fixture.log.add("0", "no JSON", "2", "3")
        try await fixture.runTask(Self.tolerant)
        #expect(await fixture.store.lines() == ["0", "2", "3"])
        let letter = try #require(letters.first)
        #expect(letters.count == 1)
        #expect(letter.value == "no JSON")
        #expect(header("topic", letter) == "u.pin")
        #expect(header("partition", letter) == "0")
        #expect(header("offset", letter) == "1")
        #expect(header("connector.name", letter) == "pins to/S3")
        #expect(header("task.id", letter) == "0")
        #expect(header("stage", letter) == "VALUE_CONVERTER")
        #expect(header("exception.message", letter)?.contains("not JSON") == true)
    }

    @Test func withToleranceAloneABadRecordIsLeftOut() async throws {
        fixture.log.add("no JSON", "1", "2", "3")
        try await fixture.runTask(["errors.tolerance": "all"])
        #expect(await fixture.keys == ["topics/u.pin/partition=0/u.pin+0+0000000001.json"])
    }

    @Test func aTopicOfBadRecordsAloneIsDoneWith() async throws {
        fixture.log.add("x", "y")
        try await fixture.runTask(Self.tolerant)
        #expect(letters.count == 2)
        #expect(try fixture.positions.offsets(of: "pins to/S3") == [.pins: Offset(2)])
    }

    // MARK: Null values

    @Test func aNullValueFailsTheTaskUnlessToldOtherwise() async throws {
        fixture.log.add("0", nil)
        #expect(
            try await fixture.failure().contains("Null valued records are not writeable with current"))
    }

    @Test(arguments: [
        [nil, "1", "2", "3"], ["1", nil, "2", "3"], ["1", "2", nil, "3"], ["1", "2", "3", nil],
    ])
    func ignoredNullsMoveTheOffsetOn(_ values: [String?]) async throws {
        fixture.log.add(values)
        try await fixture.withTask(["behavior.on.null.values": "ignore"]) { task in
            try await fixture.settle(task)
            try await fixture.settle(task)
        }
        #expect(await fixture.store.lines() == ["1", "2", "3"])
        #expect(try fixture.positions.offsets(of: "pins to/S3") == [.pins: Offset(4)])
    }

    @Test func ignoredNullsAreReportedUnlessToldOtherwise() async throws {
        fixture.log.add(nil)
        try await fixture.runTask(Self.tolerant.merging(["behavior.on.null.values": "ignore"]) { $1 })
        #expect(letters.count == 1)
    }

    @Test func writtenNullsLeaveTheirKeysInAFolderOfTheirOwn() async throws {
        fixture.log.add(records: [
            .init(key: "a", value: "1"), .init(key: "b", value: nil), .init(key: "c", value: "3"),
        ])
        try await fixture.runTask([
            "behavior.on.null.values": "write", "store.kafka.keys": "true",
            "keys.format.class": ConnectClasses.jsonFormat,
        ])
        #expect(
            await fixture.keys == [
                "topics/u.pin/partition=0/u.pin+0+0000000000.json",
                "topics/u.pin/partition=0/u.pin+0+0000000000.keys.json",
                "topics/u.pin/tombstone/u.pin+0+0000000001.keys.json",
            ])
        #expect(await fixture.text("topics/u.pin/tombstone/u.pin+0+0000000001.keys.json") == "\"b\"\n")
    }

    @Test func aRecordWithoutAKeyIsBadWhereKeysAreStored() async throws {
        fixture.log.add("1")
        let failure = try await fixture.failure(of: [
            "store.kafka.keys": "true", "keys.format.class": ConnectClasses.jsonFormat,
        ])
        #expect(failure.contains("Key cannot be null"))
    }
}
