import Logging
import QueryEngine
import StreamModel

/// What merging small files came to.
package struct OptimizeOutcome: Equatable, Sendable {
    package var removedFiles = 0
    package var addedFiles = 0
    package var removedBytes: Int64 = 0
    package var addedBytes: Int64 = 0
    /// The last version that it made; nil if there was nothing to merge.
    package var version: TableVersion?
}

// Small files become large ones, and columns wider; no row comes or goes.
extension DeltaTable {
    /// Merges small files; each group is one commit.
    ///
    /// Files that another writer removes meanwhile are left to it.
    ///
    /// - Parameter isThorough: merges all small files, and not only where there are many of about one size.
    package func optimize(isThorough: Bool = true) async throws(DeltaError) -> OptimizeOutcome {
        var outcome = OptimizeOutcome()
        let snapshot = try await existing()
        try snapshot.needs.checkWriting(snapshot.metadata, snapshot.schema)
        let plan = CompactionPlan(
            snapshot.files, partitionColumns: snapshot.partitionColumns, settings: settings,
            targetBytes: TableProperties(snapshot.properties).targetFileBytes, isThorough: isThorough)
        for group in plan.groups {
            guard try await merge(group, of: snapshot, &outcome) else { break }
        }
        return outcome
    }

    /// - Returns: false if another writer was there first.
    private func merge(
        _ group: [AddFile], of snapshot: TableSnapshot, _ outcome: inout OptimizeOutcome
    ) async throws(DeltaError) -> Bool {
        let writer = writer(for: snapshot.schema, of: snapshot)
        let written = try await rewrite(group, of: snapshot, with: writer)
        FaultPoint.pass("delta.during-compaction")
        var commit = Commit(
            actions: written.files.map { .add($0) }, operation: "OPTIMIZE",
            parameters: ["predicate": "[]", "targetSize": String(settings.smallFileBytes)])
        commit.actions += removals(of: group, dataChange: false)
        commit.metrics = [
            "numAddedFiles": String(written.files.count), "numRemovedFiles": String(group.count),
            "numAddedBytes": String(written.bytes),
            "numRemovedBytes": String(group.reduce(0) { $0 &+ $1.size }),
        ]
        let newest = try await refreshed() ?? snapshot.state
        let isWhole = group.allSatisfy { newest.files[$0.path] != nil }
        guard isWhole, newest.metadata == snapshot.metadata, newest.needs == snapshot.needs,
            case .committed(let version) = try await self.commit(commit, on: newest)
        else {
            await writer.discard(written)
            return false
        }
        outcome.version = version
        outcome.removedFiles += group.count
        outcome.addedFiles += written.files.count
        outcome.removedBytes &+= group.reduce(0) { $0 &+ $1.size }
        outcome.addedBytes &+= written.bytes
        return true
    }

    func removals(of files: [AddFile], dataChange: Bool) -> [Action] {
        let now = clock.milliseconds
        return files.map { file in
            .remove(
                RemoveFile(
                    path: file.path, deletionTimestamp: now, dataChange: dataChange,
                    partitionValues: file.partitionValues, size: file.size))
        }
    }

    /// Writes the rows of some files anew, as the writer's schema has them.
    private func rewrite(
        _ group: [AddFile], of snapshot: TableSnapshot, with writer: DataFileWriter
    ) async throws(DeltaError) -> DataFileWriter.Written {
        let names = group.map(\.name)
        return try await files.with(names) { paths throws(DeltaError) in
            let places = Dictionary(zip(group.map(\.path), paths), uniquingKeysWith: { first, _ in first })
            let select = snapshot.rows(of: group) { places[$0.path] ?? "" }
            return try await writer.write(
                select: select, columns: try await Self.columns(of: select, on: engine), on: engine,
                dataChange: false, now: clock.milliseconds)
        }
    }

    /// Gives columns wider types, in one commit with all files written anew: so that every reader can read them,
    /// also those that know nothing of types that change.
    func widen(to schema: DeltaSchema, columns: [String], of snapshot: TableSnapshot) async throws(DeltaError)
    {
        let writer = writer(for: schema, of: snapshot)
        var change = Commit(
            actions: [], operation: "CHANGE COLUMN", parameters: ["columns": columns.joined(separator: ",")],
            restsOnAllRows: true)
        var widened = snapshot.schema
        for (index, field) in widened.fields.enumerated() {
            guard columns.contains(field.name), let type = schema.field(field.name)?.type else { continue }
            widened.fields[index].type = type
        }
        change.changesTable = true
        var metadata = snapshot.metadata
        metadata.schemaJSON = widened.json
        change.actions.append(.metadata(metadata))
        var rewritten = DataFileWriter.Written()
        for (_, group) in TableSnapshot.grouped(snapshot.files, by: snapshot.partitionColumns) {
            let written = try await rewrite(group, of: snapshot, with: writer)
            rewritten.files += written.files
        }
        change.actions += rewritten.files.map { .add($0) }
        change.actions += removals(of: snapshot.files, dataChange: false)
        if case .lost = try await commit(change, on: snapshot.state) { await writer.discard(rewritten) }
    }
}
