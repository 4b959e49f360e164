/// A change of a table that is to become its next version.
struct Commit: Sendable {
    /// Without `commitInfo`.
    var actions: [Action]
    /// As the history names it: `WRITE`, `STREAMING UPDATE`, `OPTIMIZE`.
    var operation: String
    var parameters: [String: String] = [:]
    var metrics: [String: String] = [:]
    /// Changes columns, properties or protocol.
    var changesTable = false
    /// Depends on there being no rows but those that were read.
    var restsOnAllRows = false

    var removedPaths: Set<String> {
        Set(actions.compactMap { if case .remove(let file) = $0 { file.path } else { nil } })
    }

    var appIDs: Set<String> {
        Set(
            actions.compactMap {
                if case .transaction(let transaction, _) = $0 { transaction.appID } else { nil }
            })
    }

    /// Makes the table.
    var isCreation: Bool {
        actions.contains { if case .tableProtocol = $0 { true } else { false } }
    }

    /// Adds rows without having looked at others.
    var isBlindAppend: Bool { !restsOnAllRows && !changesTable && removedPaths.isEmpty }
}

/// What became of a commit.
enum CommitResult: Equatable, Sendable {
    case committed(TableVersion)
    /// Another commit came before, after which this one must be thought over.
    case lost(ConflictRules.Conflict)
}
