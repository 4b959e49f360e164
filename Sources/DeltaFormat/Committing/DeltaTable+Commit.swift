import Foundation
import Logging
import ObjectStore
import StreamModel

// The one way into the log.
extension DeltaTable {
    /// Makes a commit the table's next version, behind those of other writers that do not conflict with it.
    ///
    /// - Parameter state: what the commit was made for; the newest that is known.
    /// - Throws: `.conflict` if others were faster too many times; what the store says. After `.unavailable` the
    ///   commit may be there or not: its transactions tell.
    func commit(_ commit: Commit, on state: TableState) async throws(DeltaError) -> CommitResult {
        var state = state
        let rules = ConflictRules(commit: commit)
        let identity = UUID().uuidString.lowercased()
        FaultPoint.pass("delta.before-commit")
        for _ in 0..<settings.maxCommitAttempts {
            while let winner = try await winner(behind: state) {
                state.apply(winner, of: state.version.next)
                if let conflict = rules.conflict(with: winner) {
                    remember(state)
                    return .lost(conflict)
                }
            }
            let version = state.version.next
            let actions = [.commitInfo(info(commit, identity))] + commit.actions
            guard try await store(Action.bytes(actions), as: version) else { continue }
            FaultPoint.pass("delta.after-commit")
            state.apply(actions, of: version)
            remember(state)
            return .committed(version)
        }
        throw DeltaError(
            .conflict,
            "other writers of '\(log.folder)' were faster \(settings.maxCommitAttempts) times: try again")
    }

    /// The commit that came behind a state, read only where a try has shown that there is one.
    private func winner(behind state: TableState) async throws(DeltaError) -> [Action]? {
        try await log.actions(of: state.version.next)
    }

    /// - Returns: false if the version is another writer's.
    private func store(_ bytes: [UInt8], as version: TableVersion) async throws(DeltaError) -> Bool {
        let key = try log.commitKey(version)
        do {
            if try await log.store.putIfAbsent(bytes, as: key) { return true }
        } catch {
            // The store may have done it before its answer was lost.
            if let there = try? await log.store.get(key), there == bytes { return true }
            throw DeltaError(error)
        }
        // So may a store that was asked twice.
        return try await log.bytes(of: version) == bytes
    }

    private func info(_ commit: Commit, _ identity: String) -> CommitInfo {
        CommitInfo(
            timestamp: clock.milliseconds, operation: commit.operation,
            operationParameters: commit.parameters,
            operationMetrics: commit.metrics, isBlindAppend: commit.isBlindAppend,
            engineInfo: settings.engineInfo, transactionID: identity)
    }
}
