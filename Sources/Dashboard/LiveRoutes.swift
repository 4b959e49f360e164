import Foundation
package import Hummingbird
import JSONText
import NIOCore
import ServiceLifecycle
import Synchronization

/// `/live`, `/live/{metric}`, `/live/{metric}/events` and `/recommend` on the web port.
package struct LiveRoutes: Sendable {
    private let live: any LiveAnswering
    private let settings: LiveEventSettings
    private let streams = StreamCount()

    package init(_ live: any LiveAnswering, settings: LiveEventSettings) {
        self.live = live
        self.settings = settings
    }

    package func add(to router: Router<BasicRequestContext>) {
        router.get("/live") { _, _ in Self.response(live.list()) }
        router.get("/live/:metric") { request, context in
            let metric = context.parameters.get("metric") ?? ""
            let wantsEvents = request.headers[.accept]?.contains("text/event-stream") ?? false
            return wantsEvents
                ? events(metric, request) : Self.response(live.answer(metric, Self.parameters(of: request)))
        }
        router.get("/live/:metric/events") { request, context in
            events(context.parameters.get("metric") ?? "", request)
        }
        router.get("/recommend") { request, _ in Self.response(live.recommend(Self.parameters(of: request))) }
    }

    private static func response(_ reply: LiveReply) -> Response {
        .json(.init(code: reply.status), reply.body)
    }

    /// The parameters of the query, as forms write them: `+` is a blank.
    static func parameters(of request: Request) -> [(name: String, value: String)] {
        (request.uri.query ?? "").split(separator: "&").map { part in
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                side -> String in
                let text = String(side).replacing("+", with: " ")
                return text.removingPercentEncoding ?? text
            }
            return (sides[0], sides.count > 1 ? sides[1] : "")
        }
    }

    // MARK: Events

    private func events(_ metric: String, _ request: Request) -> Response {
        let parameters = Self.parameters(of: request)
        let first = live.answer(metric, parameters)
        guard first.status == 200 else { return Self.response(first) }
        guard let place = streams.take(upTo: settings.maxStreams) else {
            return .json(.serviceUnavailable) { writer in
                writer.key("error_code")
                writer.integer(503)
                writer.key("message")
                writer.string(
                    "There are \(settings.maxStreams) streams of events already (live.events.max.streams); "
                        + "end one or ask without events.")
            }
        }
        let asked = parameters.last { $0.name == "rate" }.flatMap { Int($0.value) } ?? settings.perSecond
        let stream = EventStream(
            live: live, metric: metric, parameters: parameters,
            pause: .milliseconds(1_000 / min(max(1, asked), max(1, settings.perSecond))),
            heartbeat: .milliseconds(settings.heartbeatMilliseconds))
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: .init { writer in
                try await stream.write(first, to: &writer)
                try await writer.finish(nil)
                withExtendedLifetime(place) {}
            })
    }
}

/// How many streams of events there are.
private final class StreamCount: Sendable {
    private let count = Atomic(0)

    /// A stream's place among them, given back when the answer is gone, whether it was sent or not.
    final class Place: Sendable {
        private let streams: StreamCount

        init(of streams: StreamCount) { self.streams = streams }

        deinit { streams.count.wrappingSubtract(1, ordering: .relaxed) }
    }

    /// Nil if there are so many already.
    func take(upTo limit: Int) -> Place? {
        let place = count.wrappingAdd(1, ordering: .relaxed).newValue
        let taken = Place(of: self)
        return place <= limit ? taken : nil
    }
}

/// One client's events: an answer at once, then one whenever it changes.
private struct EventStream: Sendable {
    let live: any LiveAnswering
    let metric: String
    let parameters: [(name: String, value: String)]
    /// From one answer to the next at least.
    let pause: Duration
    let heartbeat: Duration

    /// How often it is looked whether something was counted.
    private static let tick = Duration.milliseconds(20)
    /// Windows slide although nothing is counted.
    private static let slide = Duration.seconds(1)

    /// Ends when the client goes or the server stops.
    func write(_ first: LiveReply, to writer: inout any ResponseBodyWriter) async throws {
        let end = EndSignal()
        try await withGracefulShutdownHandler {
            let clock = ContinuousClock()
            var version = live.version
            var told = first.fingerprint
            var asked = clock.now
            var written = clock.now
            try await writer.write(Self.event(first, version))
            while !end.isSet {
                try await clock.sleep(for: Self.tick)
                let now = clock.now
                let newest = live.version
                if now - asked >= (newest == version ? max(pause, Self.slide) : pause) {
                    let reply = live.answer(metric, parameters)
                    (asked, version) = (now, newest)
                    if reply.fingerprint != told, reply.status == 200 {
                        (told, written) = (reply.fingerprint, now)
                        try await writer.write(Self.event(reply, newest))
                    }
                }
                if now - written >= heartbeat {
                    written = now
                    try await writer.write(ByteBuffer(string: ": nothing new\n\n"))
                }
            }
        } onGracefulShutdown: {
            end.set()
        }
    }

    private static func event(_ reply: LiveReply, _ version: UInt64) -> ByteBuffer {
        var buffer = ByteBuffer(string: "event: answer\nid: \(version)\ndata: ")
        buffer.writeBytes(reply.body)
        buffer.writeString("\n\n")
        return buffer
    }
}

private final class EndSignal: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
}
