package import GRDB
import KafkaWire
import StateStore
import StreamModel

/// What is kept of a group itself: not its members, who have to join again after a restart.
struct GroupRecord: Sendable, Equatable {
    var group: String
    var generation: Int32
    var protocolType: String?
    /// Milliseconds since 1970; nil while it has members.
    var emptySince: Int64?
}

/// Keeps what has to survive a restart of the groups themselves.
protocol GroupRecords: Sendable {
    func save(_ record: GroupRecord)
    func remove(_ group: String)
}

/// Everything that was kept, as it is read at the start.
struct StoredGroups: Sendable {
    var records: [GroupRecord] = []
    var tables: [String: GroupOffsets.Table] = [:]
    var lastSequence: Int64 = 0
}

/// Groups and their committed offsets in `state.sqlite`.
package enum GroupTables {
    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("group-offsets-1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE consumer_group (
                        group_id TEXT PRIMARY KEY, generation INTEGER NOT NULL, protocol_type TEXT,
                        empty_since INTEGER
                    ) WITHOUT ROWID;
                    CREATE TABLE group_offset (
                        group_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
                        committed_offset INTEGER NOT NULL, leader_epoch INTEGER NOT NULL, metadata TEXT NOT NULL,
                        commit_time INTEGER NOT NULL, expire_time INTEGER, sequence INTEGER NOT NULL,
                        PRIMARY KEY (group_id, topic, partition)
                    ) WITHOUT ROWID;
                    CREATE TABLE group_offset_pending (
                        producer_id INTEGER NOT NULL, group_id TEXT NOT NULL, topic TEXT NOT NULL,
                        partition INTEGER NOT NULL, committed_offset INTEGER NOT NULL,
                        leader_epoch INTEGER NOT NULL, metadata TEXT NOT NULL, commit_time INTEGER NOT NULL,
                        expire_time INTEGER, sequence INTEGER NOT NULL,
                        PRIMARY KEY (producer_id, group_id, topic, partition)
                    ) WITHOUT ROWID;
                    """)
        }
    }

    // MARK: Offsets

    private static let columns =
        "topic, partition, committed_offset, leader_epoch, metadata, commit_time, expire_time, sequence"

    static func put(_ offsets: [OffsetToCommit], group: String, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO group_offset (group_id, \(columns)) VALUES (?,?,?,?,?,?,?,?,?)")
        for offset in offsets { try statement.execute(arguments: [group] + arguments(of: offset)) }
    }

    static func putPending(
        _ offsets: [OffsetToCommit], group: String, producerID: Int64, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO group_offset_pending (producer_id, group_id, \(columns))
                VALUES (?,?,?,?,?,?,?,?,?,?)
                """)
        for offset in offsets {
            try statement.execute(arguments: [producerID, group] + arguments(of: offset))
        }
    }

    private static func arguments(of offset: OffsetToCommit) -> StatementArguments {
        [
            offset.partition.topic.rawValue, offset.partition.partition.rawValue, offset.offset.offset,
            offset.offset.leaderEpoch, offset.offset.metadata, offset.offset.commitTime,
            offset.offset.expireTime, offset.offset.sequence,
        ]
    }

    /// A commit outside the transaction that came after the pending one stands.
    static func completePending(producerID: Int64, commit: Bool, in database: Database) throws {
        if commit {
            try database.cachedStatement(
                sql: """
                    INSERT INTO group_offset (group_id, \(columns))
                    SELECT group_id, \(columns) FROM group_offset_pending WHERE producer_id = ?
                    ON CONFLICT (group_id, topic, partition) DO UPDATE SET
                        committed_offset = excluded.committed_offset, leader_epoch = excluded.leader_epoch,
                        metadata = excluded.metadata, commit_time = excluded.commit_time,
                        expire_time = excluded.expire_time, sequence = excluded.sequence
                    WHERE excluded.sequence > group_offset.sequence
                    """
            ).execute(arguments: [producerID])
        }
        try database.cachedStatement(sql: "DELETE FROM group_offset_pending WHERE producer_id = ?")
            .execute(arguments: [producerID])
    }

    /// Removes offsets unless they were committed anew since they were looked at.
    static func remove(_ offsets: [OffsetToCommit], group: String, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                DELETE FROM group_offset WHERE group_id = ? AND topic = ? AND partition = ? AND sequence <= ?
                """)
        for offset in offsets {
            try statement.execute(arguments: [
                group, offset.partition.topic.rawValue, offset.partition.partition.rawValue,
                offset.offset.sequence,
            ])
        }
    }

    static func removeAll(of group: String, in database: Database) throws {
        try database.execute(sql: "DELETE FROM group_offset WHERE group_id = ?", arguments: [group])
        try database.execute(sql: "DELETE FROM group_offset_pending WHERE group_id = ?", arguments: [group])
    }

    static func removeAll(ofTopic topic: TopicName, in database: Database) throws {
        try database.execute(sql: "DELETE FROM group_offset WHERE topic = ?", arguments: [topic.rawValue])
        try database.execute(
            sql: "DELETE FROM group_offset_pending WHERE topic = ?", arguments: [topic.rawValue])
    }

    // MARK: Reading

    /// Reads everything; at the start, before anybody asks.
    static func load(_ database: any DatabaseReader) throws -> StoredGroups {
        try database.read { database in
            var stored = StoredGroups()
            let records = try Row.fetchCursor(
                database, sql: "SELECT group_id, generation, protocol_type, empty_since FROM consumer_group")
            while let row = try records.next() {
                stored.records.append(
                    GroupRecord(group: row[0], generation: row[1], protocolType: row[2], emptySince: row[3]))
            }
            let committed = try Row.fetchCursor(
                database, sql: "SELECT \(columns), group_id FROM group_offset")
            while let row = try committed.next() {
                guard let offset = offset(of: row) else { continue }
                stored.tables[row[8], default: .init()].committed[offset.partition] = offset.offset
                stored.lastSequence = max(stored.lastSequence, offset.offset.sequence)
            }
            let pending = try Row.fetchCursor(
                database, sql: "SELECT \(columns), group_id, producer_id FROM group_offset_pending")
            while let row = try pending.next() {
                guard let offset = offset(of: row) else { continue }
                stored.tables[row[8], default: .init()].pending[row[9], default: [:]][offset.partition] =
                    offset.offset
                stored.lastSequence = max(stored.lastSequence, offset.offset.sequence)
            }
            return stored
        }
    }

    private static func offset(of row: Row) -> OffsetToCommit? {
        guard let topic = TopicName(row[0]) else { return nil }
        return OffsetToCommit(
            partition: TopicPartition(topic, PartitionIndex(row[1])),
            offset: CommittedOffset(
                offset: row[2], leaderEpoch: row[3], metadata: row[4], commitTime: row[5], expireTime: row[6],
                sequence: row[7]))
    }
}

/// Keeps group records through the state writer; nobody waits for them.
struct DurableGroupRecords: GroupRecords {
    let writer: StateWriter

    func save(_ record: GroupRecord) {
        writer.write(
            { database in
                try database.cachedStatement(
                    sql: """
                        INSERT OR REPLACE INTO consumer_group (group_id, generation, protocol_type, empty_since)
                        VALUES (?,?,?,?)
                        """
                ).execute(arguments: [
                    record.group, record.generation, record.protocolType, record.emptySince,
                ])
            }, then: { _ in })
    }

    func remove(_ group: String) {
        writer.write(
            { database in
                try database.execute(sql: "DELETE FROM consumer_group WHERE group_id = ?", arguments: [group])
            }, then: { _ in })
    }
}
