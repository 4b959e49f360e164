import Foundation
import GRDB

/// The cluster's id, by which clients and tools tell one server from another.
enum ClusterIdentity {
    static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("broker: meta") { database in
            try database.execute(
                sql: "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID")
        }
    }

    /// Reads the id; makes it where there is none yet.
    static func load(from database: any DatabaseWriter) throws -> String {
        try database.write { database in
            if let id = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'cluster.id'")
            {
                return id
            }
            let id = make()
            try database.execute(
                sql: "INSERT INTO meta (key, value) VALUES ('cluster.id', ?)", arguments: [id])
            return id
        }
    }

    /// A random UUID in base64 for URLs, as Kafka's: 22 characters.
    private static func make() -> String {
        let text = withUnsafeBytes(of: UUID().uuid) { Data($0) }.base64EncodedString()
        return String(
            text.prefix(22).map { character in
                switch character {
                case "+": "-"
                case "/": "_"
                default: character
                }
            })
    }
}
