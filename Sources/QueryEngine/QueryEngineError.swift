/// Why the query engine could not do what was asked.
package struct QueryEngineError: Error, Sendable {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// The engine's library is in none of the places that were tried.
        case libraryMissing
        /// A library was found but cannot be used.
        case libraryUnusable
        /// A setting has a value that the engine refuses.
        case invalidSetting
        /// The statement cannot be parsed, or names something that does not exist.
        case invalidStatement
        /// A parameter of the statement got no value, or a value was given for none.
        case invalidParameter
        /// The statement is right but its data is not: a failed conversion, an overflow.
        case invalidValue
        /// The statement needs more memory than the limit allows.
        case outOfMemory
        /// The statement gave more rows than the limit allows.
        case tooManyRows
        /// The caller gave up.
        case cancelled
        /// A file could not be read or written.
        case inputOutput
        /// Anything else that the engine reports.
        case failed
    }

    package var code: Code
    /// What happened and how to put it right; one line.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension QueryEngineError: CustomStringConvertible {
    package var description: String { message }
}
