package import GRDB

/// All ACLs, durable in `state.sqlite`; another process (`pinline acls`) may write while the server runs.
///
/// Every call reads or writes the disk: never call it on an event loop.
package struct ACLStore: Sendable {
    /// Past it no ACL is made.
    package static let maxACLs = 100_000
    /// The longest name, principal or host.
    package static let maxTextBytes = 1024

    private let database: any DatabaseWriter

    package init(_ database: any DatabaseWriter) {
        self.database = database
    }

    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("acl") { database in
            try database.create(table: "acl", options: [.strict]) { table in
                for column in ["resource_type", "pattern_type", "operation", "permission"] {
                    table.column(column, .integer).notNull()
                }
                for column in ["resource_name", "principal", "host"] { table.column(column, .text).notNull() }
                table.uniqueKey([
                    "resource_type", "resource_name", "pattern_type", "principal", "host", "operation",
                    "permission",
                ])
            }
            // Tells a server that another process has changed something, whoever it is.
            try database.execute(
                sql: """
                    CREATE TABLE acl_change (count INTEGER NOT NULL) STRICT;
                    INSERT INTO acl_change (count) VALUES (0);
                    CREATE TRIGGER acl_added AFTER INSERT ON acl
                    BEGIN UPDATE acl_change SET count = count + 1; END;
                    CREATE TRIGGER acl_removed AFTER DELETE ON acl
                    BEGIN UPDATE acl_change SET count = count + 1; END;
                    """)
        }
    }

    /// All ACLs, and the count of changes that goes with them.
    package func load() throws -> (acls: [ACLBinding], change: Int64) {
        try database.read { database in
            (try Self.all(database), try Self.change(database))
        }
    }

    /// Grows with every change.
    package func change() throws -> Int64 {
        try database.read { try Self.change($0) }
    }

    /// Adds ACLs; those that are there already stay.
    ///
    /// - Returns: false, and nothing is added, if there would be more than `maxACLs`.
    package func add(_ acls: [ACLBinding]) throws -> Bool {
        try database.write { database in
            let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM acl") ?? 0
            guard count + acls.count <= Self.maxACLs else { return false }
            for acl in acls {
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO acl (resource_type, resource_name, pattern_type, principal, host,
                        operation, permission) VALUES (?, ?, ?, ?, ?, ?, ?)
                        """, arguments: Self.arguments(acl))
            }
            return true
        }
    }

    /// Removes all ACLs that a filter matches.
    ///
    /// - Returns: the removed ones of each filter; one that two filters match is told of by both.
    package func remove(_ filters: [ACLFilter]) throws -> [[ACLBinding]] {
        try database.write { database in
            let acls = try Self.all(database)
            let matching = filters.map { filter in acls.filter { filter.matches($0) } }
            for acl in Set(matching.joined()) {
                try database.execute(
                    sql: """
                        DELETE FROM acl WHERE resource_type = ? AND resource_name = ? AND pattern_type = ?
                        AND principal = ? AND host = ? AND operation = ? AND permission = ?
                        """, arguments: Self.arguments(acl))
            }
            return matching
        }
    }

    private static func change(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT count FROM acl_change") ?? 0
    }

    private static func arguments(_ acl: ACLBinding) -> StatementArguments {
        [
            Int64(acl.resourceType.rawValue), acl.resourceName, Int64(acl.patternType.rawValue),
            acl.principal,
            acl.host, Int64(acl.operation.rawValue), Int64(acl.permission.rawValue),
        ]
    }

    /// - Throws: if one cannot be read: to leave out a denial would allow what somebody forbade.
    private static func all(_ database: Database) throws -> [ACLBinding] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT resource_type, resource_name, pattern_type, principal, host, operation, permission
                FROM acl ORDER BY resource_type, resource_name, pattern_type, principal, host, operation, permission
                """)
        return try rows.map { row in
            guard let type = ACLResourceType(rawValue: row["resource_type"]),
                let pattern = ACLPatternType(rawValue: row["pattern_type"]),
                let operation = ACLOperation(rawValue: row["operation"]),
                let permission = ACLPermission(rawValue: row["permission"])
            else {
                throw SecurityError("the table acl of state.sqlite holds a number that is not known: \(row)")
            }
            return ACLBinding(
                resourceType: type, resourceName: row["resource_name"], patternType: pattern,
                principal: row["principal"], host: row["host"], operation: operation, permission: permission)
        }
    }
}
