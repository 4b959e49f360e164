/// Why the worker does not do what it was asked for.
package struct ConnectError: Error, Equatable, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// Say it in another way.
        case invalid
        case notFound
        /// It is not possible as things are now.
        case conflict
        /// Try again later.
        case unavailable
    }

    package var code: Code
    /// What happened, to which connector, and how to put it right; Kafka Connect's words where it has some.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    static func noConnector(_ name: String) -> ConnectError {
        ConnectError(.notFound, "Connector \(name) not found")
    }
}
