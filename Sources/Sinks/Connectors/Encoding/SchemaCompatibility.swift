/// Which changes of schema end a file, and which records are brought to the file's schema.
package enum SchemaCompatibility: String, Sendable {
    case none = "NONE", backward = "BACKWARD", forward = "FORWARD", full = "FULL"

    /// Whether a record with a schema needs a new file.
    ///
    /// - Parameter current: the schema of the file that the record would go to.
    /// - Throws: if the two cannot be compared.
    func changes(_ schema: ConnectSchema?, from current: ConnectSchema?) throws(ConversionError) -> Bool {
        guard self != .none else { return schema != current }
        if schema == nil, current == nil { return false }
        guard let schema, let current else {
            throw ConversionError("Switch between schema-based and schema-less data is not supported")
        }
        guard let version = schema.version, let before = current.version else {
            throw ConversionError("Schema version required for \(rawValue) compatibility")
        }
        return self == .forward ? version < before : version > before
    }

    /// The schema that a record is written by.
    func target(_ schema: ConnectSchema?, in current: ConnectSchema?) -> ConnectSchema? {
        self == .none ? schema : current ?? schema
    }
}
