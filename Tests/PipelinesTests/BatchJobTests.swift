import QueryEngine
import Testing

@testable import Pipelines

/// Two tables with cleaning as real ones have it, and three questions.
enum SamplePipeline {
    static let cleanPin = """
        SELECT index AS ind, title, CASE WHEN followers LIKE '%k'
            THEN 1000 * try_cast(left(followers, length(followers) - 1) AS BIGINT)
            ELSE try_cast(followers AS BIGINT) END AS followers, score
        FROM pin_raw
        """
    static let cleanGeo =
        "SELECT ind, country, try_cast(`timestamp` AS timestamp) AS `timestamp` FROM geo_raw"
    static let queries = [
        QueryFile(
            stem: "1-by-country",
            text: """
                -- How many posts are there in each country?
                SELECT country, count(*) AS posts FROM pin p JOIN geo g ON g.ind = p.ind
                GROUP BY country ORDER BY country NULLS LAST
                """),
        QueryFile(
            stem: "2-most-followed",
            text:
                "-- Who has most?\nSELECT title, followers FROM pin WHERE followers >= :least ORDER BY followers DESC, title"
        ),
        QueryFile(
            stem: "3-latest",
            text: "-- When was the last one?\n-- run: on request\nSELECT max(timestamp) AS latest FROM geo"),
    ]

    static var folder: PipelineFolder {
        PipelineFolder(
            path: "sample",
            definition: PipelineDefinition(
                name: "sample", parameters: ["least": .integer(2000)], tables: sampleTables),
            cleaning: [SQLText(cleanPin), SQLText(cleanGeo)], queries: queries)
    }

    static func job(_ bucket: TemporaryBucket, _ parameters: [String: SQLValue] = [:]) -> SampleJob {
        SampleJob(
            bucket: bucket,
            job: BatchJob(
                pipeline: folder, bucket: .folder(bucket.path),
                settings: BatchSettings(threads: 2, memoryLimit: "1GB"),
                parameters: parameters))
    }
}

/// A job whose bucket stays there as long as it runs.
@dynamicMemberLookup struct SampleJob: Sendable {
    let bucket: TemporaryBucket
    private var job: BatchJob

    init(bucket: TemporaryBucket, job: BatchJob) {
        self.bucket = bucket
        self.job = job
    }

    subscript<Value>(dynamicMember path: WritableKeyPath<BatchJob, Value>) -> Value {
        get { job[keyPath: path] }
        set { job[keyPath: path] = newValue }
    }

    func run() async throws -> BatchReport {
        defer { withExtendedLifetime(bucket) {} }
        return try await job.run()
    }

    func run(query: String) async throws -> BatchReport {
        defer { withExtendedLifetime(bucket) {} }
        return try await job.run(query: query)
    }

    func run(sql: String) async throws -> BatchReport {
        defer { withExtendedLifetime(bucket) {} }
        return try await job.run(sql: sql)
    }
}

@Suite struct BatchJobTests {
    private let pins = """
        {"index":1,"title":"a","followers":"5k","score":1.5}
        {"index":2,"title":"None","followers":"Error","score":"2"}
        {"index":3,"title":" ","followers":"many","score":"high"}
        {"index":2,"title":"None","followers":"Error","score":"2"}
        {"index":"4","title":"d","followers":3000,"score":null}

        """
    private let places = """
        {"ind":1,"country":"Angola","timestamp":"2020-08-28 03:52:47"}
        {"ind":2,"country":"Benin","timestamp":"2020-08-28T03:52:47"}
        {"ind":4,"country":"Angola","timestamp":"not a time"}

        """

    private func bucket(_ more: [String: String] = [:]) throws -> TemporaryBucket {
        try TemporaryBucket(
            ["topics/x.pin/partition=0/0.json": pins, "topics/x.geo/partition=0/0.json": places]
                .merging(more) { _, new in new })
    }

