package import StreamModel

/// What the gateway works with; the assembly hands it in.
package struct GatewayServices: Sendable {
    /// Where records go.
    package var appender: any RecordAppender

    /// What `/streams` leads to; nil: those paths are not served.
    package var streams: (any StreamStore)?

    package init(appender: any RecordAppender, streams: (any StreamStore)? = nil) {
        self.appender = appender
        self.streams = streams
    }
}
