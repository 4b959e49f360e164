import QueryEngine
import Synchronization

/// Fills the cleaned tables from the objects of a bucket.
///
/// Order: an empty table for each that is needed (so that every query can be checked before anything is read), each
/// table's own topics, rows that lie among another table's, then the rows of keys that came more than once.
final class TableLoader {
    /// One cleaned table of the run.
    struct Loaded {
        var definition: TableDefinition
        var cleaning: String
        /// Kept columns.
        var columns: [ResultColumn]
        var allColumns: [ResultColumn]
        var isNeeded: Bool
        var counts: RawCounts
        /// Objects with rows of this table: those of its topics and those where strays were met.
        var objects: [RawObjectSet.Object]
        /// What keys there are, where that can be kept in bits.
        var keyIndex: KeyIndex?
        var repeatsAfterCleaning = 0
        var keysWithSeveralRows = 0
        var unreadable: [(column: String, count: Int)] = []

        var key: String { definition.key.quotedName }
        var name: String { definition.name.quotedName }
        var columnList: String { columns.map(\.name.quotedName).joined(separator: ", ") }
    }

    private let session: BatchSession
    private let listing: BucketListing
    private let definitions: [TableDefinition]
    private let progress: BatchProgress
    private(set) var tables: [Loaded] = []
    private(set) var setAside: [QualityReport.SetAside] = []

    init(
        _ session: BatchSession, _ pipeline: PipelineDefinition, _ listing: BucketListing,
        _ progress: BatchProgress
    ) {
        self.session = session
        self.listing = listing
        self.progress = progress
        definitions = pipeline.tables
    }

    // MARK: Empty tables

    /// Makes an empty table for each that a query names.
    /// - Parameter needsQuality: also keep the columns that the quality report looks at.
    func createTables(_ pipeline: PipelineFolder, for needed: NeededColumns, needsQuality: Bool) async throws
    {
        for (index, definition) in definitions.enumerated() {
            session.rawRows.setSource(
                definition.rawName,
                RawTableSource(RawObjectSet(folder: "", objects: []), table: index, of: definitions))
            try await session.connection.execute(
                "CREATE TEMP VIEW \(definition.rawName.quotedName) AS \(session.rawSelect(definition))")
            let all = try await cleanedColumns(definition, pipeline.cleaning[index], pipeline.path)
            var always: Set<String> = [definition.key]
            if needsQuality { always.formUnion(Self.checkedColumns(of: definition, among: all)) }
            let names = needed.columns(of: definition.name, among: all.map(\.name), always: always)
            let table = Loaded(
                definition: definition, cleaning: pipeline.cleaning[index].forDuckDB,
                columns: all.filter { names.contains($0.name) }, allColumns: all,
                isNeeded: needsQuality || needed.includes(table: definition.name),
                counts: RawCounts(columns: definition.columns.count), objects: objects(ofTable: index))
            tables.append(table)
            try await create(table)
        }
    }

    private func create(_ table: Loaded) async throws {
        try await session.connection.execute(
            "CREATE OR REPLACE TABLE \(table.name) AS SELECT \(table.columnList) FROM (\n\(table.cleaning)\n) LIMIT 0"
        )
    }

    /// Makes a table without rows, with all its columns.
    func createEmpty(_ definition: TableDefinition, _ cleaning: SQLText, _ path: String) async throws {
        session.rawRows.setSource(
            definition.rawName,
            RawTableSource(
                RawObjectSet(folder: "", objects: []),
                table: definitions.firstIndex { $0.name == definition.name } ?? 0, of: definitions))
        try await session.connection.execute(
            "CREATE OR REPLACE TEMP VIEW \(definition.rawName.quotedName) AS \(session.rawSelect(definition))"
        )
        _ = try await cleanedColumns(definition, cleaning, path)
        try await session.connection.execute(
            "CREATE OR REPLACE TEMP VIEW \(definition.name.quotedName) AS "
                + "SELECT * FROM (\n\(cleaning.forDuckDB)\n) LIMIT 0")
    }

    /// Makes the tables anew with all their columns: for a query that does not do with those it seemed to need.
    func widenTables() async throws {
        for index in tables.indices {
            tables[index].columns = tables[index].allColumns
            try await create(tables[index])
        }
    }

    private func cleanedColumns(
        _ definition: TableDefinition, _ cleaning: SQLText, _ path: String
    ) async throws -> [ResultColumn] {
        let file = path + "/" + definition.clean
        do {
            let columns = try await session.connection.columns(of: cleaning.forDuckDB)
            guard columns.contains(where: { $0.name == definition.key }) else {
                throw PipelineError(
                    .invalidFile,
                    "\(file) selects no column \(definition.key), which is the key of \(definition.name).")
            }
            return columns
        } catch let error as QueryEngineError where error.code != .cancelled {
            throw PipelineError(.invalidFile, "\(file): \(error.message)")
        }
    }

    /// Columns that cleaning turns from text into something else under the same name: what it cannot read becomes NULL.
    private static func checkedColumns(of table: TableDefinition, among columns: [ResultColumn]) -> [String] {
        columns.filter { column in
            column.type != .text && table.columns.contains { $0.name == column.name }
        }.map(\.name)
    }

