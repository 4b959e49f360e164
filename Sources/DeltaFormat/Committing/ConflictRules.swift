/// Whether a commit may still be made after another writer took its version.
struct ConflictRules {
    enum Conflict: Equatable, Sendable {
        /// What readers or writers must know is another now.
        case protocolChanged
        /// The columns or properties are others now.
        case metadataChanged
        /// The same writer has committed in another place.
        case transaction(String)
        /// A file that was to be removed is gone already.
        case fileRemoved(String)
        /// There are rows that were not looked at.
        case fileAdded(String)
        /// The table was made by another writer.
        case tableExists

        var text: String {
            switch self {
            case .protocolChanged: "another writer changed the table's protocol"
            case .metadataChanged: "another writer changed the table's columns or properties"
            case .transaction(let appID): "another writer committed as '\(appID)'"
            case .fileRemoved(let path): "another writer removed the file \(path)"
            case .fileAdded(let path): "another writer added the file \(path)"
            case .tableExists: "another writer made the table"
            }
        }
    }

    /// What the commit changes, and what it rests on.
    let commit: Commit

    /// - Parameter winner: the commit that took the version.
    /// - Returns: nil if both may stand, one after the other.
    func conflict(with winner: [Action]) -> Conflict? {
        let removed = commit.removedPaths
        let appIDs = commit.appIDs
        for action in winner {
            switch action {
            case .tableProtocol:
                return commit.changesTable && commit.isCreation ? .tableExists : .protocolChanged
            case .metadata: return .metadataChanged
            case .transaction(let transaction, _) where appIDs.contains(transaction.appID):
                return .transaction(transaction.appID)
            case .remove(let file) where removed.contains(file.path): return .fileRemoved(file.path)
            case .add(let file) where commit.restsOnAllRows: return .fileAdded(file.path)
            // A change of the columns or of the protocol must not slip in behind rows that know nothing of it.
            default: continue
            }
        }
        return nil
    }
}
