package import AWSSigning
package import Kinesis
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
    /// Streams; nil where there are none.
    package var kinesis: KinesisService?
    /// Who may use Kinesis's interface; nil: everybody.
    package var kinesisAuthentication: KinesisAuthentication?
    /// What REST Proxy v3 tells of and changes; without it that dialect is not served, and v2 tells
    /// nothing of them.
    package var cluster: (any ClusterAdministration)?

    /// Consumers of REST Proxy v2; without them nothing can be read there.
    package var consumers: ConsumerInstances?

    /// Where schemas are kept; without it there are no formats with schemas.
    package var schemas: SchemaRegistry?

    package init(appender: any RecordAppender) {
        self.appender = OnceAppender(appender)
    }

    /// The dialects that the services make possible, beside REST Proxy v2.
    func dialects(_ settings: GatewaySettings, _ counters: GatewayCounters) -> [any Dialect] {
        var all: [any Dialect] = []
        if let kinesis {
            let streams = KinesisStreams(kinesis, makesStreams: settings.autoCreateStreams)
            all.append(KinesisDialect(kinesis, authentication: kinesisAuthentication))
            all.append(StreamsDialect(streams: streams, settings: settings, counters: counters))
        }
        if let cluster {
            all.append(V3Dialect(cluster, appender: appender, schemas: schemas, settings, counters))
        }
        return all + [
            OpenAPIDialect(
                [schemas == nil ? RESTProxyDialect.api : RESTProxyDialect.api.withSchemas]
                    + all.compactMap(\.description))
        ]
    }
}
