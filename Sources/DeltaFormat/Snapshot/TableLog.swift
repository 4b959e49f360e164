import JSONText
import ObjectStore

/// The log of a table in a store.
struct TableLog: Sendable {
    let store: any ObjectStore
    /// The table's folder in the store; may be empty.
    let folder: String

    static let folderName = "_delta_log"

    /// The object of a name below the table's folder.
    func key(_ name: String) throws(DeltaError) -> ObjectKey {
        guard let key = ObjectKey(folder.isEmpty ? name : folder + "/" + name) else {
            throw DeltaError(.corrupted, "the table \(folder) has a file '\(name)', which cannot be its name")
        }
        return key
    }

    /// What a key is called below the table's folder.
    func name(_ key: ObjectKey) -> String {
        folder.isEmpty ? key.rawValue : String(key.rawValue.dropFirst(folder.count + 1))
    }

    func commitKey(_ version: TableVersion) throws(DeltaError) -> ObjectKey {
        try key("\(Self.folderName)/\(LogName.digits(version)).json")
    }

    /// A commit's file; nil if there is none.
    func bytes(of version: TableVersion) async throws(DeltaError) -> [UInt8]? {
        let key = try commitKey(version)
        return try await attempt { () throws(ObjectStoreError) in try await store.get(key) }
    }

    /// A commit's actions; nil if there is none.
    func actions(of version: TableVersion) async throws(DeltaError) -> [Action]? {
        guard let bytes = try await bytes(of: version) else { return nil }
        return try Action.list(bytes, in: "\(folder)/\(TableLog.folderName)/\(LogName.digits(version)).json")
    }

    /// What lies in the log.
    ///
    /// - Parameter first: what belongs to versions before this one is left out.
    func listing(from first: TableVersion?) async throws(DeltaError) -> LogListing {
        let prefix = try key(Self.folderName).rawValue + "/"
        // Names of this version are longer than its digits, and thus behind them.
        let after = first.flatMap { ObjectKey(prefix + LogName.digits($0)) }
        let objects = try await attempt { () throws(ObjectStoreError) in
            try await store.list(prefix: prefix, after: after, limit: .max)
        }
        return LogListing(objects.map { (String($0.key.rawValue.dropFirst(prefix.count)), $0.stat) })
    }

    // MARK: The newest checkpoint

    private static let lastCheckpoint = "_last_checkpoint"

    /// The version of the newest checkpoint, as far as the log tells of it: a hint.
    func lastCheckpoint() async throws(DeltaError) -> TableVersion? {
        let key = try key("\(Self.folderName)/\(Self.lastCheckpoint)")
        let bytes = try await attempt { () throws(ObjectStoreError) in try await store.get(key) }
        guard let bytes, let tree = try? JSONTree(bytes), let version = tree["version"]?.integer, version >= 0
        else { return nil }
        return TableVersion(version)
    }

    func writeLastCheckpoint(
        _ version: TableVersion, actions: Int, files: Int, bytes: Int64
    ) async throws(DeltaError) {
        let text = JSONWriter.bytes { writer in
            writer.object {
                $0.member("version", version.rawValue)
                $0.member("size", actions)
                $0.member("sizeInBytes", bytes)
                $0.member("numOfAddFiles", files)
            }
        }
        let key = try key("\(Self.folderName)/\(Self.lastCheckpoint)")
        try await attempt { () throws(ObjectStoreError) in try await store.put(text, as: key) }
    }
}

/// Runs what asks a store.
func attempt<Value>(
    _ body: () async throws(ObjectStoreError) -> Value
) async throws(DeltaError) -> Value {
    do {
        return try await body()
    } catch {
        throw DeltaError(error)
    }
}

extension DeltaError {
    init(_ error: ObjectStoreError) {
        switch error.code {
        case .full: self.init(.full, error.message, cause: error)
        case .unavailable: self.init(.unavailable, error.message, cause: error)
        case .refused: self.init(.invalid, error.message, cause: error)
        }
    }
}
