import StreamModel
import Testing

@testable import Sinks

/// Folders of times, and rotation by the times of records.
@Suite struct TimePartitionTests {
    let fixture: ConnectorFixture

    init() throws {
        fixture = try ConnectorFixture()
    }

    private static let hourly = [
        "flush.size": "1000", "partitioner.class": ConnectClasses.hourlyPartitioner, "locale": "en",
        "timezone": "UTC", "timestamp.extractor": "Record", "rotate.interval.ms": "60000",
    ]
    private static let hour: Int64 = 3_600_000

    private func add(_ times: [Int64]) {
        fixture.log.add(
            records: times.enumerated().map { .init(value: "\($0.offset)", timestamp: $0.element) })
    }

    private func starts(_ changes: [String: String] = [:]) async throws -> [String] {
        try await fixture.runTask(Self.hourly.merging(changes) { $1 })
        return await fixture.keys.map { key in
            let parts = key.split(separator: "/")
            return "\(parts[parts.count - 2]) \(Int(key.dropLast(5).suffix(10)) ?? -1)"
        }
    }

    @Test func recordTimeThatHasPassedTheIntervalCommitsWhatCameBefore() async throws {
        add([0, 59_999, 60_000, 60_001])
        #expect(try await starts() == ["hour=00 0"])
        #expect(await fixture.store.lines("topics/") == ["0", "1"])
    }

    @Test func anotherPartitionCommitsWhatCameBefore() async throws {
        add([Self.hour - 1, Self.hour, Self.hour + 1])
        #expect(try await starts() == ["hour=00 0"])
    }

    @Test func timeThatRunsBackwardsWithinAPartitionDoesNotCommit() async throws {
        add([50_000, 10_000, 0, 50_000])
        #expect(try await starts() == [])
    }

    @Test func recordsThatAreLateAlternateBetweenFilesUnlessToldOtherwise() async throws {
        add([Self.hour, 0, Self.hour, 0])
        #expect(try await starts() == ["hour=00 1", "hour=01 0", "hour=01 2"])
    }

    @Test func withoutRotationOnChangeLateRecordsShareFiles() async throws {
        add([Self.hour, 0, Self.hour, 0, Self.hour + 60_000])
        let changes = ["rotate.file.on.partition.change": "false"]
        #expect(try await starts(changes) == ["hour=00 1", "hour=01 0"])
        #expect(await fixture.store.lines("topics/") == ["1", "3", "0", "2"])
    }

    @Test func theCountOfAllFilesTogetherCommitsThemAll() async throws {
        add([0, Self.hour, 0, Self.hour])
        let changes = ["rotate.interval.ms": "-1", "flush.size": "3"]
        #expect(try await starts(changes) == ["hour=00 0", "hour=01 1"])
    }

    @Test func oneFileTooManyCommitsTheOthers() async throws {
        add([0, Self.hour, 2 * Self.hour])
        let changes = ["rotate.interval.ms": "-1", "partitioner.max.open.files": "2"]
        #expect(try await starts(changes) == ["hour=00 0", "hour=01 1"])
    }

    @Test func recordTimesDoNotCommitAQuietTopic() async throws {
        add([0])
        try await fixture.withTask(Self.hourly) { task in
            try await fixture.settle(task)
            fixture.clock.advance(milliseconds: 1_000_000)
            try await fixture.settle(task)
        }
        #expect(await fixture.keys == [])
    }

    @Test func theWallClockCommitsAQuietTopic() async throws {
        add([0])
        try await fixture.withTask(Self.hourly.merging(["timestamp.extractor": "Wallclock"]) { $1 }) { task in
            try await fixture.settle(task)
            fixture.clock.advance(milliseconds: 60_000)
            try await fixture.settle(task)
        }
        #expect(await fixture.keys.count == 1)
    }

    @Test func aFieldGivesTheTime() async throws {
        fixture.log.add(#"{"a":{"t":"2024-05-01T10:00:00+02:00"}}"#, #"{"a":{"t":1714550400000}}"#, "1")
        try await fixture.runTask(
            Self.hourly.merging([
                "timestamp.extractor": "RecordField", "timestamp.field": "a.t", "flush.size": "2",
                "rotate.interval.ms": "-1", "errors.tolerance": "all", "errors.log.enable": "true",
            ]) { $1 })
        #expect(
            await fixture.keys == [
                "topics/u.pin/year=2024/month=05/day=01/hour=08/u.pin+0+0000000000.json"
            ])
    }

    @Test func aRecordWithoutATimeIsBad() async throws {
        add([-1])
        #expect(try await fixture.failure(of: Self.hourly).contains("Unable to determine timestamp"))
    }
}
