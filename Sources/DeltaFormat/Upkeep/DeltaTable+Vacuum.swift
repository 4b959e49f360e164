import ObjectStore
import StreamModel

/// What a vacuum deleted, or would delete.
package struct VacuumOutcome: Equatable, Sendable {
    /// Below the table's folder.
    package var files: [String] = []
    package var bytes: Int64 = 0
}

extension DeltaTable {
    /// Deletes files that no version needs which is younger than a retention.
    ///
    /// Files that are named by no commit are deleted when they are older than that: another writer may be about to
    /// commit younger ones. Folders and files whose names begin with `_` or `.` are left alone.
    /// - Parameters:
    ///   - retention: milliseconds; nil for what the table says, 7 days unless told otherwise.
    ///   - isForced: takes a retention that is shorter than the table's, which can break readers and writers at work.
    ///   - isDryRun: deletes nothing.
    package func vacuum(
        retention: Int64? = nil, isForced: Bool = false, isDryRun: Bool = false
    ) async throws(DeltaError) -> VacuumOutcome {
        let snapshot = try await existing()
        try snapshot.needs.checkWriting(snapshot.metadata, snapshot.schema)
        let least = TableProperties(snapshot.properties).deletedFileRetention
        let retention = retention ?? least
        guard isForced || retention >= least else {
            throw DeltaError(
                .invalid,
                "the table keeps removed files for \(least / 3_600_000) hours: a shorter retention must be forced, "
                    + "and breaks whoever reads older versions or is writing")
        }
        let cutoff = clock.milliseconds &- max(0, retention)
        let kept = try await keptFiles(snapshot, removedAfter: cutoff)
        let prefix = log.folder.isEmpty ? "" : log.folder + "/"
        let objects = try await attempt { () throws(ObjectStoreError) in
            try await log.store.list(prefix: prefix, after: nil, limit: .max)
        }
        var outcome = VacuumOutcome()
        for object in objects {
            let name = log.name(object.key)
            guard !Self.isHidden(name, snapshot.partitionColumns), !kept.contains(name),
                object.stat.modified < cutoff
            else { continue }
            if !isDryRun {
                FaultPoint.pass("delta.during-vacuum")
                try await attempt { () throws(ObjectStoreError) in try await log.store.delete(object.key) }
            }
            outcome.files.append(name)
            outcome.bytes &+= object.stat.size
        }
        return outcome
    }

    /// Files of the newest version, and those that were removed only lately.
    private func keptFiles(
        _ snapshot: TableSnapshot, removedAfter cutoff: Int64
    ) async throws(DeltaError) -> Set<String> {
        let state = snapshot.state
        var kept = Set(state.files.keys.map(PathText.decoded))
        for file in state.removed.values where (file.deletionTimestamp ?? 0) >= cutoff {
            kept.insert(PathText.decoded(file.path))
        }
        if let base = state.base {
            for (path, time) in try await CheckpointReader(files: files, engine: engine).removed(base)
            where time >= cutoff {
                kept.insert(PathText.decoded(path))
            }
        }
        return kept
    }

    /// Whether a file is none of the table's data, as the protocol has it.
    static func isHidden(_ name: String, _ partitionColumns: [String]) -> Bool {
        name.split(separator: "/").contains { part in
            guard part.hasPrefix("_") || part.hasPrefix(".") else { return false }
            return !partitionColumns.contains { part.hasPrefix($0 + "=") }
        }
    }
}
