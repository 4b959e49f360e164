/// Why bytes are no valid record batch.
package struct KafkaWireError: Error, Equatable {
    package enum Code: Sendable {
        /// The bytes end before the batch does; more may come.
        case incomplete
        /// The bytes contradict the format or their checksum.
        case corrupt
        /// A format or compression that is not read here.
        case unsupported
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
