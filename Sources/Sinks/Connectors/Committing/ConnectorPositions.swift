package import GRDB
package import StreamModel

/// How far connectors are, in `state.sqlite`: positions by topic id, and plans of objects that may or may not be
/// stored.
///
/// A plan holds all that is needed to store its object again with the same bytes: those of a small one itself, of
/// another the path of its spool file.
package struct ConnectorPositions: Sendable {
    private let database: any DatabaseWriter
    /// The folder that the paths of spool files begin in.
    let spool: String

    /// - Parameter spool: where the spool files are that plans name; it may be another one after a restart.
    package init(database: any DatabaseWriter, spool: String) {
        self.database = database
        self.spool = spool
    }

    /// The tables; to be registered with the database's migrator.
    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("connector-positions") { database in
            try database.create(table: "connector_topic") { table in
                table.column("connector", .text).notNull()
                table.column("topic", .text).notNull()
                table.column("topic_id", .text).notNull()
                table.column("life", .integer).notNull()
                table.primaryKey(["connector", "topic"])
            }
            try database.create(table: "connector_position") { table in
                table.column("connector", .text).notNull()
                table.column("topic", .text).notNull()
                table.column("partition", .integer).notNull()
                table.column("committed", .integer).notNull()
                table.primaryKey(["connector", "topic", "partition"])
            }
            try database.create(table: "connector_plan") { table in
                table.autoIncrementedPrimaryKey("number")
                table.column("connector", .text).notNull()
                table.column("topic", .text).notNull()
                table.column("partition", .integer).notNull()
                table.column("object_key", .text).notNull()
                table.column("path", .text)
                table.column("content", .blob)
                table.column("size", .integer).notNull()
                table.column("checksum", .integer).notNull()
                table.column("start_offset", .integer).notNull()
                table.column("end_offset", .integer).notNull()
                table.column("record_count", .integer).notNull()
                table.column("content_type", .text)
                table.column("next_offset", .integer).notNull()
            }
            try database.create(
                index: "connector_plan_partition", on: "connector_plan",
                columns: ["connector", "topic", "partition"])
        }
    }

    // MARK: What users see and change

    /// The next offset of each partition that is not stored yet.
    package func offsets(of connector: String) throws -> [TopicPartition: Offset] {
        try database.read { database in
            var offsets: [TopicPartition: Offset] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT topic, partition, committed FROM connector_position WHERE connector = ?",
                arguments: [connector])
            while let row = try rows.next() {
                guard let topic = TopicName(row["topic"]) else { continue }
                offsets[TopicPartition(topic, PartitionIndex(row["partition"]))] = Offset(row["committed"])
            }
            return offsets
        }
    }

    /// Sets offsets of a connector that does not run; nil begins with what the log has first.
    ///
    /// Objects that were planned for these partitions are given up.
    package func change(_ offsets: [TopicPartition: Offset?], of connector: String) throws {
        try database.write { database in
            for (partition, offset) in offsets {
                for table in ["connector_position", "connector_plan"] {
                    try database.execute(
                        sql: "DELETE FROM \(table) WHERE connector = ? AND topic = ? AND partition = ?",
                        arguments: Self.place(connector, partition))
                }
                if let offset { try Self.setPosition(connector, partition, offset, database) }
            }
        }
    }

    /// Forgets a connector that does not run: its offsets, its plans, and which topics it has met.
    package func forget(_ connector: String) throws {
        try database.write { database in
            for table in ["connector_position", "connector_plan", "connector_topic"] {
                try database.execute(sql: "DELETE FROM \(table) WHERE connector = ?", arguments: [connector])
            }
        }
    }

    // MARK: Topics

    /// The topics that positions and plans are of.
    func lives(of connector: String) throws -> [TopicName: TopicLife] {
        try database.read { database in
            var lives: [TopicName: TopicLife] = [:]
            let rows = try Row.fetchCursor(
                database, sql: "SELECT topic, topic_id, life FROM connector_topic WHERE connector = ?",
                arguments: [connector])
            while let row = try rows.next() {
                guard let topic = TopicName(row["topic"]) else { continue }
                lives[topic] = TopicLife(id: TopicID(row["topic_id"]), number: row["life"])
            }
            return lives
        }
    }

    /// Begins with a topic: what is known of another that had its name is forgotten.
    ///
    /// Several tasks may do so, one after the other, with the same result.
    func begin(_ topic: TopicName, _ id: TopicID, of connector: String) throws -> TopicLife {
        try database.write { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT topic_id, life FROM connector_topic WHERE connector = ? AND topic = ?",
                arguments: [connector, topic.rawValue])
            let known = row.map { (id: $0["topic_id"] as String, number: $0["life"] as Int) }
            if let known, known.id == id.description { return TopicLife(id: id, number: known.number) }
            let life = TopicLife(id: id, number: known.map { $0.number + 1 } ?? 0)
            if known != nil {
                for table in ["connector_position", "connector_plan"] {
                    try database.execute(
                        sql: "DELETE FROM \(table) WHERE connector = ? AND topic = ?",
                        arguments: [connector, topic.rawValue])
                }
            }
            try database.execute(
                sql:
                    "INSERT OR REPLACE INTO connector_topic (connector, topic, topic_id, life) VALUES (?, ?, ?, ?)",
                arguments: [connector, topic.rawValue, id.description, life.number])
            return life
        }
    }

    static func place(_ connector: String, _ partition: TopicPartition) -> StatementArguments {
        [connector, partition.topic.rawValue, partition.partition.rawValue]
    }

    static func setPosition(
        _ connector: String, _ partition: TopicPartition, _ offset: Offset, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO connector_position (connector, topic, partition, committed)
                VALUES (?, ?, ?, ?)
                """, arguments: place(connector, partition) + [offset.rawValue])
    }

    func write(_ change: (Database) throws -> Void) throws { try database.write(change) }

    func read<Value>(_ look: (Database) throws -> Value) throws -> Value { try database.read(look) }
}
