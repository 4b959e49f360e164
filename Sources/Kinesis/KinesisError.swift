/// An answer that says what is wrong, as Kinesis words it.
package struct KinesisError: Error, Equatable {
    /// What the caller can do about it; the name on the wire is the case's own, with a capital.
    package enum Code: String, Sendable, CaseIterable {
        case accessDenied = "AccessDeniedException"
        case dryRun = "DryRunOperationException"
        case expiredIterator = "ExpiredIteratorException"
        case expiredNextToken = "ExpiredNextTokenException"
        case incompleteSignature = "IncompleteSignatureException"
        case internalFailure = "InternalFailure"
        case invalidArgument = "InvalidArgumentException"
        case invalidSignature = "InvalidSignatureException"
        case limitExceeded = "LimitExceededException"
        case missingAuthenticationToken = "MissingAuthenticationTokenException"
        case requestTooLarge = "RequestEntityTooLargeException"
        case resourceInUse = "ResourceInUseException"
        case resourceNotFound = "ResourceNotFoundException"
        case serialization = "SerializationException"
        case throughputExceeded = "ProvisionedThroughputExceededException"
        case unknownOperation = "UnknownOperationException"
        case unrecognizedClient = "UnrecognizedClientException"
        case validation = "ValidationException"
    }

    package var code: Code
    /// Empty where Kinesis says nothing.
    package var message: String

    package init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// The status of the answer.
    package var status: Int {
        switch code {
        case .internalFailure: 500
        case .requestTooLarge: 413
        default: 400
        }
    }

    /// The members of the answer; Kinesis writes the message of one kind with a capital.
    package var output: OutputValue {
        var members: [(String, OutputValue)] = [("__type", .string(code.rawValue))]
        if !message.isEmpty {
            members.append((code == .serialization ? "Message" : "message", .string(message)))
        }
        return .object(members)
    }
}
