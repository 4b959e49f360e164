import Logging
import ObjectStore
import StreamModel

// What tables need from time to time: checkpoints, merged files, shorter logs.
extension DeltaTable {
    /// After a commit, where `append` sees to it; what fails is told and tried again later.
    func keepUp(after version: TableVersion) async {
        guard settings.upkeep == .afterCommit else { return }
        do {
            try await upkeep()
        } catch {
            logger.warning(
                "a table was not kept up", metadata: ["table": "\(log.folder)", "reason": "\(error.message)"])
        }
    }

    /// Does what is due: a checkpoint, merging of small files, deleting of old commits. Quick if nothing is.
    package func upkeep() async throws(DeltaError) {
        guard let state = try await refreshed() else { return }
        let interval = checkpointInterval(of: state)
        if isDue(state.version, state.base?.version, interval) { try await checkpoint() }
        guard settings.filesToMerge > 1, state.files.count >= settings.filesToMerge else { return }
        _ = try await optimize(isThorough: false)
    }

    private func checkpointInterval(of state: TableState) -> Int64 {
        TableProperties(state.metadata?.configuration ?? [:]).checkpointInterval
            ?? settings.checkpointInterval
    }

    /// A checkpoint is due at each multiple of the interval, and behind one that was missed.
    private func isDue(_ version: TableVersion, _ base: TableVersion?, _ interval: Int64) -> Bool {
        interval > 0 && version.rawValue / interval > max(0, base?.rawValue ?? 0) / interval
    }

    /// Writes a checkpoint of the newest version, then deletes commits that are older than the table keeps them.
    @discardableResult
    package func checkpoint() async throws(DeltaError) -> TableVersion {
        let snapshot = try await existing()
        try snapshot.needs.checkWriting(snapshot.metadata, snapshot.schema)
        let state = snapshot.state
        guard state.base?.version != state.version else { return state.version }
        let properties = TableProperties(snapshot.properties)
        let writer = CheckpointWriter(files: files, engine: engine)
        let expired = clock.milliseconds &- properties.deletedFileRetention
        let checkpoint = try await writer.write(state, expired: expired)
        rest(on: checkpoint)
        if properties.expiresLog {
            try await cleanLog(olderThan: clock.milliseconds &- properties.logRetention)
        }
        return state.version
    }

    /// Deletes commits and checkpoints that no version that is kept needs.
    ///
    /// Kept are all versions from the newest checkpoint on that is older than the time.
    private func cleanLog(olderThan time: Int64) async throws(DeltaError) {
        // The newest checkpoint of all is never needed to decide; most often nothing is old enough.
        guard let oldest = try await oldestCommit(), oldest.modified < time else { return }
        let listing = try await log.listing(from: nil)
        guard let expired = listing.commits.last(where: { $0.stat.modified < time })?.version,
            let keep = listing.checkpoints.last(where: { $0.version <= expired })?.version
        else { return }
        for file in listing.files where file.version < keep {
            let key = try log.key("\(TableLog.folderName)/\(file.name)")
            try await attempt { () throws(ObjectStoreError) in try await log.store.delete(key) }
        }
    }

    /// The first commit that is left, without listing all where the store need not.
    private func oldestCommit() async throws(DeltaError) -> ObjectStat? {
        let first = try log.commitKey(TableVersion(0))
        if let stat = try await attempt({ () throws(ObjectStoreError) in try await log.store.stat(first) }) {
            return stat
        }
        let prefix = try log.key(TableLog.folderName).rawValue + "/"
        return try await attempt { () throws(ObjectStoreError) in
            try await log.store.list(prefix: prefix, after: nil, limit: 1).first?.stat
        }
    }

    // MARK: History

    /// The newest commits, newest first.
    package func history(limit: Int = 100) async throws(DeltaError) -> [TableHistoryEntry] {
        guard let state = try await refreshed() else { return [] }
        var entries: [TableHistoryEntry] = []
        var version = state.version
        while entries.count < limit, version.rawValue >= 0 {
            // Older commits may have been deleted.
            guard let actions = try await log.actions(of: version) else { break }
            var info: CommitInfo?
            for case .commitInfo(let found) in actions { info = found }
            entries.append(TableHistoryEntry(version: version, info: info))
            version = TableVersion(version.rawValue - 1)
        }
        return entries
    }
}

/// One version in a table's history.
package struct TableHistoryEntry: Equatable, Sendable {
    package var version: TableVersion
    /// What the commit's writer told of it; nil if nothing.
    package var info: CommitInfo?
}
