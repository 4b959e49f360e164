import GRDB
import ObjectStore
import StreamModel

/// Objects between their being fixed and their being stored for good.
extension ConnectorPositions {
    /// Writes down what is about to be stored; durable on return.
    func plan(_ commits: [PreparedCommit], of connector: String) throws {
        try write { database in
            for commit in commits {
                for object in commit.objects { try insert(object, commit, connector, database) }
            }
        }
    }

    private func insert(
        _ object: PreparedObject, _ commit: PreparedCommit, _ connector: String, _ database: Database
    ) throws {
        var path: String?
        var content: DatabaseValue = .null
        switch object.content.place {
        case .file(let place): path = relative(place)
        case .memory(let bytes): content = bytes.asBlob
        }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO connector_plan (connector, topic, partition, object_key, path, content, size, checksum,
                start_offset, end_offset, record_count, content_type, next_offset)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: Self.place(connector, commit.partition) + [
                object.key.rawValue, path, content, object.content.size, Int64(object.content.checksum),
                object.start.rawValue, object.end.rawValue, object.recordCount, object.contentType,
                (commit.next ?? object.end.advanced(by: 1)).rawValue,
            ])
    }

    /// Writes down that what was planned is stored, and where reading goes on; durable on return.
    func commit(_ commits: [PreparedCommit], of connector: String) throws {
        try write { database in
            for commit in commits {
                guard let next = commit.next else { continue }
                // Another topic may have the name by now, which begins at its own start.
                let owner = try String.fetchOne(
                    database, sql: "SELECT topic_id FROM connector_topic WHERE connector = ? AND topic = ?",
                    arguments: [connector, commit.partition.topic.rawValue])
                guard owner == commit.topic.description else { continue }
                try Self.setPosition(connector, commit.partition, next, database)
                guard !commit.objects.isEmpty else { continue }
                try database.execute(
                    sql: """
                        DELETE FROM connector_plan
                        WHERE connector = ? AND topic = ? AND partition = ? AND next_offset <= ?
                        """, arguments: Self.place(connector, commit.partition) + [next.rawValue])
            }
        }
    }

    /// What was planned and never committed, one commit for each time it was; in order.
    func planned(of connector: String, lives: [TopicName: TopicLife]) throws -> [PreparedCommit] {
        try read { database in
            var commits: [PreparedCommit] = []
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM connector_plan WHERE connector = ? ORDER BY number",
                arguments: [connector])
            while let row = try rows.next() {
                guard let topic = TopicName(row["topic"]), let id = lives[topic]?.id,
                    let object = object(row)
                else { continue }
                let partition = TopicPartition(topic, PartitionIndex(row["partition"]))
                let next = Offset(row["next_offset"])
                if let same = commits.lastIndex(where: { $0.partition == partition && $0.next == next }) {
                    commits[same].objects.append(object)
                } else {
                    commits.append(
                        PreparedCommit(
                            partition: partition, topic: id, objects: [object], letters: [], next: next))
                }
            }
            return commits
        }
    }

    /// Gives up what was planned: its records are read again.
    func drop(_ commits: [PreparedCommit], of connector: String) throws {
        try write { database in
            for commit in commits {
                try database.execute(
                    sql: """
                        DELETE FROM connector_plan
                        WHERE connector = ? AND topic = ? AND partition = ? AND next_offset = ?
                        """, arguments: Self.place(connector, commit.partition) + [commit.next?.rawValue])
            }
        }
    }

    /// Plans name spool files as they lie in the spool's folder, which may be moved.
    private func relative(_ path: String) -> String {
        path.hasPrefix(spool + "/") ? String(path.dropFirst(spool.count + 1)) : path
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(spool)/\(path)" }

    private func object(_ row: Row) -> PreparedObject? {
        guard let key = ObjectKey(row["object_key"]) else { return nil }
        let path: String? = row["path"]
        let bytes: [UInt8] = row.withBytes(of: "content")
        let checksum: Int64 = row["checksum"]
        return PreparedObject(
            key: key,
            content: SpoolContent(
                place: path.map { .file(absolute($0)) } ?? .memory(bytes), size: row["size"],
                checksum: UInt32(truncatingIfNeeded: checksum)),
            start: Offset(row["start_offset"]), end: Offset(row["end_offset"]),
            recordCount: row["record_count"], contentType: row["content_type"])
    }

    /// The spool files that plans of a connector need.
    func plannedPaths(of connector: String) throws -> Set<String> {
        try read { database in
            let paths = try String.fetchAll(
                database,
                sql: "SELECT path FROM connector_plan WHERE connector = ? AND path IS NOT NULL",
                arguments: [connector])
            return Set(paths.map(absolute))
        }
    }
}
