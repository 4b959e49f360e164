package import StreamModel

/// What the gateway works with; the assembly hands it in.
package struct GatewayServices: Sendable {
    /// Where records go.
    package var appender: any RecordAppender

    /// What REST Proxy v3 tells of and changes; without it that dialect is not served.
    package var cluster: (any ClusterAdministration)?

    package init(appender: any RecordAppender, cluster: (any ClusterAdministration)? = nil) {
        self.appender = appender
        self.cluster = cluster
    }
}
