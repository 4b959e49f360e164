import Foundation
import GRDB
import NIOCore
import StateStore
import StreamModel

/// What is known of requests with a key, in `state.sqlite`.
///
/// Before records are appended it is durable where in the log they will lie from; with the answer that is deleted.
/// Reads block on the disk; never call them on an event loop.
struct RequestMemory: Sendable {
    /// Where the records of one append lie, if they were stored.
    struct Attempt: Sendable, Equatable {
        /// The place of the append among those of its request.
        var call: Int
        var topic: TopicName
        /// The end of each partition before it.
        var ends: [Int32: Int64]
    }

    struct Known: Sendable {
        var fingerprint: [UInt8]
        /// Milliseconds since 1970.
        var started: Int64
        /// Nil: it was cut off before it was answered.
        var answer: GatewayResponse?
        var attempts: [Attempt]
    }

    private let database: any DatabaseWriter
    private let writer: StateWriter

    init(_ state: GatewayState) {
        database = state.database
        writer = state.writer
    }

    static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("request_key") { database in
            try database.create(table: "request_key", options: [.strict, .withoutRowID]) { table in
                table.column("id", .text).notNull().primaryKey()
                table.column("fingerprint", .blob).notNull()
                table.column("started", .integer).notNull().indexed()
                table.column("status", .integer)
                table.column("content_type", .text)
                table.column("headers", .text)
                table.column("body", .blob)
            }
            try database.create(table: "request_append", options: [.strict, .withoutRowID]) { table in
                table.column("id", .text).notNull()
                table.column("call", .integer).notNull()
                table.column("topic", .text).notNull()
                table.column("ends", .text).notNull()
                table.primaryKey(["id", "call"])
            }
        }
    }

    func known(_ id: String) throws -> Known? {
        try database.read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT fingerprint, started, status, content_type, headers, body
                        FROM request_key WHERE id = ?
                        """, arguments: [id])
            else { return nil }
            let attempts = try Row.fetchAll(
                database, sql: "SELECT call, topic, ends FROM request_append WHERE id = ? ORDER BY call",
                arguments: [id]
            ).compactMap(Self.attempt)
            let fingerprint: Data = row["fingerprint"]
            return Known(
                fingerprint: Array(fingerprint), started: row["started"], answer: Self.answer(row),
                attempts: attempts)
        }
    }

    private static func answer(_ row: Row) -> GatewayResponse? {
        guard let status: Int = row["status"] else { return nil }
        let lines: String = row["headers"] ?? ""
        var headers: [(name: String, value: String)] = []
        for line in lines.split(separator: "\n") {
            let name = line.prefix { $0 != ":" }
            headers.append((String(name), String(line.dropFirst(name.count + 2))))
        }
        let body: Data? = row["body"]
        return GatewayResponse(
            status: status, contentType: row["content_type"], headers: headers,
            body: ByteBuffer(bytes: body ?? Data()))
    }

    private static func attempt(_ row: Row) -> Attempt? {
        guard let topic = TopicName(row["topic"] as String) else { return nil }
        var ends: [Int32: Int64] = [:]
        let text: String = row["ends"]
        for pair in text.split(separator: ",") {
            let numbers = pair.split(separator: ":")
            guard numbers.count == 2, let partition = Int32(numbers[0]), let end = Int64(numbers[1]) else {
                return nil
            }
            ends[partition] = end
        }
        return Attempt(call: row["call"], topic: topic, ends: ends)
    }

    // MARK: Changes; the completions run on the writer's thread once they are durable

    func begin(
        _ key: RequestKey, _ attempt: Attempt, at now: Int64,
        then completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let ends = attempt.ends.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
        writer.write(
            { database in
                if attempt.call == 0 {
                    try database.execute(
                        sql: "DELETE FROM request_append WHERE id = ?", arguments: [key.id])
                    try database.execute(
                        sql: """
                            INSERT OR REPLACE INTO request_key (id, fingerprint, started) VALUES (?, ?, ?)
                            """, arguments: [key.id, Data(key.fingerprint), now])
                }
                try database.execute(
                    sql: "INSERT OR REPLACE INTO request_append (id, call, topic, ends) VALUES (?, ?, ?, ?)",
                    arguments: [
                        key.id, attempt.call, attempt.topic.rawValue, ends.joined(separator: ","),
                    ])
            }, then: completion)
    }

    func finish(
        _ id: String, _ answer: GatewayResponse, then completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let headers = answer.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        let body = Data(answer.body.readableBytesView)
        writer.write(
            { database in
                try database.execute(
                    sql: """
                        UPDATE request_key SET status = ?, content_type = ?, headers = ?, body = ? WHERE id = ?
                        """, arguments: [answer.status, answer.contentType, headers, body, id])
                try database.execute(sql: "DELETE FROM request_append WHERE id = ?", arguments: [id])
            }, then: completion)
    }

    func forget(_ id: String, then completion: @escaping @Sendable ((any Error)?) -> Void) {
        writer.write(
            { database in
                try database.execute(sql: "DELETE FROM request_append WHERE id = ?", arguments: [id])
                try database.execute(sql: "DELETE FROM request_key WHERE id = ?", arguments: [id])
            }, then: completion)
    }

    /// Forgets what is older than `oldest`, and the oldest of those that are too many.
    func trim(oldest: Int64, maxKeys: Int) {
        writer.write(
            { database in
                try database.execute(sql: "DELETE FROM request_key WHERE started < ?", arguments: [oldest])
                try database.execute(
                    sql: """
                        DELETE FROM request_key WHERE id IN
                        (SELECT id FROM request_key ORDER BY started DESC LIMIT -1 OFFSET ?)
                        """, arguments: [maxKeys])
                try database.execute(
                    sql: "DELETE FROM request_append WHERE id NOT IN (SELECT id FROM request_key)")
            }, then: { _ in })
    }
}
