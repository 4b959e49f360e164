import QueryEngine

/// The keys of a table that several of its rows have, the missing key among them.
struct RepeatedKeys {
    let keys: KeySet
    /// How many rows have one of these keys.
    let rows: Int
    private let table: TableLoader.Loaded
    private let connection: DuckDBConnection
    /// Holds the keys while they are looked at.
    private let keyTable: String

    /// Looks for them.
    init(_ table: TableLoader.Loaded, _ session: BatchSession) async throws {
        self.table = table
        connection = session.connection
        keyTable = ("repeated_keys_of_" + table.definition.name).quotedName
        try await connection.execute(
            """
            CREATE TEMP TABLE \(keyTable) AS
            SELECT \(table.key) AS key, count(*) AS n FROM \(table.name) GROUP BY \(table.key) HAVING count(*) > 1
            """)
        var keys = KeySet()
        var rows: Int64 = 0
        for row in try await connection.execute("SELECT key, n FROM \(keyTable)").rows {
            switch row[0] {
            case .integer(let key): keys.integers.insert(key)
            case .null: keys.includesNull = true
            case let key: keys.texts.insert(key.text)
            }
            if case .integer(let count) = row[1] { rows += count }
        }
        self.keys = keys
        self.rows = Int(rows)
    }

    /// Deletes the rows with these keys.
    func takeOut() async throws {
        try await connection.execute("DELETE FROM \(table.name) WHERE \(condition)")
    }

    /// What there is of these keys after their rows were put back.
    func countLeft() async throws -> (rows: Int, keysWithSeveralRows: Int) {
        let result = try await connection.execute(
            """
            SELECT CAST(coalesce(sum(n), 0) AS BIGINT), count(*) FILTER (WHERE n > 1 AND key IS NOT NULL), count(key)
            FROM (SELECT \(table.key) AS key, count(*) AS n FROM \(table.name) WHERE \(condition) GROUP BY \(table.key))
            """)
        let numbers = (result.rows.first ?? []).map { value in
            if case .integer(let number) = value { Int(number) } else { 0 }
        }
        guard numbers.count == 3, numbers[2] == keys.integers.count + keys.texts.count else {
            throw PipelineError(
                .invalidFile,
                "\(table.definition.clean) changes the key \(table.definition.key); it must pass the raw key column through as it is."
            )
        }
        return (numbers[0], numbers[1])
    }

    private var condition: String {
        let listed = "\(table.key) IN (SELECT key FROM \(keyTable))"
        return keys.includesNull ? "(\(listed) OR \(table.key) IS NULL)" : listed
    }
}
