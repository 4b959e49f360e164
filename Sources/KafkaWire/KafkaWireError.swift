/// Why bytes are no valid message or record batch.
package struct KafkaWireError: Error, Equatable {
    package enum Code: Sendable {
        /// The bytes end before the batch does; more may come.
        case incomplete
        /// The bytes contradict the format or their checksum.
        case corrupt
        /// A request, or a version of it, that is not answered here, or not now.
        case unsupportedRequest
        /// A record batch of format 0 or 1, or of one that is not known.
        case unsupportedFormat
        /// A compression that Kafka does not have.
        case unsupportedCompression
        /// The batch is whole, and its records contradict their format or what a client may write.
        case invalidRecord
        /// The records take more room decompressed than is allowed.
        case tooLarge
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
