import Broker
import StateStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The users of a data folder who log in by password; works beside a running server and without one.
package struct UserAccounts {
    package struct User: Sendable, Equatable {
        package var name: String
        /// SCRAM mechanisms, by name.
        package var mechanisms: [String]
    }

    private let store: ScramCredentialStore

    /// - Parameters:
    ///   - data: the data folder.
    ///   - creating: makes the folder if it is not there.
    package init(data: String, creating: Bool) throws {
        let path = try Self.statePath(data: data, creating: creating)
        do {
            store = ScramCredentialStore(
                try StateDatabase.open(path: path, tables: [ScramCredentialStore.registerMigrations]))
        } catch {
            throw SettingsError("\(path) cannot be opened: \(error)")
        }
    }

    /// The state of a data folder, which is made if `creating` says so.
    static func statePath(data: String, creating: Bool) throws -> String {
        let path = data + "/state.sqlite"
        if creating {
            mkdir(data, 0o755)
        } else if access(path, F_OK) != 0 {
            throw SettingsError("\(data) holds no data of Pinline: name its data folder by --data")
        }
        return path
    }

    package func list() throws -> [User] {
        try store.users().map { User(name: $0.name, mechanisms: $0.iterations.keys.map(\.rawValue).sorted()) }
    }

    /// Makes a user, or gives one another password; a running server takes it from the next login on.
    ///
    /// - Returns: whether the user is new.
    package func set(_ name: String, password: String) throws -> Bool {
        let isNew = try !store.users().contains { $0.name == name }
        guard try store.setPassword(password, of: name) else {
            throw SettingsError("a user needs a name and a password")
        }
        return isNew
    }

    /// - Returns: whether there was such a user.
    package func remove(_ name: String) throws -> Bool {
        try store.delete(name) > 0
    }
}
