/// What the ingest gateway allows.
package struct GatewaySettings: Sendable, Equatable {
    /// `gateway.max.request.bytes` (bytes, default: 16777216): the largest body; past it 413.
    package var maxRequestBytes = 16 << 20
    /// `gateway.max.request.records` (default: 100000): most records in one request; past it 413.
    package var maxRequestRecords = 100_000
    /// `gateway.max.header.bytes` (bytes, default: 16384): request line and headers together; past it 431.
    package var maxHeaderBytes = 16 << 10
    /// `gateway.max.connections` (default: 4096): past it a new connection is closed at once.
    package var maxConnections = 4096
    /// `gateway.max.connections.per.address` (default: 2048): past it a new connection from there is closed at once.
    package var maxConnectionsPerAddress = 2048
    /// `gateway.head.timeout.ms` (milliseconds, default: 10000): request line and headers must be there so long after
    /// their first byte; otherwise 408.
    package var headTimeoutMilliseconds: Int64 = 10_000
    /// `gateway.body.min.bytes.per.second` (bytes, default: 240, 0: any): a body that comes slower is refused with 408;
    /// not one that is worked on as it comes.
    package var minBodyBytesPerSecond = 240
    /// `gateway.body.grace.ms` (milliseconds, default: 5000): how long a body may take before its rate counts.
    package var bodyGraceMilliseconds: Int64 = 5_000
    /// `gateway.idle.timeout.ms` (milliseconds, default: 60000): a connection on which nothing arrives is closed.
    package var idleTimeoutMilliseconds: Int64 = 60_000
    /// `gateway.max.json.depth` (default: 128): the deepest nesting of a body; past it 422.
    package var maxJSONDepth = 128
    /// `gateway.threads` (default: 0, one for each core): event loops.
    package var threads = 0

    /// `gateway.auto.create.streams` (default: true): streams come into being on first use, with one shard.
    package var autoCreateStreams = true
    package var compatibility = Compatibility()

    /// Ways of the cloud that help nobody, for clients that rely on them.
    package struct Compatibility: Sendable, Equatable {
        /// `compat.store-empty-data` (default: false): a record without `Data` is stored as `""`; otherwise 400.
        package var storesEmptyData = false
        /// `compat.gateway-status-200` (default: false): what Kinesis refuses behind `/streams` is answered with 200
        /// and the error in the body.
        package var gatewayStatus200 = false

        package init() {}
    }
    /// Who may use the port.
    package var authentication = AuthenticationSettings()
    /// How much each caller may send.
    package var rates = RateSettings()
    /// Of requests that may be repeated.
    package var idempotency = IdempotencySettings()
    package var accessLog = AccessLogSettings()

    package init() {}
}
