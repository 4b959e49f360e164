import QueryEngine

/// Writes the rows of Parquet files, in order, into one, with DuckDB.
package enum ParquetMerge {
    private static let memoryLimit = "1GB"

    /// - Parameters:
    ///   - files: the first gives the order of columns and the compression.
    ///   - path: the file to write.
    ///   - library: DuckDB's; nil looks for it in the usual places.
    package static func merge(_ files: [String], into path: String, library: String?) async throws {
        guard let first = files.first else { return }
        let database = try DuckDBDatabase(
            DuckDBLibrary.load(configured: library),
            settings: DuckDBSettings(threads: 1, memoryLimit: memoryLimit, keepsInsertionOrder: true))
        let connection = try database.connect()
        let codecs = try await connection.execute(
            "SELECT DISTINCT lower(compression) FROM parquet_metadata(\(first.quotedText)) LIMIT 1")
        var codec = "snappy"
        if case .text(let name)? = codecs.rows.first?.first { codec = name }
        let list = files.map(\.quotedText).joined(separator: ", ")
        _ = try await connection.execute(
            """
            COPY (SELECT * FROM read_parquet([\(list)], union_by_name = true))
            TO \(path.quotedText) (FORMAT parquet, COMPRESSION \(codec.quotedText))
            """)
    }
}
