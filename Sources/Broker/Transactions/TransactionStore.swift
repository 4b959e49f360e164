import GRDB
import StateStore
import StreamModel

/// The transactional ids in `state.sqlite`.
struct TransactionStore: Sendable {
    let writer: StateWriter

    static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("transactions") { database in
            try database.create(table: "transactional_id", options: .withoutRowID) { table in
                table.primaryKey("transactional_id", .text)
                table.column("producer_id", .integer).notNull()
                table.column("previous_producer_id", .integer).notNull()
                table.column("producer_epoch", .integer).notNull()
                table.column("last_producer_epoch", .integer).notNull()
                table.column("timeout_ms", .integer).notNull()
                table.column("status", .text).notNull()
                table.column("start_ms", .integer).notNull()
                table.column("update_ms", .integer).notNull()
            }
            try database.create(table: "transaction_partition", options: .withoutRowID) { table in
                table.column("transactional_id", .text).notNull()
                table.column("topic", .text).notNull()
                table.column("partition", .integer).notNull()
                table.primaryKey(["transactional_id", "topic", "partition"])
            }
            try database.create(table: "transaction_group", options: .withoutRowID) { table in
                table.column("transactional_id", .text).notNull()
                table.column("group_id", .text).notNull()
                table.primaryKey(["transactional_id", "group_id"])
            }
        }
    }

    // MARK: Reading

    static func load(_ database: Database) throws -> [String: TransactionState] {
        var states: [String: TransactionState] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM transactional_id")
        while let row = try rows.next() {
            let state = try state(row)
            states[state.transactionalID] = state
        }
        let partitions = try Row.fetchCursor(database, sql: "SELECT * FROM transaction_partition")
        while let row = try partitions.next() {
            guard let topic = TopicName(row["topic"]) else { continue }
            let partition = TopicPartition(topic, PartitionIndex(row["partition"]))
            states[row["transactional_id"]]?.partitions.insert(partition)
        }
        let groups = try Row.fetchCursor(database, sql: "SELECT * FROM transaction_group")
        while let row = try groups.next() {
            states[row["transactional_id"]]?.groups.insert(row["group_id"])
        }
        return states
    }

    private static func state(_ row: Row) throws -> TransactionState {
        let status: String = row["status"]
        guard let known = TransactionState.Status(rawValue: status) else {
            throw DatabaseError(
                resultCode: .SQLITE_MISMATCH,
                message: "state.sqlite: '\(status)' is no status of a transaction")
        }
        var state = TransactionState(
            transactionalID: row["transactional_id"], producerID: row["producer_id"],
            timeoutMilliseconds: row["timeout_ms"], now: row["update_ms"])
        state.previousProducerID = row["previous_producer_id"]
        state.producerEpoch = row["producer_epoch"]
        state.lastProducerEpoch = row["last_producer_epoch"]
        state.status = known
        state.startTimestamp = row["start_ms"]
        return state
    }

    // MARK: Writing

    /// - Parameter previous: the state whose change was asked for before this one: what both hold is not written again.
    func save(
        _ state: TransactionState, after previous: TransactionState?,
        then completion: @escaping StateWriter.Completion
    ) {
        writer.write({ try Self.write(state, after: previous, to: $0) }, then: completion)
    }

    func remove(_ transactionalID: String, then completion: @escaping StateWriter.Completion) {
        writer.write(
            { database in
                try database.execute(
                    sql: "DELETE FROM transactional_id WHERE transactional_id = ?",
                    arguments: [transactionalID])
                try Self.removeMembers(of: transactionalID, from: database)
            }, then: completion)
    }

    private static func removeMembers(of transactionalID: String, from database: Database) throws {
        for table in ["transaction_partition", "transaction_group"] {
            try database.cachedStatement(sql: "DELETE FROM \(table) WHERE transactional_id = ?")
                .execute(arguments: [transactionalID])
        }
    }

    private static func write(
        _ state: TransactionState, after previous: TransactionState?, to database: Database
    ) throws {
        let row = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO transactional_id VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try row.execute(arguments: [
            state.transactionalID, state.producerID, state.previousProducerID, state.producerEpoch,
            state.lastProducerEpoch, state.timeoutMilliseconds, state.status.rawValue, state.startTimestamp,
            state.updateTimestamp,
        ])
        // Outside a transaction nothing is kept but for what a write that failed has left behind.
        let goesOn = previous?.status == .ongoing
        if !goesOn { try removeMembers(of: state.transactionalID, from: database) }
        if goesOn, state.status != .ongoing { return }
        let partition = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO transaction_partition VALUES (?, ?, ?)")
        let known = goesOn ? previous : nil
        for added in state.partitions where known?.partitions.contains(added) != true {
            try partition.execute(arguments: [
                state.transactionalID, added.topic.rawValue, added.partition.rawValue,
            ])
        }
        let group = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO transaction_group VALUES (?, ?)")
        for added in state.groups where known?.groups.contains(added) != true {
            try group.execute(arguments: [state.transactionalID, added])
        }
    }
}
