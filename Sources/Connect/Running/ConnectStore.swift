package import GRDB
import JSONText

/// The connectors in `state.sqlite`: what they are and what they shall do.
package struct ConnectStore: Sendable {
    private let database: any DatabaseWriter

    package init(_ database: any DatabaseWriter) {
        self.database = database
    }

    /// The tables; to be registered with the database's migrator.
    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("connectors") { database in
            try database.create(table: "connect_connector") { table in
                table.primaryKey("name", .text)
                table.column("configuration", .text).notNull()
                table.column("target", .text).notNull()
            }
            try database.create(table: "connect_topic") { table in
                table.column("connector", .text).notNull()
                table.column("topic", .text).notNull()
                table.primaryKey(["connector", "topic"])
            }
        }
    }

    func load() throws -> [ConnectorDefinition] {
        try database.read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT name, configuration, target FROM connect_connector ORDER BY name")
            return rows.map { row in
                let text: String = row["configuration"]
                return ConnectorDefinition(
                    name: row["name"], configuration: Self.configuration(text),
                    target: TargetState(rawValue: row["target"]) ?? .paused)
            }
        }
    }

    /// Durable on return.
    func save(_ connector: ConnectorDefinition) throws {
        let text = String(
            decoding: JSONWriter.bytes { $0.configuration(connector.configuration) }, as: UTF8.self)
        try database.write { database in
            try database.execute(
                sql:
                    "INSERT OR REPLACE INTO connect_connector (name, configuration, target) VALUES (?, ?, ?)",
                arguments: [connector.name, text, connector.target.rawValue])
        }
    }

    /// Durable on return.
    func delete(_ name: String) throws {
        try database.write { database in
            try database.execute(sql: "DELETE FROM connect_connector WHERE name = ?", arguments: [name])
            try database.execute(sql: "DELETE FROM connect_topic WHERE connector = ?", arguments: [name])
        }
    }

    private static func configuration(_ text: String) -> [String: String] {
        let members = (try? JSONTree(Array(text.utf8)))?.members ?? []
        return Dictionary(members.compactMap { member in member.value.text.map { (member.name, $0) } }) { $1 }
    }

    // MARK: Topics

    /// The topics that a connector has read from.
    func topics(of connector: String) throws -> [String] {
        try database.read { database in
            try String.fetchAll(
                database, sql: "SELECT topic FROM connect_topic WHERE connector = ? ORDER BY topic",
                arguments: [connector])
        }
    }

    func add(_ topics: Set<String>, to connector: String) throws {
        try database.write { database in
            for topic in topics {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO connect_topic (connector, topic) VALUES (?, ?)",
                    arguments: [connector, topic])
            }
        }
    }

    func forgetTopics(of connector: String) throws {
        try database.write { database in
            try database.execute(sql: "DELETE FROM connect_topic WHERE connector = ?", arguments: [connector])
        }
    }
}

/// A connector as its users have defined it.
package struct ConnectorDefinition: Sendable, Equatable {
    package var name: String
    /// As it was given, `name` included.
    package var configuration: [String: String]
    package var target: TargetState

    package init(name: String, configuration: [String: String], target: TargetState) {
        self.name = name
        self.configuration = configuration
        self.target = target
    }

    var taskCount: Int { max(1, configuration["tasks.max"].flatMap { Int(ConfigText.trimmed($0)) } ?? 1) }
}

/// What a connector shall do.
package enum TargetState: String, Sendable, CaseIterable {
    case running = "RUNNING"
    case paused = "PAUSED"
    /// As paused, and without tasks; its offsets may be changed.
    case stopped = "STOPPED"
}
