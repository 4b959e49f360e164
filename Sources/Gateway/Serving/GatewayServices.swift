package import StreamModel

/// What the gateway works with; the assembly hands it in.
package struct GatewayServices: Sendable {
    /// Where records go.
    package var appender: any RecordAppender

    package init(appender: any RecordAppender) {
        self.appender = appender
    }
}
