/// A JSON text in memory: for requests that are rare and small, never for records.
package enum JSONTree: Sendable, Equatable {
    case null
    case bool(Bool)
    /// The digits as sent, so that none is lost.
    case number(String)
    /// The text, escapes undone.
    case string(String)
    case array([JSONTree])
    /// The members in the order of the text; no name occurs twice.
    case object([Member])

    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: JSONTree

        package init(_ name: String, _ value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// Reads a text that holds one value.
    ///
    /// - Parameters:
    ///   - maxDepth: the most containers that may be open at once.
    ///   - maxValues: the most values that the text may hold, containers and scalars together.
    /// - Throws: what the scanner finds, or `.tooManyValues`.
    package init(_ bytes: UnsafeRawBufferPointer, maxDepth: Int = 64, maxValues: Int = 100_000)
        throws(JSONTextError)
    {
        var reader = JSONTreeReader(bytes, maxDepth: maxDepth, valuesLeft: maxValues)
        self = try reader.read()
    }

    /// Reads a text that holds one value.
    package init(_ bytes: [UInt8], maxDepth: Int = 64, maxValues: Int = 100_000) throws(JSONTextError) {
        let result: Result<JSONTree, JSONTextError> = bytes.withUnsafeBytes { raw in
            Result { () throws(JSONTextError) in
                try JSONTree(raw, maxDepth: maxDepth, maxValues: maxValues)
            }
        }
        self = try result.get()
    }

    package var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool(let value): value ? .true : .false
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    // MARK: Looking in

    /// A member's value; nil if this is no object or has no such member.
    package subscript(name: String) -> JSONTree? {
        members?.first { $0.name == name }?.value
    }

    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    package var elements: [JSONTree]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var isNull: Bool { self == .null }

    /// A number without a fraction that fits, such as `5`, `5.0` or `5e3`; nil for all else.
    package var integer: Int64? {
        guard case .number(let text) = self else { return nil }
        if let number = Int64(text) { return number }
        // Beyond 2^53 a number with a point or exponent no longer tells which integer is meant.
        guard let number = Double(text), number.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int64(exactly: number)
    }

    /// A number; one past the range of a double is infinite.
    package var double: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }
}

/// Makes a tree of what the scanner finds.
private struct JSONTreeReader {
    private let bytes: UnsafeRawBufferPointer
    private var scanner: JSONScanner
    private var valuesLeft: Int

    init(_ bytes: UnsafeRawBufferPointer, maxDepth: Int, valuesLeft: Int) {
        self.bytes = bytes
        self.valuesLeft = valuesLeft
        scanner = JSONScanner(bytes, maxDepth: maxDepth)
    }

    mutating func read() throws(JSONTextError) -> JSONTree {
        let tree = try value()
        try scanner.finish()
        return tree
    }

    /// Recursion is as deep as the scanner lets containers nest.
    private mutating func value() throws(JSONTextError) -> JSONTree {
        let kind = try scanner.peekKind()
        guard valuesLeft > 0 else { throw JSONTextError(.tooManyValues, at: scanner.position) }
        valuesLeft -= 1
        switch kind {
        case .object: return try object()
        case .array: return try array()
        default: break
        }
        let span = try scanner.value()
        switch kind {
        case .string: return .string(text(of: span.content, hasEscapes: span.hasEscapes))
        case .number: return .number(text(of: span.range, hasEscapes: false))
        case .true: return .bool(true)
        case .false: return .bool(false)
        default: return .null
        }
    }

    private mutating func object() throws(JSONTextError) -> JSONTree {
        var members: [JSONTree.Member] = []
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            let value = try value()
            members.append(JSONTree.Member(text(of: name.range, hasEscapes: name.hasEscapes), value))
        }
        return .object(members)
    }

    private mutating func array() throws(JSONTextError) -> JSONTree {
        var elements: [JSONTree] = []
        try scanner.beginArray()
        while try scanner.nextElement() { elements.append(try value()) }
        return .array(elements)
    }

    private func text(of range: Range<Int>, hasEscapes: Bool) -> String {
        let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard hasEscapes else { return String(decoding: slice, as: UTF8.self) }
        var plain: [UInt8] = []
        JSONText.unescape(slice, into: &plain)
        return String(decoding: plain, as: UTF8.self)
    }
}
