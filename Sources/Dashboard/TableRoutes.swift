package import Hummingbird
import JSONText
import Synchronization

/// What the web port asks whoever keeps tables.
package protocol TableFlushing: Sendable {
    /// Has everything committed that was acknowledged before the call; gives up when the time is over.
    func flushTables(within timeout: Duration) async -> TablesFlushed
}

/// The tables after a flush.
package struct TablesFlushed: Sendable {
    package var tables: [(name: String, version: Int64?)]
    /// Why not everything is in them; nil if it is.
    package var failure: String?

    package init(tables: [(name: String, version: Int64?)], failure: String?) {
        self.tables = tables
        self.failure = failure
    }

    func write(to writer: inout JSONWriter) {
        writer.key("committed")
        writer.bool(failure == nil)
        writer.key("tables")
        writer.object { writer in
            for table in tables {
                writer.key(table.name)
                writer.object { writer in
                    writer.key("version")
                    if let version = table.version { writer.integer(version) } else { writer.null() }
                }
            }
        }
        guard let failure else { return }
        writer.key("error")
        writer.string(failure)
    }
}

/// Holds whoever keeps tables, once that is known.
package final class TablesBoard: Sendable {
    private let keeper = Mutex<(any TableFlushing)?>(nil)

    package init() {}

    package func set(_ keeper: any TableFlushing) { self.keeper.withLock { $0 = keeper } }
    var current: (any TableFlushing)? { keeper.withLock { $0 } }
}

/// `POST /tables/flush`: answers when the tables hold all that was acknowledged before.
///
/// 200 with the tables' versions; 503 with the reason if that is not so after `timeout` seconds (default: 30).
package struct TableRoutes: Sendable {
    private let board: TablesBoard
    private static let defaultSeconds = 30
    /// The longest wait that can be asked for.
    private static let maxSeconds = 3600

    package init(_ board: TablesBoard) {
        self.board = board
    }

    package func add(to router: Router<BasicRequestContext>) {
        router.post("/tables/flush") { request, _ in await flush(request) }
    }

    private func flush(_ request: Request) async -> Response {
        guard request.headers[.origin] == nil else {
            return Self.response(
                .forbidden, TablesFlushed(tables: [], failure: "not for pages of other sites"))
        }
        let text = request.uri.queryParameters["timeout"]
        guard let seconds = text.map({ Int($0) }) ?? Self.defaultSeconds,
            (1...Self.maxSeconds).contains(seconds)
        else {
            return Self.response(
                .badRequest,
                TablesFlushed(tables: [], failure: "timeout must be seconds from 1 to \(Self.maxSeconds)"))
        }
        guard let keeper = board.current else {
            return Self.response(
                .serviceUnavailable, TablesFlushed(tables: [], failure: "the server is starting"))
        }
        let flushed = await keeper.flushTables(within: .seconds(seconds))
        return Self.response(flushed.failure == nil ? .ok : .serviceUnavailable, flushed)
    }

    private static func response(_ status: HTTPResponse.Status, _ flushed: TablesFlushed) -> Response {
        .json(status) { flushed.write(to: &$0) }
    }
}
