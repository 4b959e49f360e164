import CDuckDB

/// The settings of a DuckDB database.
package struct DuckDBSettings: Sendable {
    /// How many threads work on one statement; nil leaves it to DuckDB (one per processor).
    package var threads: Int?
    /// The most memory tables and statements may take, for instance `4GB`; nil leaves it to DuckDB.
    package var memoryLimit: String?
    /// Where statements spill what does not fit into memory; nil lets them fail instead.
    package var temporaryFolder: String?
    /// Keep rows in the order they came in; costs memory and parallel work.
    package var keepsInsertionOrder = false

    package init(
        threads: Int? = nil, memoryLimit: String? = nil, temporaryFolder: String? = nil,
        keepsInsertionOrder: Bool = false
    ) {
        self.threads = threads
        self.memoryLimit = memoryLimit
        self.temporaryFolder = temporaryFolder
        self.keepsInsertionOrder = keepsInsertionOrder
    }

    /// DuckDB's names and values; nothing may be fetched from the network.
    var options: [(name: String, value: String)] {
        var options = [
            ("autoinstall_known_extensions", "false"),
            ("autoload_known_extensions", "false"),
            ("preserve_insertion_order", keepsInsertionOrder ? "true" : "false"),
            ("temp_directory", temporaryFolder ?? ""),
        ]
        // Memory that a statement is done with goes back to the system at once and not some day.
        options.append(("allocator_flush_threshold", "4MB"))
        options.append(("allocator_bulk_deallocation_flush_threshold", "16MB"))
        if let threads { options.append(("threads", String(threads))) }
        if let memoryLimit { options.append(("memory_limit", memoryLimit)) }
        return options
    }
}

/// One DuckDB database, in memory or in a file, that any number of connections share.
package final class DuckDBDatabase: @unchecked Sendable {
    // Unchecked: DuckDB's database handle may be used from every thread; it is set once and closed by deinit.
    private var handle: dk_ptr?

    /// Opens a database.
    /// - Parameter path: a file; nil keeps everything in memory.
    package init(
        _ library: DuckDBLibrary, path: String? = nil, settings: DuckDBSettings = DuckDBSettings()
    ) throws(QueryEngineError) {
        var config: dk_ptr?
        guard dk_create_config(&config) == 0 else {
            throw QueryEngineError(.failed, "DuckDB refused to make a configuration.")
        }
        defer { dk_destroy_config(&config) }
        for (name, value) in settings.options where dk_set_config(config, name, value) != 0 {
            throw QueryEngineError(.invalidSetting, "DuckDB refuses the setting \(name) = \(value).")
        }
        var reason: UnsafeMutablePointer<CChar>?
        guard dk_open_ext(path, &handle, config, &reason) == 0 else {
            let text = reason.map { String(cString: $0) } ?? "no reason given"
            dk_free(reason)
            throw QueryEngineError(.invalidSetting, "DuckDB does not start: \(DuckDBFailure.oneLine(text))")
        }
    }

    deinit {
        dk_close(&handle)
    }

    /// Opens a connection, which keeps the database open.
    package func connect() throws(QueryEngineError) -> DuckDBConnection {
        var connection: dk_ptr?
        guard dk_connect(handle, &connection) == 0, let connection else {
            throw QueryEngineError(.failed, "DuckDB refused a connection.")
        }
        return DuckDBConnection(connection, of: self)
    }
}
