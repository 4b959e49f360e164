/// How the Kafka port serves; keys are Kafka's where Kafka has the key.
package struct BrokerSettings: Sendable, Equatable {
    /// `kafka.advertised.listeners` (host:port, default: the address that is listened on): where clients connect to.
    ///
    /// Where the server listens on every address of the machine, a client is told the one it came by.
    package var advertised: BrokerAddress?
    /// `kafka.max.request.bytes` (bytes, default: 104857600): the largest Produce request; past it the connection is
    /// closed, as with Kafka's `socket.request.max.bytes`.
    package var maxRequestBytes = 100 << 20
    /// `kafka.max.control.request.bytes` (bytes, default: 10485760): the largest request of any other kind, whose
    /// decoded form takes many times its bytes; past it the connection is closed.
    package var maxControlRequestBytes = 10 << 20
    /// `kafka.max.buffered.bytes` (bytes, default: 1073741824): most that half-sent requests of all connections may
    /// hold; past it a connection that brings more of one is closed.
    package var maxBufferedBytes = 1 << 30
    /// `kafka.max.connections` (default: 100000): past it a new connection is closed at once.
    package var maxConnections = 100_000
    /// `kafka.connections.max.idle.ms` (milliseconds, default: 600000): a connection on which nothing arrives is
    /// closed.
    package var idleTimeoutMilliseconds: Int64 = 600_000
    /// `kafka.auto.create.topics.enable` (bool, default: true): topics come into being when a client first asks for
    /// them by name.
    package var autoCreateTopics = true
    /// `kafka.threads` (default: 0: one for each core): event loops.
    package var threads = 0
    /// `kafka.io.threads` (default: 8): threads that read the log for clients.
    package var ioThreads = 8

    /// Of groups and their committed offsets.
    package var groups = GroupSettings()
    /// Of transactional producers.
    package var transactions = TransactionSettings()

    package init() {}
}
