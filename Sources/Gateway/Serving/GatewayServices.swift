package import Kinesis
package import StreamModel

/// What the gateway works with; the assembly hands it in.
package struct GatewayServices: Sendable {
    /// Where records go.
    package var appender: any RecordAppender
    /// Streams; nil where there are none.
    package var kinesis: KinesisService?
    /// Who may use Kinesis's interface; nil: everybody.
    package var kinesisAuthentication: KinesisAuthentication?

    package init(
        appender: any RecordAppender, kinesis: KinesisService? = nil,
        kinesisAuthentication: KinesisAuthentication? = nil
    ) {
        self.appender = appender
        self.kinesis = kinesis
        self.kinesisAuthentication = kinesisAuthentication
    }

    /// The dialects that the services make possible.
    var dialects: [any Dialect] {
        var dialects: [any Dialect] = []
        if let kinesis { dialects.append(KinesisDialect(kinesis, authentication: kinesisAuthentication)) }
        return dialects
    }
}
