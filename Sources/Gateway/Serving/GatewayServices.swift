package import AWSSigning
package import StreamModel
package import TransportSecurity

/// What the gateway works with; the assembly hands it in.
package struct GatewayServices: Sendable {
    /// Where records go.
    package var appender: any RecordAppender
    /// Reads back what a request has stored that a crash cut off; nil: such a request is not known again.
    package var reader: (any RecordReader)?
    /// API keys, and the answers to requests that may be repeated.
    package var state: GatewayState?
    /// Who may do what; nil: everybody may do everything.
    package var access: (any AccessControl)?
    /// The users that log in by password.
    package var passwords: (any PasswordVerifier)?
    /// The keys that requests may be signed with.
    package var accessKeys = AccessKeys([])
    /// Nil: the port speaks plain text.
    package var tls: TLSListener?

    package init(appender: any RecordAppender) {
        self.appender = OnceAppender(appender)
    }
}
