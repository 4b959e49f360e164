/// Why a table could not be read or changed.
package struct DeltaError: Error, Sendable, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// There is no table, or no such version of it.
        case notATable
        /// The table asks for something that is not known here; the message names it.
        case unsupportedFeature
        /// Another writer changed what this change rests on: look at the table again and decide anew.
        case conflict
        /// The table's log or files are not as they must be.
        case corrupted
        /// The store or the engine does not answer: try again.
        case unavailable
        /// No room: try again when there is.
        case full
        /// What was asked for is wrong, and will be when it is asked again.
        case invalid
    }

    package var code: Code
    /// What happened, to which table or file, and how to put it right.
    package var message: String
    package var cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Whether the same call may succeed later.
    package var isRetriable: Bool { code == .unavailable || code == .full }

    package var description: String { message }
}
