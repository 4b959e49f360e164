import JSONText

/// Where the time comes from that puts a record in a folder.
package struct TimestampExtractor: Sendable {
    package enum Kind: Sendable, Equatable {
        case wallclock, record, recordField

        /// By the short name or the full name of the class; nil for one that is not known.
        init?(_ text: String) {
            let name = text.trimmedBlanks
            let short = name.split(separator: "$").last.map(String.init) ?? name
            switch short.lowercased() {
            case "wallclock", "wallclocktimestampextractor": self = .wallclock
            case "record", "recordtimestampextractor": self = .record
            case "recordfield", "recordfieldtimestampextractor": self = .recordField
            default: return nil
            }
        }
    }

    let kind: Kind
    private let field: FieldPath

    init(_ kind: Kind, field: String) {
        self.kind = kind
        self.field = FieldPath(field)
    }

    /// Milliseconds since 1970.
    func time(
        of value: ConnectValue, recordTime: Int64, now: Int64
    ) throws(PartitionError) -> Int64 {
        switch kind {
        case .wallclock: return now
        case .record:
            guard recordTime >= 0 else {
                throw PartitionError("Unable to determine timestamp: the record has none")
            }
            return recordTime
        case .recordField: return try fieldTime(value)
        }
    }

    private func fieldTime(_ value: ConnectValue) throws(PartitionError) -> Int64 {
        let found: JSONTree
        switch value {
        case .structured(let schema, let tree): found = try field.value(tree, schema).0
        case .json(let text): found = try field.value(text)
        default: throw PartitionError("Error encoding partition: the value has no fields")
        }
        switch found {
        case .number(let text):
            // A fraction of a millisecond is cut off.
            if let number = found.integer ?? Double(text).flatMap({ Int64(exactly: $0.rounded(.towardZero)) })
            {
                return number
            }
        case .string(let text):
            if let time = Self.time(ofText: text) { return time }
        default: break
        }
        throw PartitionError(
            "Error extracting timestamp from record field \(field.name): it is neither a number of milliseconds "
                + "nor a time as ISO 8601 has it")
    }

    static func time(ofText text: String) -> Int64? {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        let isNumber =
            (1...19).contains(digits.count) && text.utf8.count - digits.count <= 1
            && digits.allSatisfy { (48...57).contains($0) }
        return isNumber ? Int64(text) : ISOTime.milliseconds(text.utf8)
    }
}

/// Why a record belongs to no folder.
struct PartitionError: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The name of a field, with dots for nested ones.
struct FieldPath: Sendable {
    let name: String
    private let parts: [String]

    init(_ name: String) {
        self.name = name
        parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// A field of a value with a schema.
    func value(_ tree: JSONTree, _ schema: ConnectSchema) throws(PartitionError) -> (JSONTree, ConnectSchema)
    {
        var tree = tree
        var schema = schema
        for part in parts {
            guard let inner = schema.kind == .map ? schema.elements : schema.field(part) else {
                throw PartitionError("The field named '\(name)' does not exist.")
            }
            tree = tree[part] ?? .null
            if tree.isNull { tree = inner.defaultValue ?? .null }
            schema = inner
        }
        return (tree, schema)
    }

    /// A field of JSON without a schema; the rest of the text is passed over.
    func value(_ text: UnsafeRawBufferPointer) throws(PartitionError) -> JSONTree {
        var scanner = JSONScanner(text)
        do throws(JSONTextError) {
            for index in parts.indices {
                guard try scanner.peekKind() == .object, try find(parts[index], &scanner) else {
                    throw JSONTextError(.unexpectedByte, at: scanner.position)
                }
            }
            let value = try scanner.value()
            return try JSONTree(UnsafeRawBufferPointer(rebasing: text[value.range]))
        } catch {
            throw PartitionError("The field named '\(name)' does not exist.")
        }
    }

    private func find(_ part: String, _ scanner: inout JSONScanner) throws(JSONTextError) -> Bool {
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            if scanner.unescapedName(name).elementsEqual(part.utf8) { return true }
            _ = try scanner.value()
        }
        return false
    }
}
