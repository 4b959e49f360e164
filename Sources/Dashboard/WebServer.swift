package import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle
package import StreamModel
import Synchronization

/// The web port: health, readiness and metrics.
package final class WebServer: Service {
    private let host: String
    private let port: Int
    private let parts: PartsBoard
    private let routes: [@Sendable (Router<BasicRequestContext>) -> Void]
    private let logger: Logger
    private let bound = AsyncStream<Int>.makeStream()

    /// - Parameters:
    ///   - parts: what is asked for status and samples.
    ///   - routes: each adds what another part serves.
    package init(
        host: String, port: Int, parts: PartsBoard,
        routes: [@Sendable (Router<BasicRequestContext>) -> Void] = [], logger: Logger
    ) {
        self.host = host
        self.port = port
        self.parts = parts
        self.routes = routes
        self.logger = logger
    }

    /// The port that is listened on, once it is; nil if the task is cancelled before.
    package func boundPort() async -> Int? {
        for await port in bound.stream { return port }
        return nil
    }

    package func run() async throws {
        let continuation = bound.continuation
        let application = Application(
            router: router(),
            configuration: .init(address: .hostname(host, port: port), serverName: "pinline"),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
            logger: logger)
        try await application.run()
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        let parts = parts
        router.get("/healthz") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ -> Response in
            let waiting = parts.statuses().filter { !$0.isReady }
            let text = waiting.isEmpty ? "ready\n" : waiting.map { "\($0.part): \($0.detail)\n" }.joined()
            return Self.text(text, status: waiting.isEmpty ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { _, _ -> Response in
            Self.text(PrometheusText.render(parts.samples()), type: PrometheusText.contentType)
        }
        for add in routes { add(router) }
        return router
    }

    private static func text(
        _ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// The parts of the running server that can tell how they are; filled as they start.
package final class PartsBoard: Sendable {
    private struct Parts {
        var statuses: [any StatusSource] = []
        var samples: [any MetricSource] = []
        var isComplete = false
    }

    private let parts = Mutex(Parts())

    package init() {}

    package func add(_ part: some StatusSource & MetricSource) {
        parts.withLock { parts in
            parts.statuses.append(part)
            parts.samples.append(part)
        }
    }

    /// Says that every part was added; until then the server is not ready.
    package func complete() { parts.withLock { $0.isComplete = true } }

    package func statuses() -> [PartStatus] {
        let (sources, isComplete) = parts.withLock { ($0.statuses, $0.isComplete) }
        let start = PartStatus(
            part: "server", isReady: isComplete, detail: isComplete ? "started" : "starting")
        return [start] + sources.map { $0.status() }
    }

    func samples() -> [MetricSample] {
        let sources = parts.withLock { $0.samples }
        let ready = statuses().map { status in
            MetricSample(
                "pinline_part_ready", .gauge, help: "1 if the part does its work.",
                labels: [(name: "part", value: status.part)], value: status.isReady ? 1 : 0)
        }
        return sources.flatMap { $0.samples() } + ready
    }
}
