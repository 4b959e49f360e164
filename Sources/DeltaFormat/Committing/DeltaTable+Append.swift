import Logging
package import QueryEngine
import StreamModel

// Rows into a table, exactly once where the writer tells how far it is.
extension DeltaTable {
    /// Most times rows are written anew because the table's columns changed meanwhile.
    private static let maxRewrites = 10

    /// Adds the rows of a statement to the table in one commit, together with how far the writer is.
    ///
    /// Columns are matched by name; those that the rows lack are NULL. Repeating the call after an error is safe with
    /// transactions: what is in the table already is not added again.
    /// - Parameters:
    ///   - select: SQL without a semicolon; run once, and again only if the table's columns change meanwhile.
    ///   - engine: the connection that the statement is for; its time zone must be UTC.
    ///   - operation: what the history calls it: `WRITE`, `STREAMING UPDATE`.
    /// - Throws: `.notATable` if there is none; `.invalid` for rows that do not fit; `.conflict` if some of the
    ///   transactions are in the table and others are not, or another writer uses the same ids.
    package func append(
        select: String, on engine: any SQLEngine, transactions: [AppTransaction] = [],
        operation: String = "WRITE", parameters: [String: String] = ["mode": "Append"],
        evolution: SchemaEvolution = []
    ) async throws(DeltaError) -> AppendOutcome {
        for _ in 0..<Self.maxRewrites {
            let snapshot = try await existing()
            if try Self.isIn(transactions, snapshot) { return .alreadyCommitted }
            try snapshot.needs.checkWriting(snapshot.metadata, snapshot.schema)
            let columns = try await Self.columns(of: select, on: engine)
            let change = try SchemaChange(of: snapshot.schema, for: columns, allowing: evolution)
            guard change.widened.isEmpty else {
                try await widen(to: change.schema, columns: change.widened, of: snapshot)
                continue
            }
            let writer = writer(for: change.schema, of: snapshot)
            let written = try await writer.write(
                select: select, columns: columns, on: engine, dataChange: true, now: clock.milliseconds)
            FaultPoint.pass("delta.after-data")
            guard !written.files.isEmpty || !transactions.isEmpty || !change.added.isEmpty else {
                return .nothingToCommit
            }
            var commit = Commit(actions: [], operation: operation, parameters: parameters)
            commit.take(change, of: snapshot)
            commit.actions += transactions.map { .transaction($0, lastUpdated: clock.milliseconds) }
            commit.actions += written.files.map { .add($0) }
            commit.metrics = [
                "numFiles": String(written.files.count), "numOutputRows": String(written.rows),
                "numOutputBytes": String(written.bytes),
            ]
            switch try await self.commit(commit, on: snapshot.state) {
            case .committed(let version):
                await keepUp(after: version)
                return .committed(
                    version: version, files: written.files.count, rows: Int(clamping: written.rows))
            case .lost(.transaction(let appID)):
                await writer.discard(written)
                guard let newest = try await self.snapshot(), try Self.isIn(transactions, newest) else {
                    throw DeltaError(
                        .conflict,
                        "two writers use the transaction id '\(appID)' on '\(log.folder)': stop one")
                }
                return .alreadyCommitted
            case .lost: await writer.discard(written)
            }
        }
        throw DeltaError(.conflict, "the columns of '\(log.folder)' change faster than rows can be written")
    }

    /// Whether what the transactions stand for is in the table.
    static func isIn(_ transactions: [AppTransaction], _ snapshot: TableSnapshot) throws(DeltaError) -> Bool {
        let there = transactions.filter { snapshot.transactionVersion($0.appID) ?? .min >= $0.version }
        guard !there.isEmpty else { return false }
        guard there.count == transactions.count else {
            let missing = transactions.first { !there.contains($0) }?.appID ?? ""
            throw DeltaError(
                .conflict,
                "the table is further with '\(there[0].appID)' than with '\(missing)', though both came in one "
                    + "commit: begin where the table is")
        }
        return true
    }

    func writer(for schema: DeltaSchema, of snapshot: TableSnapshot) -> DataFileWriter {
        DataFileWriter(
            files: files, settings: settings, schema: schema, partitionColumns: snapshot.partitionColumns,
            properties: TableProperties(snapshot.properties))
    }

    /// The columns of a statement with the types that a table has for them.
    package static func columns(of select: String, on engine: any SQLEngine) async throws(DeltaError)
        -> [DeltaField]
    {
        var fields: [DeltaField] = []
        for row in try await engine.rows("DESCRIBE \(select)") {
            guard row.count > 1, let name = row[0].string, let type = row[1].string else { continue }
            var field = DeltaField(name, try DuckDBTypes.deltaType(type))
            if type == "TIMESTAMP WITH TIME ZONE" { field.metadata[DuckDBTypes.hasZone] = "true" }
            fields.append(field)
        }
        return fields
    }

    /// The schema of a table for the rows of a statement.
    package static func schema(of select: String, on engine: any SQLEngine) async throws(DeltaError)
        -> DeltaSchema
    {
        DeltaSchema(try await columns(of: select, on: engine).map { DeltaField($0.name, $0.type) })
    }
}

extension Commit {
    /// Changes the table's columns together with what else the commit does.
    mutating func take(_ change: SchemaChange, of snapshot: TableSnapshot) {
        guard change.schema != snapshot.schema else { return }
        changesTable = true
        let needs = TableProtocol.needed(by: change.schema, from: snapshot.needs)
        if needs != snapshot.needs { actions.append(.tableProtocol(needs)) }
        var metadata = snapshot.metadata
        metadata.schemaJSON = change.schema.json
        actions.append(.metadata(metadata))
    }
}
