package import QueryEngine

/// Answers a pipeline's queries, and statements, from tables that hold cleaned rows already.
package struct TablesJob: Sendable {
    package var pipeline: PipelineFolder
    package var catalog: any TableCatalog
    package var mounts: MountedPaths
    package var settings: BatchSettings
    /// Values of `:name` parameters that win over the pipeline's.
    package var parameters: [String: SQLValue]

    package init(
        pipeline: PipelineFolder, catalog: any TableCatalog, mounts: MountedPaths = MountedPaths(),
        settings: BatchSettings = BatchSettings(), parameters: [String: SQLValue] = [:]
    ) {
        self.pipeline = pipeline
        self.catalog = catalog
        self.mounts = mounts
        self.settings = settings
        self.parameters = parameters
    }

    /// Answers one query of the pipeline, called by its id, stem or name.
    package func run(query name: String, progress: BatchProgress = BatchProgress()) async throws
        -> BatchReport
    {
        try await run([try pipeline.query(named: name)], progress)
    }

    /// Answers a statement.
    package func run(sql: String, progress: BatchProgress = BatchProgress()) async throws -> BatchReport {
        try await run([QueryFile(stem: "sql", text: sql)], progress, isTyped: true)
    }

    /// Answers every query that is not only run on request, and counts the rows of each table.
    package func run(progress: BatchProgress = BatchProgress()) async throws -> BatchReport {
        try await run(pipeline.queries.filter { !$0.isOnRequest }, progress, countsRows: true)
    }

    private func run(
        _ queries: [QueryFile], _ progress: BatchProgress, isTyped: Bool = false, countsRows: Bool = false
    ) async throws -> BatchReport {
        let titles = queries.map { isTyped ? "" : "queries/\($0.stem).sql" }
        let values = try QueryParameters.values(
            for: zip(titles, queries.map(\.sql)).map { ($0, $1) }, pipeline: pipeline.definition.parameters,
            given: parameters)
        let start = ContinuousClock().now
        let session = try await TablesSession(catalog, pipeline: pipeline, mounts: mounts, settings: settings)
        defer { session.close() }
        var report = BatchReport(quality: QualityReport())
        for (index, query) in queries.enumerated() {
            do {
                let result = try await session.run(query.sql, parameters: values[index], progress: progress)
                report.answers.append(BatchReport.Answer(query: query, result: result))
            } catch let error as QueryEngineError where !isTyped && error.code != .cancelled {
                throw QueryEngineError(error.code, "\(titles[index]): \(error.message)")
            }
        }
        if countsRows { report.quality.tables = try await counts(session) }
        report.seconds.total = (ContinuousClock().now - start).inSeconds
        return report
    }

    private func counts(_ session: TablesSession) async throws -> [QualityReport.Table] {
        var tables: [QualityReport.Table] = []
        for definition in pipeline.definition.tables {
            var table = QualityReport.Table(name: definition.name)
            let count = try await session.run(SQLText("SELECT count(*) FROM \(definition.name.quotedName)"))
            if case .integer(let rows)? = count.rows.first?.first { table.rows = Int(clamping: rows) }
            tables.append(table)
        }
        return tables
    }
}
