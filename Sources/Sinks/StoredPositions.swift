import Foundation
import GRDB
package import ObjectStore

/// How far the sinks of a data folder are, read beside a server that may run.
package struct StoredPositions: Sendable {
    private struct Place: Hashable {
        var topic: String
        var partition: Int32
    }

    /// The next offset that is in no object of the built-in sink.
    private var builtIn: [Place: Int64] = [:]
    /// Which topic of its name the built-in sink writes.
    private var lives: [String: Int] = [:]
    /// The lowest next offset of all connectors.
    private var connectors: [Place: Int64] = [:]
    /// Keys of objects that connectors have planned.
    private var planned: Set<String> = []
    private let bucket: String

    /// Reads `state.sqlite` of a data folder; one without it knows nothing.
    package init(data folder: String) throws {
        bucket = folder + "/bucket"
        let path = folder + "/state.sqlite"
        guard access(path, F_OK) == 0 else { return }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.read { try read($0) }
    }

    private mutating func read(_ database: Database) throws {
        if try database.tableExists("sink_position") {
            for row in try Row.fetchAll(
                database, sql: "SELECT topic, partition, committed FROM sink_position")
            {
                builtIn[Self.place(row)] = row["committed"]
            }
            // What is planned is behind what is committed; a plan that is not would be made again all the same.
            for row in try Row.fetchAll(
                database, sql: "SELECT topic, partition, start_offset AS committed FROM sink_plan")
            {
                let place = Self.place(row)
                builtIn[place] = min(builtIn[place] ?? .max, row["committed"])
            }
        }
        if try database.tableExists("sink_topic") {
            for row in try Row.fetchAll(database, sql: "SELECT topic, life FROM sink_topic") {
                lives[row["topic"]] = row["life"]
            }
        }
        guard try database.tableExists("connector_position") else { return }
        for row in try Row.fetchAll(
            database, sql: "SELECT topic, partition, committed FROM connector_position")
        {
            let place = Self.place(row)
            connectors[place] = min(connectors[place] ?? .max, row["committed"])
        }
        for row in try Row.fetchAll(
            database,
            sql: "SELECT topic, partition, object_key, start_offset AS committed FROM connector_plan")
        {
            let place = Self.place(row)
            connectors[place] = min(connectors[place] ?? .max, row["committed"])
            planned.insert(row["object_key"])
        }
    }

    private static func place(_ row: Row) -> Place {
        Place(topic: row["topic"], partition: row["partition"])
    }

    // MARK: Asking

    /// What is known of the objects of a place.
    ///
    /// - Parameter folder: the place, if it is a folder of this machine.
    package func finality(in folder: String?) -> @Sendable (SinkObjectName) -> ObjectFinality {
        let isBuiltIn = folder.map { Self.lies($0, in: bucket) } ?? false
        return { name in isBuiltIn ? ofBuiltIn(name) : ofConnectors(name) }
    }

    private static func lies(_ path: String, in parent: String) -> Bool {
        func real(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
        return (real(path) + "/").hasPrefix(real(parent) + "/")
    }

    private func ofBuiltIn(_ name: SinkObjectName) -> ObjectFinality {
        guard let life = lives[name.topic] else { return .unknown }
        guard name.life == life else { return name.life < life ? .final : .pending }
        guard let next = builtIn[Place(topic: name.topic, partition: name.partition)] else { return .pending }
        return name.offset < next ? .final : .pending
    }

    /// Which connectors write to the place is not known here: the one that is behind counts.
    private func ofConnectors(_ name: SinkObjectName) -> ObjectFinality {
        let key = name.key.rawValue
        guard !planned.contains(where: { $0 == key || $0.hasSuffix("/" + key) }) else { return .pending }
        guard let next = connectors[Place(topic: name.topic, partition: name.partition)] else {
            return .unknown
        }
        return name.offset < next ? .unknown : .pending
    }
}
