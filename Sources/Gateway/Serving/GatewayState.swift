package import GRDB
package import StateStore

/// The gateway's part of `state.sqlite`.
package struct GatewayState: Sendable {
    let database: any DatabaseWriter
    let writer: StateWriter

    /// - Parameters:
    ///   - database: opened with `tables`.
    ///   - writer: writes to it.
    package init(_ database: any DatabaseWriter, writer: StateWriter) {
        self.database = database
        self.writer = writer
    }

    package static var tables: [StateDatabase.Tables] {
        [APIKeyStore.registerMigrations, RequestMemory.registerMigrations]
    }
}
