extension Shape {
    /// The value with the type it must have; nil for null.
    ///
    /// - Throws: `.serialization` for another type, in Kinesis's words.
    func read(_ value: WireValue) throws(KinesisError) -> InputValue? {
        if case .null = value { return nil }
        switch self {
        case .string: return .string(try Self.text(value))
        case .integer: return .integer(try Self.integer(value))
        case .boolean: return .bool(try Self.boolean(value))
        case .time: return .time(try Self.time(value))
        case .blob: return .bytes(try Self.blob(value))
        case .list(let element, _):
            var elements: [InputValue?] = []
            for part in try Self.elements(value) { elements.append(try element.read(part)) }
            return .list(elements)
        case .map:
            var entries: [(key: String, value: String?)] = []
            for (key, part) in try Self.members(value) {
                if case .null = part {
                    entries.append((key, nil))
                } else {
                    entries.append((key, try Self.text(part)))
                }
            }
            return .map(entries)
        case .structure(let members):
            return .structure(try Self.input(members, try Self.members(value)))
        }
    }

    /// Members that the structure does not have are passed over, as Kinesis does.
    private static func input(
        _ members: [Member], _ values: [(name: String, value: WireValue)]
    ) throws(KinesisError) -> Input {
        var input = Input()
        for (name, value) in values {
            guard let member = members.first(where: { $0.name == name }) else { continue }
            input[name] = try member.shape.read(value)
        }
        return input
    }

    // MARK: Types

    private static func text(_ value: WireValue) throws(KinesisError) -> String {
        if case .string(let text) = value { return text }
        throw mismatch(value, "String")
    }

    private static func integer(_ value: WireValue) throws(KinesisError) -> Int64 {
        switch value {
        case .integer(let number): return number
        case .decimal(let number):
            guard !number.isNaN else { return 0 }
            return Int64(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
        default: throw mismatch(value, "Integer")
        }
    }

    private static func boolean(_ value: WireValue) throws(KinesisError) -> Bool {
        switch value {
        case .bool(let value): return value
        case .string("true"): return true
        case .string("false"): return false
        default: throw mismatch(value, "Boolean")
        }
    }

    /// Seconds where the codec has no times of its own.
    private static func time(_ value: WireValue) throws(KinesisError) -> Int64 {
        switch value {
        case .time(let milliseconds): return milliseconds
        case .integer(let seconds):
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? (seconds < 0 ? .min : .max) : milliseconds
        case .decimal(let seconds):
            guard !seconds.isNaN else { return 0 }
            return Int64(exactly: (seconds * 1000).rounded()) ?? (seconds < 0 ? .min : .max)
        default: throw mismatch(value, "Timestamp")
        }
    }

    private static func blob(_ value: WireValue) throws(KinesisError) -> [UInt8] {
        switch value {
        case .bytes(let bytes): return bytes
        case .string(let text):
            guard let bytes = BufferBase64.decode(text) else {
                throw KinesisError(.serialization, base64Fault(text))
            }
            return bytes
        case .bool, .integer, .decimal, .time:
            throw KinesisError(.serialization, "only base-64-encoded strings are convertible to bytes")
        default: throw mismatch(value, "Blob")
        }
    }

    private static func base64Fault(_ text: String) -> String {
        guard text.utf8.count % 4 == 0 else {
            return
                "\"\(text.prefix(256))\" is not valid base64: Base64 encoded length is expected a multiple of 4 "
                + "bytes but found: \(text.utf8.count)"
        }
        let digits = text.utf8.drop { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"),
                UInt8(ascii: "="):
                true
            default: false
            }
        }
        guard let fault = Substring(digits).first else {
            return "Invalid last non-pad Base64 character dectected"
        }
        return "Invalid Base64 character: '\(fault)'"
    }

    private static func elements(_ value: WireValue) throws(KinesisError) -> [WireValue] {
        if case .list(let elements) = value { return elements }
        throw container(value)
    }

    private static func members(
        _ value: WireValue
    ) throws(KinesisError) -> [(name: String, value: WireValue)] {
        if case .object(let members) = value { return members }
        throw container(value)
    }

    // MARK: Words

    /// A single value was wanted.
    private static func mismatch(_ value: WireValue, _ type: String) -> KinesisError {
        let message =
            switch value {
            case .null: "NULL_VALUE can not be converted to \(type)"
            case .bool(let value): "\(value ? "TRUE" : "FALSE")_VALUE can not be converted to \(type)"
            case .integer, .time: "NUMBER_VALUE can not be converted to \(type)"
            case .decimal: "DECIMAL_VALUE can not be converted to \(type)"
            case .string: "STRING_VALUE can not be converted to \(type)"
            case .bytes: "BYTES_VALUE can not be converted to \(type)"
            case .list: "Start of list found where not expected"
            case .object: "Start of structure or map found where not expected."
            }
        return KinesisError(.serialization, message)
    }

    /// A list, map or structure was wanted.
    private static func container(_ value: WireValue) -> KinesisError {
        switch value {
        case .list: KinesisError(.serialization, "Start of list found where not expected")
        case .object: KinesisError(.serialization, "Start of structure or map found where not expected.")
        default: KinesisError(.serialization, "Unexpected field type")
        }
    }
}
