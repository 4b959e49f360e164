package import QueryEngine
package import StreamModel
import Synchronization

/// Keeps the metrics of a pipeline's folder `live` over windows that slide with time, from micro-batch to micro-batch.
///
/// A micro-batch counts as a whole: an answer has all of its rows or none.
package final class LiveMetrics: StreamObserver {
    /// The metric that every pipeline has: how much comes in, and how soon it is counted.
    static let ratesName = "rates"

    let definition: LiveDefinition
    let sources: [LiveSource]
    private let parameters: [String: SQLValue]
    private let scans: [NewRowsScan]
    private let views = JoinViews()
    let clock: WallClock
    /// Nothing counted yet.
    let emptyState: LiveState
    let counts: Mutex<LiveState>

    /// - Throws: what does not fit together in the pipeline's files.
    package init(
        _ folder: PipelineFolder, settings: LiveSettings = LiveSettings(), clock: WallClock = .system
    ) throws(PipelineError) {
        let live = folder.definition.live ?? LiveDefinition()
        definition = live
        sources = folder.liveSources
        parameters = folder.definition.parameters
        scans = folder.definition.tables.map { NewRowsScan(table: $0.name, live: live) }
        self.clock = clock
        let share =
            settings.maxBytes / LiveSettings.bytesPerEntry / max(1, sources.count * live.windows.count)
        let empty = LiveState(
            cubes: sources.map { LiveCube(source: $0, windows: live.windows, maxEntries: share) },
            joins: live.joins.map { JoinMemory($0) },
            rates: scans.map { _ in LiveRates(windows: live.windows) }, tables: scans.map(\.table))
        emptyState = empty
        counts = Mutex(empty)
        try checkRecommendation()
        for source in sources {
            _ = try QueryParameters.values(
                for: SQLText(source.sql), named: "live/\(source.stem).sql", from: parameters)
        }
    }

    private func checkRecommendation() throws(PipelineError) {
        guard let rule = definition.recommendation else { return }
        let fed = sources.filter { $0.metric == rule.metric }
        guard let shape = fed.first?.shape else {
            throw PipelineError(.invalidFile, "live: recommend: there is no metric \(rule.metric).")
        }
        for weight in rule.weights where !shape.names.contains(weight.measure) {
            throw PipelineError(
                .invalidFile,
                "live: recommend: \(rule.metric) has no measure \(weight.measure); there are "
                    + "\(shape.names.joined(separator: ", ")).")
        }
        for column in rule.by where !fed.contains(where: { $0.by.contains(column) }) {
            throw PipelineError(
                .invalidFile, "live: recommend: no file of \(rule.metric) has \(column) under by.")
        }
    }

    // MARK: Rows

    package func observe(
        _ tables: [String], on engine: any SQLEngine, positions: [TopicPartition: Offset]
    ) async throws {
        var scanned: [(scan: Int, result: QueryResult)] = []
        var batch = LiveBatch(positions: positions)
        for (index, scan) in scans.enumerated() where tables.contains(scan.table) {
            scanned.append((index, try await read(scan, on: engine, into: &batch)))
        }
        batch.rates = scanned.map { ($0.scan, scans[$0.scan].rates($0.result)) }
        var inputs = Set(scanned.map { scans[$0.scan].table })
        for (index, join) in definition.joins.enumerated() {
            let isNew = try await self.join(join, at: index, scanned, on: engine, into: &batch)
            if isNew { inputs.insert(join.name) }
        }
        for (index, source) in sources.enumerated() where inputs.contains(source.input) {
            if let rows = try await run(source, on: engine, into: &batch) {
                batch.inputs.append((index, rows))
            }
        }
        let ready = batch
        counts.withLock { $0.count(ready, now: clock.milliseconds, sources) }
    }

    /// What rates and joins need of a table's new rows, or at least when they arrived.
    private func read(
        _ scan: NewRowsScan, on engine: any SQLEngine, into batch: inout LiveBatch
    ) async throws(QueryEngineError) -> QueryResult {
        let problem: QueryEngineError
        do {
            return try await engine.execute(scan.sql)
        } catch {
            problem = error
        }
        guard problem.code == .invalidStatement else { throw problem }
        batch.failures["table \(scan.table)"] = "live: table \(scan.table): \(problem.message)"
        return try await engine.execute(scan.shortSQL)
    }

    /// - Returns: nil if the file's statement is wrong, which keeps nothing else from being counted.
    private func run(
        _ source: LiveSource, on engine: any SQLEngine, into batch: inout LiveBatch
    ) async throws(QueryEngineError) -> [LiveInput]? {
        let values = parameters.filter { source.parameters.contains($0.key) }
        let result: QueryResult
        do {
            result = try await engine.execute(source.sql, parameters: values)
        } catch {
            if error.code == .cancelled { throw error }
            batch.failures[source.stem] = "live/\(source.stem).sql: \(error.message)"
            return nil
        }
        do {
            return try LiveInput.rows(of: result, for: source, now: clock.milliseconds)
        } catch {
            batch.failures[source.stem] = error.message
            return nil
        }
    }

    /// Joins new rows, lets SQL see the result, and puts down what is to be remembered.
    /// - Returns: true if there are joined rows.
    private func join(
        _ join: LiveJoin, at index: Int, _ scanned: [(scan: Int, result: QueryResult)],
        on engine: any SQLEngine, into batch: inout LiveBatch
    ) async throws -> Bool {
        let now = clock.milliseconds
        let new = join.parts.map { part in
            scanned.first { scans[$0.scan].table == part.table }.map { scanned in
                scans[scanned.scan].rows(scanned.result, for: part, now: now)
            } ?? []
        }
        guard new.contains(where: { !$0.isEmpty }) else { return false }
        var types: [Int: [TableSourceType]] = [:]
        for (place, part) in join.parts.enumerated() {
            guard let scanned = scanned.first(where: { scans[$0.scan].table == part.table }) else { continue }
            types[place] = scans[scanned.scan].types(scanned.result, for: part)
        }
        let (joined, columns) = counts.withLock { state in
            for (place, types) in types { state.columnTypes[index, default: [:]][place] = types }
            return (state.joins[index].joined(new, now: now), state.columnTypes[index] ?? [:])
        }
        batch.remembered.append((index, new))
        guard !joined.isEmpty else { return false }
        let key = columns.values.first?.first ?? .int64
        let parts = join.parts.enumerated().flatMap { place, part -> [TableSourceType] in
            columns[place].map { Array($0.dropFirst()) } ?? part.columns.map { _ in .text }
        }
        try await views.set(joined, of: join, types: [key] + parts + [.int64], on: engine)
        return true
    }
}

