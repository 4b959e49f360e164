/// Why an emulation could not be started or had to end.
package struct EmulationError: Error, Equatable {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// Name another source, or repair the file that the message names.
        case unusableSource
        /// Ask for something this version has.
        case notSupported
        /// Correct the address.
        case unusableTarget
        /// Start the server, or give the address where it listens.
        case serverUnreachable
    }

    package var code: Code
    /// What happened and how to put it right, in one line.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
