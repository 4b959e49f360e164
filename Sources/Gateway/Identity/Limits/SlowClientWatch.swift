import NIOCore

/// Notices clients that send a request so slowly that they only keep a connection: a pure state machine.
struct SlowClientWatch {
    private enum State {
        case idle
        case head(since: NIODeadline)
        case body(since: NIODeadline, byteCount: Int)
    }

    private var state = State.idle

    /// Whether a request has begun and is not complete.
    var isWaiting: Bool { if case .idle = state { false } else { true } }

    mutating func received(_ byteCount: Int) {
        if case .body(let since, let count) = state {
            state = .body(since: since, byteCount: count &+ byteCount)
        }
    }

    /// - Parameter byteCount: what is there of the body already.
    mutating func bodyBegan(at now: NIODeadline, byteCount: Int) {
        state = .body(since: now, byteCount: byteCount)
    }

    /// The request is complete, or refused.
    mutating func ended() { state = .idle }

    /// Everything that came was looked at.
    ///
    /// - Parameter isInHead: of a head a part is there.
    mutating func waits(isInHead: Bool, at now: NIODeadline) {
        switch state {
        case .idle: if isInHead { state = .head(since: now) }
        case .head, .body: break
        }
    }

    /// Why the client is given up; nil if it is not.
    func fault(_ settings: GatewaySettings, at now: NIODeadline) -> HTTPFault? {
        switch state {
        case .idle: return nil
        case .head(let since):
            let limit = settings.headTimeoutMilliseconds
            guard now - since >= .milliseconds(limit) else { return nil }
            return HTTPFault(408, "the head took longer than \(limit) ms (gateway.head.timeout.ms)")
        case .body(let since, let byteCount):
            let time = now - since
            guard time >= .milliseconds(settings.bodyGraceMilliseconds) else { return nil }
            let least = Double(settings.minBodyBytesPerSecond) * Double(time.nanoseconds) / 1e9
            guard Double(byteCount) < least else { return nil }
            return HTTPFault(
                408,
                "the body came slower than \(settings.minBodyBytesPerSecond) bytes a second "
                    + "(gateway.body.min.bytes.per.second)")
        }
    }
}