    private func objects(ofTable index: Int) -> [RawObjectSet.Object] {
        let pipeline = PipelineDefinition(name: "", tables: definitions)
        return listing.topics.filter { pipeline.tableIndex(ofTopic: $0.name) == index }
            .flatMap(\.objects)
            .map { RawObjectSet.Object(name: $0.name, bytes: $0.bytes, table: index) }
    }

    // MARK: Reading

    /// Reads all objects into the tables.
    func load() async throws {
        var strays: [Int: [RawObjectSet.Object]] = [:]
        for index in tables.indices {
            let source = RawTableSource(
                RawObjectSet(folder: listing.folder, objects: tables[index].objects), table: index,
                of: definitions)
            try await read(source, as: "reading \(tables[index].definition.name)")
            let counts = source.counts.withLock { $0 }
            for stray in counts.strays.sorted(by: { $0.object < $1.object }) {
                strays[stray.table, default: []].append(source.objects.objects[stray.object])
            }
            note(counts, source.objects)
            tables[index].counts.add(counts)
        }
        for (index, objects) in strays.sorted(by: { $0.key < $1.key }) where tables[index].isNeeded {
            let source = RawTableSource(
                RawObjectSet(folder: listing.folder, objects: objects), table: index, of: definitions)
            try await read(source, as: "reading \(tables[index].definition.name) among other rows")
            tables[index].counts.add(source.counts.withLock { $0 })
            tables[index].objects += objects
        }
    }

    private func read(_ source: RawTableSource, as phase: String) async throws {
        guard !source.objects.objects.isEmpty else { return }
        let table = tables[source.table]
        progress.beginReading(phase, source)
        session.rawRows.setSource(table.definition.rawName, source)
        if table.isNeeded {
            try await session.connection.execute(
                "INSERT INTO \(table.name) SELECT \(table.columnList) FROM (\n\(table.cleaning)\n)")
        } else {
            // Only to see whether rows of needed tables lie among these.
            try await session.connection.execute(
                "SELECT count(*) FROM \(table.definition.rawName.quotedName)")
        }
    }

    private func note(_ counts: RawCounts, _ objects: RawObjectSet) {
        for reason in SetAsideReason.allCases {
            let found = counts.setAside[reason.rawValue]
            guard found.count > 0 else { continue }
            if let known = setAside.firstIndex(where: { $0.reason == reason.text }) {
                setAside[known].count += found.count
            } else {
                setAside.append(
                    QualityReport.SetAside(
                        reason: reason.text, count: found.count,
                        first: objects.description(of: found.firstLocator)))
            }
        }
    }

    // MARK: Unreadable values

    /// Counts what cleaning could not read: NULLs after it that were none before.
    func countUnreadable() async throws {
        for index in tables.indices {
            let table = tables[index]
            let checked = Self.checkedColumns(of: table.definition, among: table.columns)
            var unreadable = Dictionary(
                zip(table.definition.columns, table.counts.columns)
                    .filter { $0.0.type != .string }.map { ($0.0.name, $0.1.unreadable) }
            ) { first, _ in first }
            if !checked.isEmpty {
                let counts = checked.map { "count(*) - count(\($0.quotedName))" }.joined(separator: ", ")
                let result = try await session.connection.execute("SELECT \(counts) FROM \(table.name)")
                for (column, value) in zip(checked, result.rows.first ?? []) {
                    guard case .integer(let nulls) = value,
                        let raw = table.definition.columns.firstIndex(where: { $0.name == column })
                    else { continue }
                    unreadable[column, default: 0] += max(0, Int(nulls) - table.counts.columns[raw].allNulls)
                }
            }
            tables[index].unreadable = table.definition.columns.compactMap { column in
                unreadable[column.name].map { (column.name, $0) }
            }
        }
    }

    // MARK: Keys that come more than once

    /// Makes the rows of each table distinct.
    ///
    /// Rows can only be equal if their keys are. So the rows of keys that came more than once are taken out, read again
    /// with all their columns, made distinct, and put back.
    func dropRepeats() async throws {
        for index in tables.indices where tables[index].isNeeded {
            progress.begin("looking for repeated rows in \(tables[index].definition.name)")
            tables[index].keyIndex = try await KeyIndex.of(tables[index], session)
            if let keyIndex = tables[index].keyIndex, !keyIndex.hasRepeats { continue }
            let repeated = try await RepeatedKeys(tables[index], session)
            guard repeated.rows > 0 else { continue }
            let table = tables[index]
            try await repeated.takeOut()
            let source = RawTableSource(
                RawObjectSet(folder: listing.folder, objects: table.objects), table: index, of: definitions,
                purpose: .rows(of: repeated.keys))
            session.rawRows.setSource(table.definition.rawName, source)
            progress.beginReading("reading repeated rows of \(table.definition.name)", source)
            try await session.connection.execute(
                """
                INSERT INTO \(table.name) SELECT \(table.columnList)
                FROM (SELECT DISTINCT * FROM (\n\(table.cleaning)\n))
                """)
            let left = try await repeated.countLeft()
            tables[index].repeatsAfterCleaning = repeated.rows - left.rows
            tables[index].keysWithSeveralRows = left.keysWithSeveralRows
        }
    }
}
