/// What stands behind a tag; bytes are valid as long as those they were found in.
enum ProtoContent {
    case number(UInt64)
    case bytes(UnsafeRawBufferPointer)
}

/// The fields of a message as they occur in its bytes.
struct ProtoOccurrences {
    private(set) var byNumber: [Int32: [ProtoContent]] = [:]

    init(
        _ bytes: UnsafeRawBufferPointer, of message: ProtoMessage, _ schema: ProtoSchema
    ) throws(SchemaFormatError) {
        var lastOfOneof: [Int: Int32] = [:]
        try read(bytes) { number in
            message.byNumber[number].map { message.fields[$0].typeInBytes }
        } found: {
            number, content in
            guard let place = message.byNumber[number] else { return }
            let field = message.fields[place]
            if case .enumeration(let type) = field.type, schema.enums[type].isClosed,
                case .number(let bits) = content,
                schema.enums[type].name(of: Int32(truncatingIfNeeded: bits)) == nil
            {
                return
            }
            // Of a oneof the last one counts.
            if let oneof = field.oneof, let other = lastOfOneof.updateValue(number, forKey: oneof),
                other != number
            {
                byNumber[other] = nil
            }
            byNumber[number, default: []].append(content)
        }
    }

    /// Of an entry of a map.
    init(
        entry bytes: UnsafeRawBufferPointer, key: ProtoType, value: ProtoType
    ) throws(SchemaFormatError) {
        try read(bytes) { number in
            number == 1 ? key : number == 2 ? value : nil
        } found: {
            number, content in
            byNumber[number, default: []].append(content)
        }
    }

    /// - Parameters:
    ///   - type: that of a field; nil if it is not known.
    ///   - found: called for each value of a known field, those of packed ones one by one.
    private func read(
        _ bytes: UnsafeRawBufferPointer, type: (Int32) -> ProtoType?,
        found: (Int32, ProtoContent) -> Void
    ) throws(SchemaFormatError) {
        var cursor = ByteCursor(bytes)
        while !cursor.isAtEnd {
            let (number, wire) = try Self.tag(&cursor)
            let content = try Self.content(wire, number, &cursor, bytes)
            guard let type = type(number) else { continue }
            if type.wire == wire {
                found(number, content)
            } else if wire == .bytes, type.wire != .groupStart, case .bytes(let packed) = content {
                var inner = ByteCursor(packed)
                while !inner.isAtEnd {
                    found(number, try Self.content(type.wire, number, &inner, packed))
                }
            }
        }
    }

    private static func tag(_ cursor: inout ByteCursor) throws(SchemaFormatError) -> (Int32, ProtoWire) {
        let tag = try cursor.varint()
        guard let number = Int32(exactly: tag >> 3), number > 0, let wire = ProtoWire(rawValue: tag & 7)
        else {
            throw SchemaFormatError(.unreadableBytes, "a field has no number or no type")
        }
        return (number, wire)
    }

    private static func content(
        _ wire: ProtoWire, _ number: Int32, _ cursor: inout ByteCursor, _ bytes: UnsafeRawBufferPointer
    ) throws(SchemaFormatError) -> ProtoContent {
        switch wire {
        case .varint: return .number(try cursor.varint())
        case .fixed64: return .number(try cursor.fixed64())
        case .fixed32: return .number(UInt64(try cursor.fixed32()))
        case .bytes:
            guard let count = Int(exactly: try cursor.varint()) else { throw ByteCursor.cutShort }
            return .bytes(try cursor.take(count))
        case .groupStart:
            let start = cursor.position
            let end = try skipGroup(number, &cursor)
            return .bytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        case .groupEnd:
            throw SchemaFormatError(.unreadableBytes, "a group ends that did not begin")
        }
    }

    /// Steps over a group; returns where its content ends.
    private static func skipGroup(
        _ number: Int32, _ cursor: inout ByteCursor
    ) throws(SchemaFormatError) -> Int {
        var open = [number]
        while true {
            let position = cursor.position
            let (found, wire) = try tag(&cursor)
            switch wire {
            case .groupStart:
                open.append(found)
                guard open.count < SchemaLimits.maxDepth else {
                    throw SchemaFormatError(.unreadableBytes, "groups are nested too deeply")
                }
            case .groupEnd:
                guard open.popLast() == found else {
                    throw SchemaFormatError(.unreadableBytes, "a group ends that did not begin")
                }
                if open.isEmpty { return position }
            case .varint: _ = try cursor.varint()
            case .fixed64: _ = try cursor.take(8)
            case .fixed32: _ = try cursor.take(4)
            case .bytes:
                guard let count = Int(exactly: try cursor.varint()) else { throw ByteCursor.cutShort }
                _ = try cursor.take(count)
            }
        }
    }
}
