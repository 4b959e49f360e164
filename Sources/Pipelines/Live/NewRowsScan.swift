import QueryEngine

/// What is read of a table's new rows for rates and joins: one statement for all.
struct NewRowsScan: Sendable {
    let table: String
    /// After when it arrived.
    let columns: [String]
    let eventTime: String?

    init(table: String, live: LiveDefinition) {
        self.table = table
        eventTime = live.eventTimes[table]
        var columns: [String] = []
        for part in live.joins.flatMap(\.parts) where part.table == table {
            for column in [part.key] + part.columns where !columns.contains(column) { columns.append(column) }
        }
        if let eventTime, !columns.contains(eventTime) { columns.append(eventTime) }
        self.columns = columns
    }

    var sql: String {
        let names = [LiveJoin.arrival] + columns
        return "SELECT \(names.map { "\"\($0)\"" }.joined(separator: ", ")) FROM \"\(table)\""
    }

    /// The same without the columns that joins and rates ask for, in case the table lacks one.
    var shortSQL: String { "SELECT \"\(LiveJoin.arrival)\" FROM \"\(table)\"" }

    func rates(_ result: QueryResult) -> [LiveRates.Row] {
        let event = eventTime.flatMap { columns.firstIndex(of: $0) }.map { $0 + 1 }
        return result.rows.compactMap { row in
            guard case .integer(let time)? = row.first else { return nil }
            var rate = LiveRates.Row(time: time)
            if let event, event < row.count {
                switch row[event] {
                case .timestamp(let microseconds): rate.event = microseconds / 1_000
                case .integer(let milliseconds): rate.event = milliseconds
                default: break
                }
            }
            return rate
        }
    }

    func rows(_ result: QueryResult, for part: LiveJoin.Part, now: Int64) -> [JoinMemory.Row] {
        guard result.columns.count > columns.count, let key = place(part.key) else { return [] }
        let places = part.columns.compactMap { place($0) }
        return result.rows.compactMap { row in
            guard case .integer(let time) = row[0] else { return nil }
            return JoinMemory.Row(
                time: min(time, now), key: LiveValue(row[key]), values: places.map { LiveValue(row[$0]) })
        }
    }

    /// The types of the part's key and columns for SQL.
    func types(_ result: QueryResult, for part: LiveJoin.Part) -> [TableSourceType] {
        ([part.key] + part.columns).map { name in
            guard let place = place(name), place < result.columns.count else { return .text }
            switch result.columns[place].type {
            case .integer: return .int64
            case .double: return .double
            default: return .text
            }
        }
    }

    private func place(_ column: String) -> Int? { columns.firstIndex(of: column).map { $0 + 1 } }
}
