package import GRDB

/// `state.sqlite`, the control plane's memory: what is not in the log, and must survive a restart.
package enum StateDatabase {
    /// Opens the database, making or migrating it where needed.
    ///
    /// A commit is durable when it returns (`synchronous = FULL` on a write-ahead log).
    package static func open(path: String) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        configuration.maximumReaderCount = 2
        let database = try DatabasePool(path: path, configuration: configuration)
        var migrator = DatabaseMigrator()
        SinkPositions.registerMigrations(&migrator)
        try migrator.migrate(database)
        return database
    }
}
