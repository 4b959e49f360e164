package import Hummingbird
import JSONText
import Synchronization

/// What the web port asks whoever knows bucket and tables.
package protocol AgreementSource: Sendable {
    /// Has everything put into the bucket that was acknowledged before the call; false if the time was too short.
    func flushBucket(within timeout: Duration) async -> Bool
    /// Compares the answers of tables and bucket, as they are.
    ///
    /// - Returns: JSON.
    func agreement() async throws -> String
}

/// Why tables and bucket cannot be compared.
private struct NotFresh: Error, CustomStringConvertible {
    let description: String
}

/// Holds whoever knows bucket and tables, once that is known.
package final class AgreementBoard: Sendable {
    private let source = Mutex<(any AgreementSource)?>(nil)
    private let isBusy = Atomic(false)

    package init() {}

    package func set(_ source: any AgreementSource) { self.source.withLock { $0 = source } }

    fileprivate var current: (any AgreementSource)? { source.withLock { $0 } }

    /// Runs a comparison, unless one runs; nil then.
    fileprivate func alone(_ body: () async throws -> String) async throws -> String? {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return nil }
        defer { isBusy.store(false, ordering: .releasing) }
        return try await body()
    }
}

/// `POST /bucket/flush`: answers when the bucket holds all that was acknowledged before; 503 after 30 seconds.
///
/// `GET /tables/agree`: 200 with whether tables and bucket give the same answers, and what differs; 429 while another
/// comparison runs, 503 if one of the two cannot be asked.
package struct AgreementRoutes: Sendable {
    private let board: AgreementBoard
    private let tables: TablesBoard
    private static let flushTimeout = Duration.seconds(30)

    package init(_ board: AgreementBoard, tables: TablesBoard) {
        self.board = board
        self.tables = tables
    }

    package func add(to router: Router<BasicRequestContext>) {
        router.post("/bucket/flush") { request, _ in await flush(request) }
        router.get("/tables/agree") { _, _ in await compare() }
    }

    private func flush(_ request: Request) async -> Response {
        guard request.headers[.origin] == nil else {
            return .refusal(.forbidden, "not for pages of other sites")
        }
        guard let source = board.current else {
            return .refusal(.serviceUnavailable, "the server is starting")
        }
        guard await source.flushBucket(within: Self.flushTimeout) else {
            return .refusal(.serviceUnavailable, "the time is over; /readyz says what the sink waits for")
        }
        return .json(.ok) { writer in
            writer.key("stored")
            writer.bool(true)
        }
    }

    private func compare() async -> Response {
        guard let source = board.current else {
            return .refusal(.serviceUnavailable, "the server is starting")
        }
        do {
            guard let json = try await board.alone({ try await compare(source) }) else {
                return .refusal(.tooManyRequests, "a comparison runs already")
            }
            return .json(.ok, Array(json.utf8))
        } catch {
            return .refusal(.serviceUnavailable, "\(error)")
        }
    }

    /// Compares what both hold of all that was acknowledged before.
    private func compare(_ source: any AgreementSource) async throws -> String {
        guard await source.flushBucket(within: Self.flushTimeout) else {
            throw NotFresh(
                description: "the bucket does not get all records: /readyz says what the sink waits for")
        }
        guard let keeper = tables.current else { throw NotFresh(description: "there are no tables") }
        if let reason = await keeper.flushTables(within: Self.flushTimeout).failure {
            throw NotFresh(description: "the tables do not get all records: \(reason)")
        }
        return try await source.agreement()
    }
}
