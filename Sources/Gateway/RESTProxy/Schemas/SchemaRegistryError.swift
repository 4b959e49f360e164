/// Why the registry did not do what was asked of it.
struct SchemaRegistryError: Error, Equatable {
    enum Code: Sendable {
        /// There is no such schema, subject or version.
        case notFound
        /// The registry does not want it: the schema does not fit those before it, or the login is wrong.
        case refused
        /// No registry answers, or it failed: it may be there again later.
        case unavailable
        /// What it answers is not to be understood, or is a schema that this server cannot keep to.
        case unusable
    }

    var code: Code
    /// What the registry says, with its own error number.
    var message: String
    /// Its error number.
    var number: Int?

    init(_ code: Code, _ message: String, number: Int? = nil) {
        self.code = code
        self.message = message
        self.number = number
    }
}
