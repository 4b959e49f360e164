/// What the commits up to a version come to.
struct TableState: Sendable {
    /// A writer's position, and when it was told.
    struct Position: Equatable, Sendable {
        var version: Int64
        var lastUpdated: Int64?
    }

    var version: TableVersion
    /// When the version was committed, in milliseconds since 1970; nil if its commit was not read.
    var timestamp: Int64?
    var needs: TableProtocol?
    var metadata: TableMetadata?
    /// The files of the table, by path.
    var files: [String: AddFile] = [:]
    var transactions: [String: Position] = [:]
    /// The checkpoint that this rests on; nil if all commits were read.
    var base: Checkpoint?
    /// Files that were added since the checkpoint.
    var recent: Set<String> = []
    /// Files that were removed since the checkpoint.
    var removed: [String: RemoveFile] = [:]

    /// Before the first commit.
    static let empty = TableState(version: TableVersion(-1))

    /// Goes on to the next version.
    mutating func apply(_ actions: [Action], of version: TableVersion) {
        self.version = version
        timestamp = nil
        for action in actions {
            switch action {
            case .add(let file):
                files[file.path] = file
                recent.insert(file.path)
                removed[file.path] = nil
            case .remove(let file):
                files[file.path] = nil
                recent.remove(file.path)
                removed[file.path] = file
            case .metadata(let metadata): self.metadata = metadata
            case .tableProtocol(let needs): self.needs = needs
            case .transaction(let transaction, let lastUpdated):
                transactions[transaction.appID] = Position(
                    version: transaction.version, lastUpdated: lastUpdated)
            case .commitInfo(let info): timestamp = info.inCommitTimestamp ?? info.timestamp
            case .other: break
            }
        }
    }

    /// Rests on a checkpoint of this version from now on, which holds the statistics too.
    mutating func rest(on checkpoint: Checkpoint) {
        base = checkpoint
        for path in recent { files[path]?.statistics = nil }
        recent = []
        removed = [:]
    }
}
