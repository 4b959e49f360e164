package import GRDB
package import StreamModel

/// How far a sink is, in `state.sqlite`.
///
/// Before an object becomes visible the range of offsets it holds is planned; so a sink that dies between the two
/// makes the same object again, although the clock decided where it ended. Positions and plans of a topic count as
/// long as `lives` says that they are those of the topic that has the name now.
package struct SinkPositions: Sendable {
    /// Offsets `start ..< end` of a partition, which become one object.
    package struct Plan: Sendable, Equatable {
        package var partition: TopicPartition
        package var start: Offset
        package var end: Offset

        package init(partition: TopicPartition, start: Offset, end: Offset) {
            self.partition = partition
            self.start = start
            self.end = end
        }
    }

    package struct State: Sendable, Equatable {
        /// The next offset that is in no object.
        package var committed: [TopicPartition: Offset] = [:]
        /// Objects that may or may not be there.
        package var planned: [Plan] = []
        /// Whose positions and plans these are.
        package var lives: [TopicName: TopicLife] = [:]

        /// Topics with positions or plans of which it was never written down whose they are.
        var topicsWithoutLife: Set<TopicName> {
            Set(committed.keys.map(\.topic) + planned.map(\.partition.topic)).subtracting(lives.keys)
        }
    }

    private let sink: String
    private let database: any DatabaseWriter

    /// - Parameter sink: the name under which this sink's rows stand.
    package init(sink: String, database: any DatabaseWriter) {
        self.sink = sink
        self.database = database
    }

    /// The tables; to be registered with the database's migrator.
    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("sink-positions") { database in
            try database.create(table: "sink_position") { table in
                table.column("sink", .text).notNull()
                table.column("topic", .text).notNull()
                table.column("partition", .integer).notNull()
                table.column("committed", .integer).notNull()
                table.primaryKey(["sink", "topic", "partition"])
            }
            try database.create(table: "sink_plan") { table in
                table.column("sink", .text).notNull()
                table.column("topic", .text).notNull()
                table.column("partition", .integer).notNull()
                table.column("start_offset", .integer).notNull()
                table.column("end_offset", .integer).notNull()
                table.primaryKey(["sink", "topic", "partition", "start_offset"])
            }
        }
        migrator.registerMigration("sink-topics") { database in
            try database.create(table: "sink_topic") { table in
                table.column("sink", .text).notNull()
                table.column("topic", .text).notNull()
                table.column("topic_id", .text)
                table.column("life", .integer).notNull()
                table.primaryKey(["sink", "topic"])
            }
        }
    }

    // MARK: Reading

    package func load() throws -> State {
        try database.read { database in
            State(
                committed: try committed(database), planned: try planned(database),
                lives: try lives(database))
        }
    }

    private func committed(_ database: Database) throws -> [TopicPartition: Offset] {
        var committed: [TopicPartition: Offset] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT topic, partition, committed FROM sink_position WHERE sink = ?",
            arguments: [sink])
        while let row = try rows.next() {
            guard let partition = Self.partition(row) else { continue }
            committed[partition] = Offset(row["committed"])
        }
        return committed
    }

    private func planned(_ database: Database) throws -> [Plan] {
        var planned: [Plan] = []
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT topic, partition, start_offset, end_offset FROM sink_plan WHERE sink = ?
                ORDER BY topic, partition, start_offset
                """, arguments: [sink])
        while let row = try rows.next() {
            guard let partition = Self.partition(row) else { continue }
            planned.append(
                Plan(partition: partition, start: Offset(row["start_offset"]), end: Offset(row["end_offset"]))
            )
        }
        return planned
    }

    private func lives(_ database: Database) throws -> [TopicName: TopicLife] {
        var lives: [TopicName: TopicLife] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT topic, topic_id, life FROM sink_topic WHERE sink = ?", arguments: [sink])
        while let row = try rows.next() {
            guard let topic = TopicName(row["topic"]) else { continue }
            let id: String? = row["topic_id"]
            lives[topic] = TopicLife(id: id.flatMap { TopicID($0) }, number: row["life"])
        }
        return lives
    }

    private static func partition(_ row: Row) -> TopicPartition? {
        TopicName(row["topic"]).map { TopicPartition($0, PartitionIndex(row["partition"])) }
    }

    // MARK: Topics

    /// Writes down whose the positions and plans are that are there; durable on return.
    package func adopt(_ lives: [TopicName: TopicLife]) throws {
        try database.write { database in try save(lives, database) }
    }

    /// Begins with topics that were not met before: what is known of others of their names is forgotten; durable on
    /// return.
    package func begin(_ lives: [TopicName: TopicLife]) throws {
        try database.write { database in
            for topic in lives.keys {
                for table in ["sink_position", "sink_plan"] {
                    try database.execute(
                        sql: "DELETE FROM \(table) WHERE sink = ? AND topic = ?",
                        arguments: [sink, topic.rawValue])
                }
            }
            try save(lives, database)
        }
    }

    private func save(_ lives: [TopicName: TopicLife], _ database: Database) throws {
        for (topic, life) in lives {
            try database.execute(
                sql: "INSERT OR REPLACE INTO sink_topic (sink, topic, topic_id, life) VALUES (?, ?, ?, ?)",
                arguments: [sink, topic.rawValue, life.id?.description, life.number])
        }
    }

    // MARK: Objects

    /// Writes down what the next objects will hold; durable on return.
    package func plan(_ plans: [Plan]) throws {
        try database.write { database in
            for plan in plans {
                try database.execute(
                    sql: """
                        INSERT OR REPLACE INTO sink_plan (sink, topic, partition, start_offset, end_offset)
                        VALUES (?, ?, ?, ?, ?)
                        """, arguments: place(plan) + [plan.start.rawValue, plan.end.rawValue])
            }
        }
    }

    /// Writes down that the objects are there; durable on return.
    package func commit(_ plans: [Plan]) throws {
        try database.write { database in
            for plan in plans {
                try database.execute(
                    sql: """
                        INSERT OR REPLACE INTO sink_position (sink, topic, partition, committed) VALUES (?, ?, ?, ?)
                        """, arguments: place(plan) + [plan.end.rawValue])
                try database.execute(
                    sql:
                        "DELETE FROM sink_plan WHERE sink = ? AND topic = ? AND partition = ? AND start_offset = ?",
                    arguments: place(plan) + [plan.start.rawValue])
            }
        }
    }

    private func place(_ plan: Plan) -> StatementArguments {
        [sink, plan.partition.topic.rawValue, plan.partition.partition.rawValue]
    }
}
