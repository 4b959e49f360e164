package import GRDB
package import StreamModel

/// How far a sink is, in `state.sqlite`.
///
/// Before an object becomes visible the range of offsets it holds is planned; so a sink that dies between the two
/// makes the same object again, although the clock decided where it ended.
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
    }

    package func load() throws -> State {
        try database.read { database in
            var state = State()
            let positions = try Row.fetchCursor(
                database, sql: "SELECT topic, partition, committed FROM sink_position WHERE sink = ?",
                arguments: [sink])
            while let row = try positions.next() {
                guard let partition = Self.partition(row) else { continue }
                state.committed[partition] = Offset(row["committed"])
            }
            let plans = try Row.fetchCursor(
                database,
                sql: """
                    SELECT topic, partition, start_offset, end_offset FROM sink_plan WHERE sink = ?
                    ORDER BY topic, partition, start_offset
                    """, arguments: [sink])
            while let row = try plans.next() {
                guard let partition = Self.partition(row) else { continue }
                state.planned.append(
                    Plan(
                        partition: partition, start: Offset(row["start_offset"]),
                        end: Offset(row["end_offset"])))
            }
            return state
        }
    }

    private static func partition(_ row: Row) -> TopicPartition? {
        TopicName(row["topic"]).map { TopicPartition($0, PartitionIndex(row["partition"])) }
    }

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
