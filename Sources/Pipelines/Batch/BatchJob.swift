package import QueryEngine

/// Reads a bucket's raw objects, cleans them, and answers questions.
package struct BatchJob: Sendable {
    package var pipeline: PipelineFolder
    package var bucket: BucketPlace
    /// Finds the objects that statements name by paths.
    package var mounts: MountedPaths
    package var settings: BatchSettings
    /// Values of `:name` parameters that win over the pipeline's.
    package var parameters: [String: SQLValue]

    package init(
        pipeline: PipelineFolder, bucket: BucketPlace, mounts: MountedPaths = MountedPaths(),
        settings: BatchSettings = BatchSettings(), parameters: [String: SQLValue] = [:]
    ) {
        self.pipeline = pipeline
        self.bucket = bucket
        self.mounts = mounts
        self.settings = settings
        self.parameters = parameters
    }

    /// Answers every query that is not only run on request, and reports on the quality of the rows.
    package func run(progress: BatchProgress = BatchProgress()) async throws -> BatchReport {
        let questions = pipeline.queries.filter { !$0.isOnRequest }
            .map { Question(query: $0, title: "queries/\($0.stem).sql") }
        return try await run(questions, needsQuality: true, progress)
    }

    /// Answers one query of the pipeline, called by its id, stem or name.
    package func run(query name: String, progress: BatchProgress = BatchProgress()) async throws
        -> BatchReport
    {
        let query = try pipeline.query(named: name)
        return try await run(
            [Question(query: query, title: "queries/\(query.stem).sql")], needsQuality: false, progress)
    }

    /// Answers a statement over the cleaned tables.
    package func run(sql: String, progress: BatchProgress = BatchProgress()) async throws -> BatchReport {
        let query = QueryFile(stem: "sql", text: sql)
        return try await run([Question(query: query, title: "")], needsQuality: false, progress)
    }

    // MARK: One run

    private struct Question {
        var query: QueryFile
        /// Names the statement in errors; empty for one that was typed.
        var title: String

        func error(_ error: QueryEngineError) -> any Error {
            guard !title.isEmpty, error.code != .cancelled else { return error }
            return QueryEngineError(error.code, "\(title): \(error.message)")
        }
    }

    private func run(
        _ questions: [Question], needsQuality: Bool, _ progress: BatchProgress
    ) async throws -> BatchReport {
        let start = ContinuousClock().now
        let values = try QueryParameters.values(
            for: questions.map { ($0.title, $0.query.sql) }, pipeline: pipeline.definition.parameters,
            given: parameters)
        let checkouts = Checkouts()
        defer { checkouts.remove() }
        let questions = try await resolved(questions, checkouts, progress)
        var attemptsLeft = Self.attempts
        while true {
            let listing = try await list(for: questions, needsQuality, checkouts, progress)
            do {
                return try await answer(questions, values, listing, needsQuality, since: start, progress)
            } catch {
                // Small objects may have been merged, and deleted, after they were listed.
                attemptsLeft -= 1
                guard attemptsLeft > 0, listing.isOutdated else { throw error }
            }
        }
    }

    /// How often a bucket is read anew when objects went away before they were read.
    private static let attempts = 50

    private func answer(
        _ questions: [Question], _ values: [[String: SQLValue]], _ listing: BucketListing,
        _ needsQuality: Bool, since start: ContinuousClock.Instant, _ progress: BatchProgress
    ) async throws -> BatchReport {
        let clock = ContinuousClock()
        let session = try await BatchSession(settings)
        defer { session.close() }
        let loader = TableLoader(session, pipeline.definition, listing, progress)
        try await loader.createTables(
            pipeline, for: NeededColumns(questions.map(\.query.sql)), needsQuality: needsQuality)
        try await check(questions, loader, session)
        try await loader.load()
        if needsQuality { try await loader.countUnreadable() }
        try await loader.dropRepeats()
        let tables = try await QualityCount(loader, session, progress).tables(needsQuality: needsQuality)
        if !listing.topics.isEmpty { try checkRows(tables, loader) }
        let readyToAsk = clock.now
        var report = BatchReport(quality: QualityReport(tables: tables, setAside: loader.setAside))
        for (index, question) in questions.enumerated() {
            progress.step("answering", index, of: questions.count)
            let result = try await answer(question, values[index], session)
            report.answers.append(BatchReport.Answer(query: question.query, result: result))
        }
        let end = clock.now
        report.seconds = BatchReport.Seconds(
            readClean: (readyToAsk - start).inSeconds, queries: (end - readyToAsk).inSeconds,
            total: (end - start).inSeconds)
        return report
    }

    /// The questions, with paths of this machine for those that name mounts and remote objects.
    private func resolved(
        _ questions: [Question], _ checkouts: Checkouts, _ progress: BatchProgress
    ) async throws -> [Question] {
        var resolved = questions
        for index in questions.indices {
            let sql = try await mounts.resolve(questions[index].query.sql, checkouts, progress)
            resolved[index].query.sql = sql
        }
        return resolved
    }

    /// The bucket's objects; none where a statement names none of the pipeline's tables and the bucket is of no use.
    private func list(
        for questions: [Question], _ needsQuality: Bool, _ checkouts: Checkouts, _ progress: BatchProgress
    ) async throws -> BucketListing {
        let needed = NeededColumns(questions.map(\.query.sql))
        let isNeeded = pipeline.definition.tables.contains {
            needed.includes(table: $0.name) || needed.includes(table: $0.rawName)
        }
        guard needsQuality || isNeeded else { return BucketListing(folder: "") }
        progress.begin("listing objects")
        return try await bucket.open(checkouts, progress) { listing throws(PipelineError) in
            try checkTopics(listing)
            return listing.keeping { pipeline.definition.tableIndex(ofTopic: $0) != nil }
        }
    }

    /// Makes sure that every statement can be run before anything is read.
    private func check(_ questions: [Question], _ loader: TableLoader, _ session: BatchSession) async throws {
        for question in questions {
            do {
                try await check(question.query.sql.forDuckDB, loader, session)
            } catch let error as QueryEngineError {
                throw question.error(error)
            }
        }
    }

    private func check(_ sql: String, _ loader: TableLoader, _ session: BatchSession) async throws {
        do {
            _ = try await session.connection.columns(of: sql)
        } catch  where error.code == .invalidStatement {
            // With all columns it may pass; if not, the error then names all there are.
            try await loader.widenTables()
            _ = try await session.connection.columns(of: sql)
        }
    }

    private func answer(
        _ question: Question, _ values: [String: SQLValue], _ session: BatchSession
    ) async throws -> QueryResult {
        do {
            return try await session.connection.execute(question.query.sql.forDuckDB, parameters: values)
        } catch {
            throw question.error(error)
        }
    }

    // MARK: Checks

    private func checkTopics(_ listing: BucketListing) throws(PipelineError) {
        let definition = pipeline.definition
        guard !listing.topics.contains(where: { definition.tableIndex(ofTopic: $0.name) != nil }) else {
            return
        }
        let patterns = definition.tables.flatMap(\.topics).map(\.description).joined(separator: ", ")
        let topics = listing.topics.prefix(10).map(\.name).joined(separator: ", ")
        throw PipelineError(
            .nothingToRead,
            "\(bucket) holds objects, but none of a topic of this pipeline (\(patterns)); its topics are \(topics)."
        )
    }

    private func checkRows(_ tables: [QualityReport.Table], _ loader: TableLoader) throws(PipelineError) {
        guard loader.tables.allSatisfy({ $0.counts.rowsRead == 0 }) else { return }
        let reasons = loader.setAside.map { "\($0.count) × \($0.reason), first in \($0.first)" }
        throw PipelineError(
            .nothingToRead,
            "\(bucket) holds no row of any table\(reasons.isEmpty ? "" : " (" + reasons.joined(separator: "; ") + ")")."
        )
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
