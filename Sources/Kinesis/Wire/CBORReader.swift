/// Reads a request's CBOR (RFC 8949) into wire values: definite and indefinite lengths, tags, all widths of numbers.
///
/// A tag other than 1, a time, is stepped over. Nothing is believed of a length before the bytes are there.
struct CBORReader {
    /// The deepest nesting of any request, with room to spare.
    private static let maxDepth = 16
    /// A time under tag 1 is milliseconds since 1970, as the SDKs of AWS send it.
    private static let timeTag: UInt64 = 1

    private enum MajorType: UInt8 {
        case unsigned, negative, bytes, text, array, map, tag, simple
    }

    private struct Head {
        var type: MajorType
        /// Nil for an indefinite length, or a break.
        var argument: UInt64?
        var info: UInt8
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// - Throws: `.serialization` without a message.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(KinesisError) -> WireValue {
        var reader = CBORReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        guard reader.position == bytes.count else { throw malformed }
        return value
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private static let malformed = KinesisError(.serialization)

    // MARK: Items

    private mutating func value(depth: Int) throws(KinesisError) -> WireValue {
        let head = try head()
        guard let value = try value(head, depth: depth) else { throw Self.malformed }
        return value
    }

    /// Nil for a break.
    private mutating func value(_ head: Head, depth: Int) throws(KinesisError) -> WireValue? {
        guard depth < Self.maxDepth else { throw Self.malformed }
        switch head.type {
        case .unsigned:
            guard let number = head.argument.flatMap({ Int64(exactly: $0) }) else { throw Self.malformed }
            return .integer(number)
        case .negative:
            guard let number = head.argument.flatMap({ Int64(exactly: $0) }) else { throw Self.malformed }
            return .integer(-1 - number)
        case .bytes: return .bytes(try string(head))
        case .text:
            guard let text = String(validating: try string(head), as: UTF8.self) else { throw Self.malformed }
            return .string(text)
        case .array: return try array(head, depth: depth)
        case .map: return try map(head, depth: depth)
        case .tag:
            guard let tag = head.argument else { throw Self.malformed }
            let value = try value(depth: depth + 1)
            return tag == Self.timeTag ? Self.time(value) : value
        case .simple: return try simple(head)
        }
    }

    private static func time(_ value: WireValue) -> WireValue {
        switch value {
        case .integer(let milliseconds): .time(milliseconds)
        case .decimal(let milliseconds): Int64(exactly: milliseconds.rounded()).map(WireValue.time) ?? value
        default: value
        }
    }

    private mutating func array(_ head: Head, depth: Int) throws(KinesisError) -> WireValue {
        var elements: [WireValue] = []
        if let count = head.argument {
            // An element takes at least a byte.
            guard count <= UInt64(bytes.count - position) else { throw Self.malformed }
            for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
            return .list(elements)
        }
        while let element = try value(try self.head(), depth: depth + 1) { elements.append(element) }
        return .list(elements)
    }

    private mutating func map(_ head: Head, depth: Int) throws(KinesisError) -> WireValue {
        var members: [(name: String, value: WireValue)] = []
        if let count = head.argument {
            guard count <= UInt64(bytes.count - position) else { throw Self.malformed }
            for _ in 0..<count {
                let name = try Self.name(try value(depth: depth + 1))
                members.append((name, try value(depth: depth + 1)))
            }
        } else {
            while let name = try value(try self.head(), depth: depth + 1) {
                members.append((try Self.name(name), try value(depth: depth + 1)))
            }
        }
        return .object(members)
    }

    private static func name(_ value: WireValue) throws(KinesisError) -> String {
        guard case .string(let name) = value else { throw malformed }
        return name
    }

    /// The bytes of a string, in one piece or in chunks.
    private mutating func string(_ head: Head) throws(KinesisError) -> [UInt8] {
        if let count = head.argument { return Array(try take(count)) }
        var joined: [UInt8] = []
        while true {
            let chunk = try self.head()
            if chunk.type == .simple, chunk.info == 31 { return joined }
            guard chunk.type == head.type, let count = chunk.argument else { throw Self.malformed }
            joined.append(contentsOf: try take(count))
        }
    }

    private func simple(_ head: Head) throws(KinesisError) -> WireValue? {
        switch (head.info, head.argument) {
        case (20, _): return .bool(false)
        case (21, _): return .bool(true)
        case (22, _), (23, _): return .null
        case (25, let bits?): return .decimal(Self.half(UInt16(truncatingIfNeeded: bits)))
        case (26, let bits?): return .decimal(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case (27, let bits?): return .decimal(Double(bitPattern: bits))
        case (31, _): return nil
        default: throw Self.malformed
        }
    }

    /// A number of sixteen bits: five of exponent, ten of fraction.
    private static func half(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF)
        let magnitude: Double =
            switch exponent {
            case 0: Double(sign: .plus, exponent: -24, significand: fraction)
            case 31: fraction == 0 ? .infinity : .nan
            default: Double(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
            }
        return bits & 0x8000 == 0 ? magnitude : -magnitude
    }

    // MARK: Bytes

    private mutating func head() throws(KinesisError) -> Head {
        guard let first = try take(1).first, let type = MajorType(rawValue: first >> 5) else {
            throw Self.malformed
        }
        let info = first & 0x1F
        switch info {
        case 0..<24: return Head(type: type, argument: UInt64(info), info: info)
        case 24...27:
            let argument = try take(UInt64(1) << UInt64(info - 24)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Head(type: type, argument: argument, info: info)
        case 31 where type != .unsigned && type != .negative && type != .tag:
            return Head(type: type, argument: nil, info: info)
        default: throw Self.malformed
        }
    }

    private mutating func take(_ count: UInt64) throws(KinesisError) -> UnsafeRawBufferPointer {
        guard count <= UInt64(bytes.count - position) else { throw Self.malformed }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
    }
}