    @Test func questionsAreAnsweredOverCleanedRows() async throws {
        let report = try await SamplePipeline.job(bucket()).run()
        #expect(report.answers.map(\.query.id) == ["1", "2"])
        #expect(
            report.answers[0].result.rows == [
                [.text("Angola"), .integer(2)], [.text("Benin"), .integer(1)],
            ])
        #expect(
            report.answers[1].result.rows == [[.text("a"), .integer(5000)], [.text("d"), .integer(3000)]])
    }

    @Test func theReportCountsWhatTheRowsWereLike() async throws {
        let pin = try await SamplePipeline.job(bucket()).run().quality.tables[0]
        #expect((pin.rowsRead, pin.exactRepeats, pin.repeatsAfterCleaning, pin.rows) == (5, 1, 0, 4))
        #expect(pin.keysWithSeveralRows == 0)
        #expect(pin.withoutPartner.map(\.rows) == [1])
        #expect(pin.sentinels.map(\.count) == [1, 1])
        #expect(pin.blank.map(\.count) == [0, 1, 0, 0])
        #expect(pin.unreadable.map(\.column) == ["index", "followers", "score"])
        #expect(pin.unreadable.map(\.count) == [0, 1, 1])
    }

    @Test func timestampsThatCannotBeReadAreCounted() async throws {
        let geo = try await SamplePipeline.job(bucket()).run().quality.tables[1]
        #expect(geo.unreadable.first { $0.column == "timestamp" }?.count == 1)
        #expect(geo.withoutPartner.map(\.rows) == [0])
    }

    @Test func rowsThatAreEqualOnlyAfterCleaningAreKeptOnce() async throws {
        let again = """
            {"ind":1,"country":"Angola","timestamp":"2020-08-28T03:52:47"}
            {"timestamp":"2020-08-28 03:52:47","ind":"1","country":"Angola"}
            {"ind":2,"country":"Togo","timestamp":"2020-08-28T03:52:47"}

            """
        let geo = try await SamplePipeline.job(bucket(["topics/y.geo/partition=0/0.json": again])).run()
            .quality.tables[1]
        #expect((geo.rowsRead, geo.exactRepeats, geo.repeatsAfterCleaning, geo.rows) == (6, 0, 2, 4))
        #expect(geo.keysWithSeveralRows == 1)
    }

    @Test func rowsThatDifferOnlyInColumnsNoQueryNamesAreBothKept() async throws {
        let again = #"{"index":1,"title":"a","followers":"5k","score":2.5}"# + "\n"
        let pin = try await SamplePipeline.job(bucket(["topics/y.pin/0.json": again])).run().quality.tables[0]
        #expect((pin.repeatsAfterCleaning, pin.rows, pin.keysWithSeveralRows) == (0, 5, 1))
    }

    @Test func rowsWithoutKeyAreMadeDistinctToo() async throws {
        let rows = """
            {"ind":null,"country":"Angola","timestamp":"2020-08-28 03:52:47"}
            {"ind":"","country":"Angola","timestamp":"2020-08-28T03:52:47"}
            {"ind":"x","country":"Benin","timestamp":null}

            """
        let geo = try await SamplePipeline.job(bucket(["topics/y.geo/0.json": rows])).run().quality.tables[1]
        #expect((geo.repeatsAfterCleaning, geo.rows, geo.keysWithSeveralRows) == (1, 5, 0))
        #expect(geo.withoutPartner.map(\.rows) == [2])
        #expect(geo.unreadable.first?.count == 1)
    }

    @Test func rowsAmongThoseOfAnotherTableFindTheirOwn() async throws {
        let mixed = """
            {"ind":3,"country":"Chad","timestamp":"2021-01-01"}
            {"value":{"index":9,"title":"wrapped","followers":"9k","score":1}}
            "{\\"records\\":[{\\"value\\":{\\"ind\\":9,\\"country\\":\\"Chad\\",\\"timestamp\\":null}}]}"

            """
        let report = try await SamplePipeline.job(bucket(["topics/x.pin/partition=1/0.json": mixed])).run()
        #expect(report.quality.tables.map(\.rows) == [5, 5])
        #expect(report.answers[0].result.rows[2] == [.text("Chad"), .integer(2)])
        #expect(report.quality.setAside.isEmpty)
    }

    @Test func linesThatFitNothingAreSetAsideWithTheFirstOfThem() async throws {
        let bad = "{\"a\":1}\n\n[1]\n{\"a\":1}\nnot json\n"
        let report = try await SamplePipeline.job(bucket(["topics/x.geo/partition=1/0.json": bad])).run()
        let found = report.quality.setAside.sorted { $0.reason < $1.reason }
        #expect(found.map(\.reason) == ["columns of no table", "not JSON", "not a JSON object"])
        #expect(found.map(\.count) == [2, 1, 1])
        #expect(found[0].first == "topics/x.geo/partition=1/0.json:1")
        #expect(found[1].first == "topics/x.geo/partition=1/0.json:5")
        #expect(report.quality.tables[1].rows == 3)
    }

    @Test func aQueryOnRequestRunsByName() async throws {
        let report = try await SamplePipeline.job(bucket()).run(query: "latest")
        #expect(report.answers[0].result.rows == [[.timestamp(1_598_586_767_000_000)]])
    }

    @Test func aStatementSeesStraysInTopicsOfTablesItDoesNotName() async throws {
        let stray = #"{"ind":77,"country":"Chad","timestamp":null}"# + "\n"
        let report = try await SamplePipeline.job(bucket(["topics/x.pin/partition=1/0.json": stray]))
            .run(sql: "SELECT count(*) AS n FROM geo")
        #expect(report.answers[0].result.rows == [[.integer(4)]])
        #expect(report.quality.tables.map(\.name) == ["geo"])
    }

    @Test func aStarShowsEveryColumn() async throws {
        let report = try await SamplePipeline.job(bucket()).run(sql: "SELECT * FROM pin ORDER BY ind")
        #expect(report.answers[0].result.columns.map(\.name) == ["ind", "title", "followers", "score"])
        #expect(report.answers[0].result.rows[0] == [.integer(1), .text("a"), .integer(5000), .double(1.5)])
    }

    @Test func parametersOfTheCallerWin() async throws {
        let report = try await SamplePipeline.job(bucket(), ["least": .integer(4000)]).run(query: "2")
        #expect(report.answers[0].result.rows.count == 1)
    }
}

