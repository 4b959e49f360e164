package import NIOCore
package import StreamModel

/// The streams behind this dialect, as it needs them.
package protocol StreamStore: Sendable {
    /// Appends records, whose keys are their partition keys, and calls back when they are durable.
    ///
    /// `completion` runs exactly once, on any thread, and must not block.
    ///
    /// - Parameter makesStream: whether a stream that is not there comes into being, with one shard.
    func put(
        _ records: RecordList, to stream: String, makesStream: Bool,
        completion: @escaping @Sendable (Result<[StreamPlacement], StreamStoreError>) -> Void)

    /// Performs an action of Kinesis: its input and output are the JSON of the native interface.
    ///
    /// - Throws: `StreamStoreError` for what Kinesis itself would answer.
    func perform(_ action: StreamAction, _ input: [UInt8]) async throws -> ByteBuffer
}

/// The actions of Kinesis that have a path in this dialect, beside those that append.
package enum StreamAction: String, Sendable {
    case listStreams = "ListStreams"
    case describeStream = "DescribeStream"
    case createStream = "CreateStream"
    case deleteStream = "DeleteStream"
    case getShardIterator = "GetShardIterator"
    case getRecords = "GetRecords"
}

/// Where a record came to lie.
package struct StreamPlacement: Sendable, Equatable {
    package var shardID: String
    package var sequenceNumber: String

    package init(shardID: String, sequenceNumber: String) {
        self.shardID = shardID
        self.sequenceNumber = sequenceNumber
    }
}

/// Why Kinesis did not do what it was asked for.
package struct StreamStoreError: Error, Equatable {
    /// Its name on the wire, such as `ResourceNotFoundException`.
    package var type: String
    package var status: Int
    package var message: String
    /// Too much is waiting to be written, or the server is shutting down: the same request may pass shortly.
    package var passes: Bool

    package init(type: String, status: Int, message: String, passes: Bool = false) {
        self.type = type
        self.status = status
        self.message = message
        self.passes = passes
    }
}
