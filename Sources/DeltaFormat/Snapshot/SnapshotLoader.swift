import ObjectStore
import QueryEngine

/// Reads what a table's log comes to.
struct SnapshotLoader: Sendable {
    let log: TableLog
    let checkpoints: CheckpointReader

    /// Commits that are fetched at the same time.
    private static let fetches = 16

    /// The newest state; nil if there is no table.
    ///
    /// - Parameter known: a state that was read before, from which only newer commits are read.
    func latest(from known: TableState?) async throws(DeltaError) -> TableState? {
        guard var state = known else { return try await load() }
        while let actions = try await log.actions(of: state.version.next) {
            state.apply(actions, of: state.version.next)
        }
        return state
    }

    /// The newest state, from the newest checkpoint on; nil if there is no table.
    private func load() async throws(DeltaError) -> TableState? {
        let hint = try await log.lastCheckpoint()
        var listing = try await log.listing(from: hint)
        // The hint may be of a checkpoint that is gone, or only half there.
        if hint != nil, listing.checkpoints.isEmpty { listing = try await log.listing(from: nil) }
        guard let latest = listing.latest else { return nil }
        return try await state(at: latest, listing)
    }

    func state(at version: TableVersion, _ listing: LogListing) async throws(DeltaError) -> TableState {
        let (base, versions) = try listing.path(to: version)
        var state = TableState.empty
        if let base { state = try await checkpoints.read(base) }
        var next = 0
        while next < versions.count {
            let some = Array(versions[next..<min(next + Self.fetches, versions.count)])
            for (version, actions) in zip(some, try await read(some)) {
                state.apply(actions, of: version)
            }
            next += some.count
        }
        return state
    }

    private func read(_ versions: [TableVersion]) async throws(DeltaError) -> [[Action]] {
        do {
            return try await withThrowingTaskGroup(of: (Int, [Action]).self) { group in
                for (index, version) in versions.enumerated() {
                    group.addTask {
                        guard let actions = try await log.actions(of: version) else {
                            throw DeltaError(
                                .corrupted, "the commit of version \(version) went away while it was read")
                        }
                        return (index, actions)
                    }
                }
                var all = [[Action]](repeating: [], count: versions.count)
                for try await (index, actions) in group { all[index] = actions }
                return all
            }
        } catch let error as DeltaError {
            throw error
        } catch {
            throw DeltaError(.unavailable, "\(error)", cause: error)
        }
    }
}