@Suite struct BatchFailureTests {
    private func error(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func aParameterThatNoQueryHasIsNamed() async throws {
        let bucket = try TemporaryBucket(["topics/x.pin/0.json": "{}"])
        let text = await error { _ = try await SamplePipeline.job(bucket, ["leest": .integer(1)]).run() }
        #expect(text.contains("No query has a parameter leest; there are least"))
    }

    @Test func aBucketWithoutTopicsOfThePipelineNamesBoth() async throws {
        let bucket = try TemporaryBucket(["topics/x.other/0.json": "{}"])
        let text = await error { _ = try await SamplePipeline.job(bucket).run() }
        #expect(text.contains("*.pin, *.geo"))
        #expect(text.contains("x.other"))
    }

    @Test func aBucketWithoutRowsSaysWhatWasThere() async throws {
        let bucket = try TemporaryBucket(["topics/x.pin/0.json": "nonsense\n"])
        let text = await error { _ = try await SamplePipeline.job(bucket).run() }
        #expect(text.contains("no row of any table (1 × not JSON, first in topics/x.pin/0.json:1)"))
    }

    @Test func aWrongStatementIsFoundBeforeAnythingIsRead() async throws {
        let bucket = try TemporaryBucket(["topics/x.pin/0.json": "nonsense\n"])
        let text = await error { _ = try await SamplePipeline.job(bucket).run(sql: "SELECT titel FROM pin") }
        #expect(text.contains("\"titel\" not found"))
        #expect(text.contains("\"title\""))
        #expect(text.contains("line 1, column 8"))
    }

    @Test func aWrongCleaningFileIsNamed() async throws {
        let bucket = try TemporaryBucket(["topics/x.pin/0.json": "{}"])
        var job = SamplePipeline.job(bucket)
        job.pipeline.cleaning[0] = SQLText("SELECT indx AS ind FROM pin_raw")
        let first = job
        #expect(await error { _ = try await first.run() }.hasPrefix("sample/clean/pin.sql: "))
        job.pipeline.cleaning[0] = SQLText("SELECT title FROM pin_raw")
        let second = job
        #expect(await error { _ = try await second.run() }.contains("selects no column ind"))
    }

    @Test func aKeyThatCleaningChangesIsAnErrorWhenItMatters() async throws {
        let rows =
            "{\"ind\":1,\"country\":\"a\"}\n{\"ind\":1,\"country\":\"b\"}\n{\"ind\":2,\"country\":\"b\"}\n"
        let bucket = try TemporaryBucket(["topics/x.geo/0.json": rows])
        var job = SamplePipeline.job(bucket)
        job.pipeline.cleaning[1] = SQLText("SELECT ind + 1 AS ind, country FROM geo_raw")
        job.pipeline.queries = []
        let changed = job
        #expect(await error { _ = try await changed.run() }.contains("must pass the raw key column through"))
    }

    @Test func aMissingLibraryIsAnErrorThatSaysWhereItWasLookedFor() async throws {
        let bucket = try TemporaryBucket(["topics/x.pin/0.json": "{}"])
        var job = SamplePipeline.job(bucket)
        job.settings.library = "/nowhere/libduckdb.so"
        let lost = job
        let text = await error { _ = try await lost.run() }
        #expect(text.contains("/nowhere/libduckdb.so"))
        #expect(text.contains("scripts/bootstrap"))
    }

    @Test func aCancelledRunEndsWithoutAnswer() async throws {
        let bucket = try TemporaryBucket(["topics/x.pin/0.json": "{}"])
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await SamplePipeline.job(bucket).run()
        }
        await #expect(throws: (any Error).self) { try await work.value }
    }
}