/// What one micro-batch brings.
struct LiveBatch: Sendable {
    var positions: [TopicPartition: Offset]
    var rates: [(table: Int, rows: [LiveRates.Row])] = []
    var remembered: [(join: Int, rows: [[JoinMemory.Row]])] = []
    var inputs: [(source: Int, rows: [LiveInput])] = []
    /// By the file's stem: why it could not be run.
    var failures: [String: String] = [:]

    init(positions: [TopicPartition: Offset]) { self.positions = positions }
}

/// All that is counted.
struct LiveState: Sendable {
    var cubes: [LiveCube]
    var joins: [JoinMemory]
    /// In the order of the tables.
    var rates: [LiveRates]
    let tables: [String]
    /// By join and part: the types of its key and columns, once seen.
    var columnTypes: [Int: [Int: [TableSourceType]]] = [:]
    /// Rows counted since the beginning of all.
    var records: Int64 = 0
    /// When rows were last counted.
    var countedAt: Int64?
    var failures: [String: String] = [:]
    /// Changes with each micro-batch.
    var version: UInt64 = 0
    /// The latest time that was told; time never goes back.
    private(set) var latest: Int64 = .min

    init(cubes: [LiveCube], joins: [JoinMemory], rates: [LiveRates], tables: [String]) {
        self.cubes = cubes
        self.joins = joins
        self.rates = rates
        self.tables = tables
    }

    mutating func count(_ batch: LiveBatch, now: Int64, _ sources: [LiveSource]) {
        let now = advance(to: now)
        for (join, rows) in batch.remembered { joins[join].remember(rows, now: now) }
        for (source, rows) in batch.inputs {
            for row in rows { cubes[source].add(row, now: now) }
            failures[sources[source].stem] = nil
        }
        for (table, rows) in batch.rates {
            rates[table].add(rows, now: now)
            records &+= Int64(rows.count)
            failures["table \(tables[table])"] = nil
        }
        failures.merge(batch.failures) { $1 }
        countedAt = now
        version &+= 1
    }

    /// - Returns: the time, which is never earlier than the one before.
    mutating func advance(to now: Int64) -> Int64 {
        latest = max(latest, now)
        for index in cubes.indices { cubes[index].advance(to: latest) }
        return latest
    }
}
