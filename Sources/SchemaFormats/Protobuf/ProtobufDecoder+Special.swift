import JSONText

/// Google's types with a form of their own in JSON.
extension ProtobufDecoder {
    mutating func write(
        _ found: ProtoOccurrences, _ special: ProtoSpecial, _ message: ProtoMessage,
        into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        switch special {
        case .timestamp:
            guard let text = Self.time(found).timestampText else {
                throw Self.unreadable("a timestamp is not of the years 1 to 9999")
            }
            writer.string(text)
        case .duration:
            guard let text = Self.time(found).durationText else {
                throw Self.unreadable("a duration is longer than 10000 years, or of two signs")
            }
            writer.string(text)
        case .fieldMask:
            var paths: [String] = []
            for case .bytes(let bytes) in found.byNumber[1] ?? [] {
                paths.append(ProtoLinker.camelCase(String(decoding: bytes, as: UTF8.self)))
            }
            writer.string(paths.joined(separator: ","))
        case .wrapper:
            let field = message.fields[0]
            let zero = ProtoContent.zero(field.type)
            try write(found.byNumber[field.number]?.last ?? zero, field.type, into: &writer, depth: depth)
        case .structure, .list:
            try write(found.byNumber[1] ?? [], of: message.fields[0], into: &writer, depth: depth)
        case .value: try writeValue(found, message, into: &writer, depth: depth)
        case .any: throw Self.unreadable("google.protobuf.Any is not supported")
        }
    }

    private static func time(_ found: ProtoOccurrences) -> ProtoTime {
        var time = ProtoTime(seconds: 0, nanos: 0)
        if case .number(let bits) = found.byNumber[1]?.last { time.seconds = Int64(bitPattern: bits) }
        if case .number(let bits) = found.byNumber[2]?.last { time.nanos = Int32(truncatingIfNeeded: bits) }
        return time
    }

    private mutating func writeValue(
        _ found: ProtoOccurrences, _ message: ProtoMessage, into writer: inout JSONWriter, depth: Int
    ) throws(SchemaFormatError) {
        for field in message.fields {
            guard let contents = found.byNumber[field.number], !contents.isEmpty else { continue }
            return try write(contents, of: field, into: &writer, depth: depth)
        }
        // A value without any kind is none; null comes nearest to it.
        writer.null()
    }
}

extension ProtoContent {
    /// What a field holds that is not there.
    fileprivate static func zero(_ type: ProtoType) -> ProtoContent {
        type.wire == .bytes ? .bytes(UnsafeRawBufferPointer(start: nil, count: 0)) : .number(0)
    }
}
