package import QueryEngine

/// A table that the stream job appends to.
package protocol StreamTable: Sendable {
    /// What there is; a table with the columns of a SELECT is made if there is none.
    func open(like select: String, on engine: any SQLEngine) async throws -> StreamTableState
    /// What there is now; nil if there is no table.
    func state() async throws -> StreamTableState?
    /// Appends the rows of a SELECT together with the positions they bring the table to, or not at all.
    ///
    /// - Parameter positions: by the name of a source; those that the table has already are no second append.
    /// - Returns: the table's version that holds them.
    func append(select: String, on engine: any SQLEngine, positions: [String: Int64]) async throws -> Int64
    /// The SELECT that reads all rows of the table.
    func select() async throws -> String
    /// Puts small files together and deletes what no reader needs any more.
    func tend() async throws
}

/// What a table knows of the stream that feeds it.
package struct StreamTableState: Sendable, Equatable {
    /// Given to the table when it was made.
    package var id: String
    package var version: Int64
    /// Which position of each source is in the table, by the source's name.
    package var positions: [String: Int64]
    package var files: Int
    package var columns: [String]

    package init(
        id: String, version: Int64, positions: [String: Int64], files: Int, columns: [String]
    ) {
        self.id = id
        self.version = version
        self.positions = positions
        self.files = files
        self.columns = columns
    }
}
