package import NIOCore

/// What a connection has learnt of its client, for as long as it lasts.
///
/// `@unchecked Sendable`: it is touched on the connection's event loop alone.
final class ConnectionSession: @unchecked Sendable {
    /// Who the client has proved to be; nil until it has: then only ApiVersions and the SASL requests are answered.
    var principal: Principal?
    /// Where a login has got to; belongs to the SASL handlers.
    var login: (any Sendable)?
    /// The client sends bare tokens, each with its length alone before it, until its login is done.
    var sendsBareTokens = false
    /// When the login ends, and only a new one is answered; nil: never.
    var loginEnd: NIODeadline?
    /// Closes the connection once the answer to the request in work is sent: a login that failed.
    var closesAfterAnswer = false
    /// The listener's, so that a handler can ask whether the client came by TLS.
    let security: any ListenerSecurity
    /// Gives up a request that only waits, when the client is gone; set and taken back by the handler that waits.
    var abandonWait: (@Sendable () -> Void)?

    init(security: any ListenerSecurity = OpenListener(), principal: Principal? = nil) {
        self.security = security
        self.principal = principal
    }
}

/// How a listener tells its clients apart: TLS and SASL stand behind it.
package protocol ListenerSecurity: Sendable {
    /// The handler that ends TLS, a new one for each connection; nil for plain text.
    func makeTransportHandler() throws -> (any ChannelHandler)?

    /// Who a client is that sends its first request: by its certificate, or anonymous; nil if it has to log in.
    ///
    /// Called on the connection's event loop, after the TLS handshake.
    func principal(of channel: any Channel) -> Principal?
}

/// Plain text, and nobody has to log in.
package struct OpenListener: ListenerSecurity {
    package init() {}

    package func makeTransportHandler() throws -> (any ChannelHandler)? { nil }

    package func principal(of channel: any Channel) -> Principal? { .anonymous }
}
