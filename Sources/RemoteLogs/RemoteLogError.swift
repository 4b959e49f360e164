/// Why a Kafka server could not be asked, or what it refused.
package struct RemoteLogError: Error, Equatable, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// The client's settings contradict each other, or are not understood here.
        case invalidSettings
        /// Nobody answers at the address.
        case unreachable
        /// The server did not take the login, or its certificate or the client's was refused.
        case loginFailed
        /// The server did not answer in time.
        case timedOut
        /// The server answered, and refused.
        case refused
        /// What was asked for does not exist.
        case notFound
        /// What was to be made exists.
        case exists
    }

    package var code: Code
    /// What happened, with which topic or group, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
