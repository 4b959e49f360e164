import JSONText
import QueryEngine
import StreamModel
import Synchronization

@testable import Pipelines

/// A clock that a test sets.
final class SetClock: Sendable {
    private let time = Mutex<Int64>(0)
    var now: Int64 {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
    var clock: WallClock { WallClock { self.now } }
}

/// Live metrics over a connection on which a test makes micro-batches by hand.
struct LiveFixture {
    let metrics: LiveMetrics
    let time: SetClock
    let engine: DuckDBConnection

    static let popular = """
        -- Who is popular?
        -- group: poster
        -- by: category
        -- measures: posts sum, followers last, most max, least min, kinds distinct
        -- growth: followers
        SELECT arrived_at, category, poster, 1 AS posts, followers, followers AS most, followers AS least,
            title AS kinds
        FROM pin WHERE poster IS NOT NULL
        """
    static let placed = """
        -- Who is popular where?
        -- metric: placed
        -- group: poster
        -- by: country, category
        -- measures: posts sum
        SELECT arrived_at, country, category, poster, 1 AS posts FROM posts
        """
    static let trending = """
        -- What is rising?
        -- group: category
        -- measures: posts sum
        -- trend: posts
        SELECT arrived_at, category, 1 AS posts FROM pin
        """

    static let live = LiveDefinition(
        windows: LiveWindow.usual, defaultWindow: 0,
        joins: [
            LiveJoin(
                name: "posts",
                parts: [
                    .init(table: "pin", key: "ind", columns: ["poster", "category"]),
                    .init(table: "geo", key: "ind", columns: ["country"]),
                ], keepMilliseconds: 60_000, maxRows: 1_000)
        ],
        eventTimes: ["geo": "moment"],
        recommendation: RecommendationRule(
            metric: "placed", window: 0, by: ["category", "country"],
            weights: [.init(measure: "posts", factor: 1)]))

    static func folder(
        _ sources: [(stem: String, text: String)] = [
            ("popular", popular), ("placed", placed), ("trending", trending),
        ], live: LiveDefinition = live
    ) throws -> PipelineFolder {
        let tables = ["pin", "geo"].map {
            TableDefinition(
                name: $0, topics: [TopicPattern("*.\($0)")], key: "ind", clean: "",
                columns: [RawColumn(name: "ind", type: .int, isKey: true)])
        }
        let inputs = tables.map(\.name) + live.joins.map(\.name)
        return PipelineFolder(
            path: "", definition: PipelineDefinition(name: "sample", tables: tables, live: live),
            cleaning: [], queries: [],
            liveSources: try sources.map {
                try LiveSource(stem: $0.stem, text: $0.text, path: $0.stem + ".sql", inputs: inputs)
            })
    }

    init(_ folder: PipelineFolder? = nil, maxBytes: Int = 64 << 20) throws {
        time = SetClock()
        time.now = 1_000_000_000
        var settings = LiveSettings()
        settings.maxBytes = maxBytes
        metrics = try LiveMetrics(try folder ?? Self.folder(), settings: settings, clock: time.clock)
        let database = try DuckDBDatabase(
            try DuckDBLibrary.load(), settings: DuckDBSettings(threads: 1, memoryLimit: "256MB"))
        engine = try database.connect()
    }

    /// One pin: its key, poster, category, followers.
    typealias Pin = (key: Int, poster: String, category: String, followers: Int)

    /// A micro-batch of pins and places that arrive now, unless a time is given.
    func batch(
        pins: [Pin] = [], places: [(key: Int, country: String)] = [], at time: Int64? = nil
    ) async throws {
        try await fill(pins, places, at: time)
        let tables = (pins.isEmpty ? [] : ["pin"]) + (places.isEmpty ? [] : ["geo"])
        try await metrics.observe(tables, on: engine, positions: [:])
    }

    /// Only the tables of the micro-batch.
    func fill(_ pins: [Pin], _ places: [(key: Int, country: String)], at time: Int64? = nil) async throws {
        let arrived = time ?? self.time.now
        let pinRows = pins.map {
            "(\($0.key), '\($0.poster)', '\($0.category)', \($0.followers), 'title \($0.key % 3)', \(arrived))"
        }
        let geoRows = places.map { "(\($0.key), '\($0.country)', \(arrived - 5_000), \(arrived))" }
        try await table(
            "pin",
            "ind BIGINT, poster VARCHAR, category VARCHAR, followers BIGINT, title VARCHAR, arrived_at BIGINT",
            pinRows)
        try await table("geo", "ind BIGINT, country VARCHAR, moment BIGINT, arrived_at BIGINT", geoRows)
    }

    private func table(_ name: String, _ columns: String, _ rows: [String]) async throws {
        try await engine.execute("CREATE OR REPLACE TEMP TABLE \(name) (\(columns))")
        guard !rows.isEmpty else { return }
        try await engine.execute("INSERT INTO \(name) VALUES \(rows.joined(separator: ", "))")
    }

    func ask(_ metric: String, _ parameters: (String, String)...) throws -> JSONTree {
        try JSONTree(metrics.answer(metric, parameters.map { (name: $0.0, value: $0.1) }).body)
    }

    /// The rows of an answer as text: `a 3 | b 2`, with the columns named.
    func rows(_ metric: String, _ columns: [String], _ parameters: (String, String)...) throws -> String {
        let answer = try JSONTree(metrics.answer(metric, parameters.map { (name: $0.0, value: $0.1) }).body)
        return Self.text(answer, columns)
    }

    static func text(_ answer: JSONTree, _ columns: [String]) -> String {
        (answer["rows"]?.elements ?? []).map { row in
            columns.map { name in
                switch row[name] {
                case .string(let text)?: text
                case .number(let text)?: text
                default: "null"
                }
            }.joined(separator: " ")
        }.joined(separator: " | ")
    }
}
