package import GRDB

/// `state.sqlite`, the control plane's memory: what is not in the log, and must survive a restart.
package enum StateDatabase {
    /// Registers the tables of one part.
    package typealias Tables = (inout DatabaseMigrator) -> Void
    /// The open database.
    package typealias Connection = any DatabaseWriter

    /// Opens the database, making or migrating the tables of each part where needed.
    ///
    /// A commit is durable when it returns (`synchronous = FULL` on a write-ahead log). Several processes may have
    /// it open; one that finds it locked waits up to five seconds.
    package static func open(path: String, tables: [Tables]) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        configuration.maximumReaderCount = 2
        configuration.busyMode = .timeout(5)
        let database = try DatabasePool(path: path, configuration: configuration)
        var migrator = DatabaseMigrator()
        for register in tables { register(&migrator) }
        try migrator.migrate(database)
        return database
    }
}
