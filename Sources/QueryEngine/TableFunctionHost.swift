/// An engine that lets SQL read rows which Swift supplies.
package protocol TableFunctionHost: SQLEngine, AnyObject {
    /// Makes the function's rows readable as `name('<source>')`.
    func register(_ function: DuckDBTableFunction) async throws(QueryEngineError)
}

extension DuckDBConnection: TableFunctionHost {}
