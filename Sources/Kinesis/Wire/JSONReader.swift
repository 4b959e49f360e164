import JSONText

/// Reads a request's JSON into wire values.
enum JSONReader {
    /// The deepest nesting of any request, with room to spare.
    private static let maxDepth = 16

    /// - Throws: `.serialization` without a message, as Kinesis answers a text that is no JSON.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(KinesisError) -> WireValue {
        do throws(JSONTextError) {
            var scanner = JSONScanner(bytes, maxDepth: maxDepth)
            let value = try read(&scanner, bytes)
            try scanner.finish()
            return value
        } catch {
            throw KinesisError(.serialization, error.isSyntax ? "" : error.message)
        }
    }

    private static func read(
        _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer
    ) throws(JSONTextError) -> WireValue {
        switch try scanner.peekKind() {
        case .object:
            var members: [(name: String, value: WireValue)] = []
            try scanner.beginObject()
            while let name = try scanner.nextMember() {
                let text = String(decoding: scanner.unescapedName(name), as: UTF8.self)
                members.append((text, try read(&scanner, bytes)))
            }
            return .object(members)
        case .array:
            var elements: [WireValue] = []
            try scanner.beginArray()
            while try scanner.nextElement() { elements.append(try read(&scanner, bytes)) }
            return .list(elements)
        default:
            return scalar(try scanner.value(), bytes)
        }
    }

    private static func scalar(_ span: JSONValueSpan, _ bytes: UnsafeRawBufferPointer) -> WireValue {
        switch span.kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .string:
            let content = UnsafeRawBufferPointer(rebasing: bytes[span.content])
            guard span.hasEscapes else { return .string(String(decoding: content, as: UTF8.self)) }
            var text: [UInt8] = []
            JSONText.unescape(content, into: &text)
            return .string(String(decoding: text, as: UTF8.self))
        default:
            let text = String(decoding: bytes[span.range], as: UTF8.self)
            if let integer = Int64(text) { return .integer(integer) }
            return .decimal(Double(text) ?? .infinity)
        }
    }
}
