import Crypto
import Foundation
package import GRDB
import StreamModel

/// Streams in `state.sqlite`: one row a stream, its description as JSON; and what tokens are sealed with.
package struct StreamStore: Sendable {
    private let database: any DatabaseWriter

    package init(_ database: any DatabaseWriter) {
        self.database = database
    }

    package static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("kinesis-1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE kinesis_stream (
                        topic TEXT PRIMARY KEY, description TEXT NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE kinesis_property (
                        name TEXT PRIMARY KEY, value BLOB NOT NULL
                    ) WITHOUT ROWID;
                    """)
        }
    }

    // MARK: Streams

    func streams() throws -> [TopicName: StreamDescription] {
        let rows = try database.read { database in
            try Row.fetchAll(database, sql: "SELECT topic, description FROM kinesis_stream")
        }
        var streams: [TopicName: StreamDescription] = [:]
        let decoder = JSONDecoder()
        for row in rows {
            guard let topic = (row["topic"] as String?).flatMap({ TopicName($0) }),
                let text = row["description"] as String?
            else { continue }
            streams[topic] = try decoder.decode(StreamDescription.self, from: Data(text.utf8))
        }
        return streams
    }

    /// Durable on return.
    func save(_ streams: [(TopicName, StreamDescription)]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rows = try streams.map { topic, description in
            (topic.rawValue, String(decoding: try encoder.encode(description), as: UTF8.self))
        }
        try database.write { database in
            for (topic, text) in rows {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO kinesis_stream (topic, description) VALUES (?, ?)",
                    arguments: [topic, text])
            }
        }
    }

    func remove(_ topics: [TopicName]) throws {
        try database.write { database in
            for topic in topics {
                try database.execute(
                    sql: "DELETE FROM kinesis_stream WHERE topic = ?", arguments: [topic.rawValue])
            }
        }
    }

    // MARK: Properties

    private static let secretName = "token-secret"

    /// What tokens are sealed with; made on the first call.
    func secret() throws -> [UInt8] {
        let made = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        try database.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO kinesis_property (name, value) VALUES (?, ?)",
                arguments: [Self.secretName, Data(made)])
        }
        return try property(Self.secretName).map { Array($0) } ?? made
    }

    func property(_ name: String) throws -> Data? {
        try database.read { database in
            try Data.fetchOne(
                database, sql: "SELECT value FROM kinesis_property WHERE name = ?", arguments: [name])
        }
    }

    func setProperty(_ name: String, _ value: Data) throws {
        try database.write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO kinesis_property (name, value) VALUES (?, ?)",
                arguments: [name, value])
        }
    }
}
