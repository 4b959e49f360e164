import ArgumentParser
import Foundation
import JSONText
import NIOHTTP1
import QueryEngine

/// `pinline live`.
struct LiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Live metrics of the running server: what is popular, trending, posted where, how fast.",
        discussion: """
            The metrics are files of the pipeline (live/*.sql) and 'rates'; without a name they are listed. A window \
            is a time up to now. --by tells rows apart by more columns; --where asks for rows that have a value. With \
            --watch the rows are shown again whenever they change, until Ctrl-C.

            EXAMPLES
              pinline live
              pinline live popular
              pinline live popular --window 1h --by category --limit 50
              pinline live popular --where category=art --watch
              pinline live trending --format json
              pinline live countries --by category --format csv
              pinline live rates --window 1m --watch
            """)

    @Argument(help: ArgumentHelp("The metric: popular, trending, countries, rates.", valueName: "metric"))
    var metric: String?
    @Option(help: ArgumentHelp("How far back: 1m, 5m, 1h, 1d (default: the pipeline's).", valueName: "time"))
    var window: String?
    @Option(help: ArgumentHelp("Columns to tell rows apart by; several with commas.", valueName: "column"))
    var by: String?
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp("Only rows with that value; may be repeated.", valueName: "column=value"))
    var filters: [String] = []
    @Option(help: ArgumentHelp("The measure to order by (default: the metric's).", valueName: "measure"))
    var order: String?
    @Option(help: ArgumentHelp("The most rows (default: 20).", valueName: "n"))
    var limit: Int?
    @Flag(help: "Show the rows again whenever they change, until Ctrl-C.")
    var watch = false
    @OptionGroup var server: WebOptions

    func validate() throws {
        for text in filters where text.firstIndex(of: "=").map({ $0 == text.startIndex }) ?? true {
            throw ValidationError("--where takes column=value, not \(text)")
        }
        if watch, metric == nil { throw ValidationError("--watch needs the name of a metric") }
    }

    func run() async throws {
        let client = try server.client()
        guard let metric else {
            let all = try await client.send(.GET, ["live"]).body
            var rows = RowTable([("metric", .text), ("title", .text), ("by", .text), ("measures", .text)])
            for known in all["metrics"]?.elements ?? [] {
                rows.add(
                    known.cell("metric"), known.cell("title"), .text(Self.list(known["by"])),
                    .text(Self.list(known["measures"])))
            }
            return rows.show(server.format)
        }
        guard watch else {
            return LiveTable.show(
                try await client.send(.GET, ["live", metric], query: query).body, server.format)
        }
        try await LiveWatch(client: client, metric: metric, query: query, format: server.format).run()
    }

    private static func list(_ texts: JSONTree?) -> String {
        (texts?.elements ?? []).compactMap(\.text).joined(separator: ", ")
    }

    private var query: [(String, String)] {
        var query: [(String, String)] = []
        if let window { query.append(("window", window)) }
        if let by { query.append(("by", by)) }
        if let order { query.append(("order", order)) }
        if let limit { query.append(("limit", String(limit))) }
        for filter in filters {
            let sides = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query.append((String(sides[0]), String(sides[1])))
        }
        return query
    }
}

/// Rows of an answer, whose columns are the members of its rows.
enum LiveTable {
    static func show(_ answer: JSONTree, _ format: ResultFormat) {
        let rows = answer["rows"]?.elements ?? []
        let names = rows.first?.members?.map(\.name) ?? []
        var table = RowTable(
            names.map { name in (name, rows.contains { isNumber($0[name]) } ? .double : .text) })
        for row in rows { table.add(names.map { cell(row[$0]) }) }
        if format == .table, answer["exact"] == .bool(false) {
            let error = answer["error"]?["max_overcount"].map(text) ?? "?"
            print("(memory is short: counts may be off by up to \(error); see live.max.bytes)")
        }
        table.show(format)
    }

    private static func isNumber(_ value: JSONTree?) -> Bool {
        if case .number? = value { return true }
        return false
    }

    private static func text(_ value: JSONTree) -> String {
        if case .number(let text) = value { return text }
        return value.text ?? ""
    }

    private static func cell(_ value: JSONTree?) -> SQLValue {
        switch value {
        case .string(let text)?: .text(text)
        case .number(let text)?:
            Int64(text).map { .integer($0) } ?? Double(text).map { .double($0) } ?? .text(text)
        case .bool(let value)?: .bool(value)
        default: .null
        }
    }
}
