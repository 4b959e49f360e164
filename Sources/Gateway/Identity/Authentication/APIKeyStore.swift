import Crypto
import Foundation
package import GRDB

/// The API keys of all users, in `state.sqlite`; a key itself is kept nowhere, only its hash.
///
/// Another process (`pinline keys`) may write while the server runs. Every call reads or writes the disk: never call it
/// on an event loop.
package struct APIKeyStore: Sendable {
    /// Past it no key is made.
    package static let maxKeys = 100_000
    /// The fewest characters of a key that was made elsewhere.
    package static let minKeyLength = 20
    /// The most characters of a key or a user's name.
    package static let maxTextLength = 512

    /// A key, without itself.
    package struct Key: Sendable, Equatable {
        /// By which it is listed and revoked.
        package var id: String
        package var user: String
        /// Seconds since 1970.
        package var created: Int64
        /// Seconds since 1970 from when on it is no longer good; nil: never.
        package var end: Int64?

        package init(id: String, user: String, created: Int64, end: Int64?) {
            self.id = id
            self.user = user
            self.created = created
            self.end = end
        }
    }

    private let database: any DatabaseWriter

    package init(_ database: any DatabaseWriter) {
        self.database = database
    }

    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("api_key") { database in
            try database.create(table: "api_key", options: [.strict, .withoutRowID]) { table in
                table.column("hash", .blob).notNull().primaryKey()
                table.column("id", .text).notNull().unique()
                table.column("user", .text).notNull()
                table.column("created", .integer).notNull()
                table.column("end", .integer)
            }
        }
    }

    /// Whose key it is; nil if it is not known, or no longer good.
    ///
    /// - Parameter now: milliseconds since 1970.
    func owner(of key: String, at now: Int64) throws -> Key? {
        guard key.utf8.count <= Self.maxTextLength else { return nil }
        let found = try database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT id, user, created, \"end\" FROM api_key WHERE hash = ?",
                arguments: [Self.hash(key)])
        }
        guard let found = found.map(Self.key) else { return nil }
        if let end = found.end, now / 1000 >= end { return nil }
        return found
    }

    /// All keys by user and age.
    package func keys() throws -> [Key] {
        try database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT id, user, created, \"end\" FROM api_key ORDER BY user, created, id")
        }.map(Self.key)
    }

    /// Adds a key.
    ///
    /// - Parameter text: the key itself.
    /// - Returns: false if there are too many, or there is one like it.
    package func add(_ key: Key, text: String) throws -> Bool {
        try database.write { database in
            let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM api_key") ?? 0
            guard count < Self.maxKeys else { return false }
            try database.execute(
                sql:
                    "INSERT OR IGNORE INTO api_key (hash, id, user, created, \"end\") VALUES (?, ?, ?, ?, ?)",
                arguments: [Self.hash(text), key.id, key.user, key.created, key.end])
            return database.changesCount == 1
        }
    }

    /// - Returns: whether there was a key of that id.
    package func remove(_ id: String) throws -> Bool {
        try database.write { database in
            try database.execute(sql: "DELETE FROM api_key WHERE id = ?", arguments: [id])
            return database.changesCount > 0
        }
    }

    private static func key(_ row: Row) -> Key {
        Key(id: row["id"], user: row["user"], created: row["created"], end: row["end"])
    }

    /// A key is made by chance and long: it needs neither salt nor stretching.
    private static func hash(_ key: String) -> Data { Data(SHA256.hash(data: Array(key.utf8))) }
}
