/// Something that answers questions about live metrics; the web port passes them on and knows nothing of them.
package protocol LiveAnswering: Sendable {
    /// Changes when something was counted.
    var version: UInt64 { get }
    /// Which metrics there are.
    func list() -> LiveReply
    func answer(_ metric: String, _ parameters: [(name: String, value: String)]) -> LiveReply
    func recommend(_ parameters: [(name: String, value: String)]) -> LiveReply
}

/// An answer as it goes to a client.
package struct LiveReply: Sendable {
    /// Of HTTP.
    package var status: Int
    /// JSON in one line.
    package var body: [UInt8]
    /// The same for answers that tell the same, whenever.
    package var fingerprint: UInt64

    package init(status: Int, body: [UInt8], fingerprint: UInt64) {
        self.status = status
        self.body = body
        self.fingerprint = fingerprint
    }
}

/// Limits of server-sent events.
package struct LiveEventSettings: Sendable, Equatable {
    /// `live.events.per.second` (default: 10): the most answers a second that one stream of events gets.
    package var perSecond = 10
    /// `live.events.max.streams` (default: 100): the most streams at once; one more is answered 503.
    package var maxStreams = 100
    /// `live.events.heartbeat.ms` (milliseconds, default: 10000): a stream without news gets a comment that often.
    package var heartbeatMilliseconds: Int64 = 10_000

    package init() {}
}
