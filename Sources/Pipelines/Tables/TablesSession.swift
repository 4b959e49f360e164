package import DeltaFormat
package import QueryEngine

/// What there is of tables to ask.
package protocol TableCatalog: Sendable {
    /// The names of all tables.
    func names() async throws -> [String]
    /// The SELECT that gives a table's rows to an engine of this machine, whose time zone is UTC.
    ///
    /// - Parameter time: milliseconds since 1970 for a time.
    /// - Throws: if there is no such table or version.
    func select(_ table: String, at time: TimeTravel) async throws -> String
    /// Where the tables lie, for messages.
    var place: String { get }
}

/// An engine with a view for each table that a statement names, of the version that it names.
package final class TablesSession: Sendable {
    private let session: BatchSession
    private let catalog: any TableCatalog
    private let mounts: MountedPaths
    private let pipeline: PipelineFolder?

    /// - Parameter pipeline: its tables are empty where the catalog has none of their names.
    package init(
        _ catalog: any TableCatalog, pipeline: PipelineFolder? = nil, mounts: MountedPaths = MountedPaths(),
        settings: BatchSettings = BatchSettings()
    ) async throws {
        self.catalog = catalog
        self.mounts = mounts
        self.pipeline = pipeline
        session = try await BatchSession(settings)
    }

    package func close() { session.close() }

    /// The names of all tables.
    package func tableNames() async throws -> [String] { try await catalog.names() }

    /// Answers a statement over the tables as they are now.
    package func run(
        _ sql: SQLText, parameters: [String: SQLValue] = [:], progress: BatchProgress = BatchProgress()
    ) async throws -> QueryResult {
        let checkouts = Checkouts()
        defer { checkouts.remove() }
        let (text, moments) = try sql.resolvingMoments()
        let resolved = try await mounts.resolve(text, checkouts, progress)
        progress.begin("looking at tables")
        try await makeViews(for: resolved.names, moments)
        progress.begin("answering")
        return try await session.connection.execute(resolved.forDuckDB, parameters: parameters)
    }

    /// Ends the statement that runs.
    package func interrupt() { session.connection.interrupt() }

    // MARK: Views

    private func makeViews(for names: Set<String>, _ moments: [TableMoment]) async throws {
        let tables = try await catalog.names()
        for moment in Set(moments) {
            guard let table = tables.first(where: { $0.lowercased() == moment.table.lowercased() }) else {
                throw noTable(moment.table, tables)
            }
            try await makeView(moment.viewName, of: table, at: try await time(moment.time))
        }
        for table in tables where names.contains(table.lowercased()) {
            try await makeView(table, of: table, at: .latest)
        }
        try await makeEmptyTables(for: names, besides: tables)
    }

    private func makeView(_ name: String, of table: String, at time: TimeTravel) async throws {
        let select = try await catalog.select(table, at: time)
        try await session.connection.execute("CREATE OR REPLACE TEMP VIEW \(name.quotedName) AS \(select)")
    }

    private func noTable(_ name: String, _ tables: [String]) -> PipelineError {
        let known = tables.isEmpty ? "there is none" : "there are \(tables.joined(separator: ", "))"
        return PipelineError(.nothingToRead, "There is no table \(name) in \(catalog.place); \(known).")
    }

    /// Tables of the pipeline of which no row has come yet.
    private func makeEmptyTables(for names: Set<String>, besides tables: [String]) async throws {
        guard let pipeline else { return }
        let missing = pipeline.definition.tables.map(\.name).filter { name in
            names.contains(name.lowercased()) && !tables.contains { $0.lowercased() == name.lowercased() }
        }
        guard !missing.isEmpty else { return }
        let loader = TableLoader(session, pipeline.definition, BucketListing(folder: ""), BatchProgress())
        for (index, definition) in pipeline.definition.tables.enumerated()
        where missing.contains(definition.name) {
            try await loader.createEmpty(definition, pipeline.cleaning[index], pipeline.path)
        }
    }

    private func time(_ time: TableTime) async throws -> TimeTravel {
        switch time {
        case .latest: return .latest
        case .version(let version): return .version(TableVersion(version))
        case .time(let text):
            let sql = "SELECT epoch_ms(TRY_CAST(\(text.quotedText) AS TIMESTAMPTZ))"
            guard
                case .integer(let milliseconds)? = try await session.connection.execute(sql).rows.first?.first
            else {
                throw PipelineError(
                    .invalidParameter,
                    "'\(text)' is no time: write it like 2026-11-01 12:00:00, in UTC unless an offset follows."
                )
            }
            return .time(milliseconds: milliseconds)
        }
    }
}
