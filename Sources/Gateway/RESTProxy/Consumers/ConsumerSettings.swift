/// What the gateway allows consumers; keys are REST Proxy's where it has the key.
package struct ConsumerSettings: Sendable, Equatable {
    /// `consumer.request.timeout.ms` (milliseconds, default: 1000): how long a read waits for records; an instance may
    /// set its own, and a read may ask for less.
    package var requestTimeoutMilliseconds: Int64 = 1000
    /// `consumer.request.max.bytes` (bytes, default: 67108864): most bytes of keys and values that a read answers, and
    /// the default; the records past it come with the next read.
    package var requestMaxBytes = 64 << 20
    /// `consumer.request.max.records` (default: 100000): most records that a read answers, however small they are.
    package var requestMaxRecords = 100_000
    /// `fetch.min.bytes` (bytes, default: -1): more bytes than these end the wait of a read before its time; -1: none
    /// do, as with REST Proxy. An instance may set its own.
    package var fetchMinBytes = -1
    /// `consumer.instance.timeout.ms` (milliseconds, default: 300000): an instance that nobody used for so long is
    /// closed; whoever asks for it then gets 404 with 40403.
    package var instanceTimeoutMilliseconds: Int64 = 300_000
    /// `consumer.instance.max.count` (default: 10000): most instances at a time; past it none is made, with 429.
    package var maxInstances = 10_000

    package init() {}
}
