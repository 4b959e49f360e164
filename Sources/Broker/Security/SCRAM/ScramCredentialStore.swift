import Foundation
package import GRDB
package import TransportSecurity

/// The SCRAM credentials of all users, in `state.sqlite`.
///
/// Another process (`pinline users`) may write while the server runs: nothing is kept in memory, so a change holds
/// from the next login on. Every call reads or writes the disk: never call it on an event loop.
package struct ScramCredentialStore: Sendable {
    /// A user and the mechanisms there are credentials for, with their iterations.
    package struct User: Hashable, Sendable {
        package var name: String
        package var iterations: [ScramMechanism: Int]
    }

    private let database: any DatabaseWriter

    package init(_ database: any DatabaseWriter) {
        self.database = database
    }

    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("scram_credential") { database in
            try database.create(table: "scram_credential", options: [.strict, .withoutRowID]) { table in
                table.column("user", .text).notNull()
                table.column("mechanism", .text).notNull()
                table.column("credential", .text).notNull()
                table.primaryKey(["user", "mechanism"])
            }
            // Made here, by the database: it must outlive the process, or made-up salts would change with it.
            try database.create(table: "scram_decoy", options: [.strict]) { table in
                table.column("secret", .blob).notNull()
            }
            try database.execute(sql: "INSERT INTO scram_decoy (secret) VALUES (randomblob(32))")
        }
    }

    /// Nil where the user does not exist or has no credential of the mechanism.
    package func credential(of user: String, for mechanism: ScramMechanism) throws -> ScramCredential? {
        let text = try database.read { database in
            try String.fetchOne(
                database, sql: "SELECT credential FROM scram_credential WHERE user = ? AND mechanism = ?",
                arguments: [user, mechanism.rawValue])
        }
        return text.flatMap { ScramCredential($0, for: mechanism) }
    }

    /// What the salts of unknown users are made from.
    func decoySecret() throws -> [UInt8] {
        try database.read { try Data.fetchOne($0, sql: "SELECT secret FROM scram_decoy") }.map { Array($0) }
            ?? []
    }

    /// All users by name.
    package func users() throws -> [User] {
        let rows = try database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT user, mechanism, credential FROM scram_credential ORDER BY user, mechanism")
        }
        var users: [User] = []
        for row in rows {
            let name: String = row["user"]
            if users.last?.name != name { users.append(User(name: name, iterations: [:])) }
            guard let mechanism = ScramMechanism(rawValue: row["mechanism"]),
                let credential = ScramCredential(row["credential"] as String, for: mechanism)
            else { continue }
            users[users.count - 1].iterations[mechanism] = credential.iterations
        }
        return users
    }

    /// Makes or replaces credentials of a user, all or none.
    package func set(_ credentials: [ScramMechanism: ScramCredential], of user: String) throws {
        try database.write { database in
            for (mechanism, credential) in credentials {
                try database.execute(
                    sql:
                        "INSERT OR REPLACE INTO scram_credential (user, mechanism, credential) VALUES (?, ?, ?)",
                    arguments: [user, mechanism.rawValue, credential.text])
            }
        }
    }

    /// Makes or replaces a user whose password is good for every mechanism.
    ///
    /// - Returns: false if name or password is empty.
    @discardableResult
    package func setPassword(
        _ password: String, of user: String, mechanisms: [ScramMechanism] = ScramMechanism.allCases,
        iterations: Int = ScramMechanism.minIterations, random: RandomBytes = .system
    ) throws -> Bool {
        var credentials: [ScramMechanism: ScramCredential] = [:]
        for mechanism in mechanisms {
            credentials[mechanism] = ScramCredential(
                password: password, for: mechanism, salt: random.bytes(ScramCredential.saltLength),
                iterations: iterations)
        }
        guard !user.isEmpty, !mechanisms.isEmpty, credentials.count == Set(mechanisms).count else {
            return false
        }
        try set(credentials, of: user)
        return true
    }

    /// Takes credentials away; the user is gone with the last one.
    ///
    /// - Returns: how many there were.
    @discardableResult
    package func delete(
        _ user: String, mechanisms: [ScramMechanism] = ScramMechanism.allCases
    ) throws -> Int {
        try database.write { database in
            var count = 0
            for mechanism in mechanisms {
                try database.execute(
                    sql: "DELETE FROM scram_credential WHERE user = ? AND mechanism = ?",
                    arguments: [user, mechanism.rawValue])
                count += database.changesCount
            }
            return count
        }
    }
}
