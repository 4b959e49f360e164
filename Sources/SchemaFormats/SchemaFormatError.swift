/// Why a schema, a value or a record's bytes were refused.
package struct SchemaFormatError: Error, Equatable {
    package enum Code: Sendable {
        /// The text is no schema, or one that this server cannot keep to.
        case invalidSchema
        /// The JSON value is none of the schema's.
        case unfitValue
        /// The bytes are none of the schema's.
        case unreadableBytes
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The same, with where in the value it was found.
    func within(_ part: String) -> SchemaFormatError {
        // A value nested deeply is found by its innermost parts as well.
        message.utf8.count > 400 ? self : SchemaFormatError(code, "\(part.prefix(64)): \(message)")
    }
}
