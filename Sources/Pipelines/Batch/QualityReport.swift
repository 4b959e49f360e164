/// What a run met in the raw rows of each table, and what it did about it.
package struct QualityReport: Sendable {
    package struct Table: Sendable {
        package var name: String
        /// Rows of the table in all objects, repeats included.
        package var rowsRead = 0
        /// Rows dropped because an equal line came before.
        package var exactRepeats = 0
        /// Rows dropped because an equal row was left after typing and cleaning.
        package var repeatsAfterCleaning = 0
        /// Rows kept.
        package var rows = 0
        /// Keys that more than one kept row has.
        package var keysWithSeveralRows = 0
        /// Rows whose key no row of the other table has.
        package var withoutPartner: [(table: String, rows: Int)] = []
        /// By raw column, over the rows left after exact repeats are dropped.
        package var sentinels: [(column: String, count: Int)] = []
        package var blank: [(column: String, count: Int)] = []
        /// Values of numbers and timestamps that could not be read and became NULL.
        package var unreadable: [(column: String, count: Int)] = []
    }

    /// Lines and rows that belong to no table.
    package struct SetAside: Sendable {
        package var reason: String
        package var count: Int
        /// `<object name>:<line number>` of the first one.
        package var first: String
    }

    package var tables: [Table] = []
    package var setAside: [SetAside] = []
}
