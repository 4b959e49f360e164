import JSONText
import NIOCore
import StreamModel

/// How keys and values are written into a record; the raw values are those of `type`.
enum V3Format: String, Sendable {
    /// A base64 string.
    case binary = "BINARY"
    /// Any JSON value, whose bytes become the record's.
    case json = "JSON"
    /// A string, whose UTF-8 becomes the record's.
    case string = "STRING"
    case avro = "AVRO"
    case jsonSchema = "JSONSCHEMA"
    case protobuf = "PROTOBUF"

    var needsSchema: Bool {
        switch self {
        case .binary, .json, .string: false
        case .avro, .jsonSchema, .protobuf: true
        }
    }
}

/// A record to be appended, and what its answer tells of it.
struct V3Record: Sendable {
    struct Content: Sendable, Equatable {
        var format: V3Format
        /// -1 for null, as the peer has it.
        var size: Int
        /// Nil without a schema.
        var origin: Origin?
    }

    /// The schema that a key or a value was written with.
    struct Origin: Sendable, Equatable {
        var subject: String
        var schemaID: Int32
        var version: Int
    }

    var list: RecordList
    var key: Content?
    var value: Content?
    /// Milliseconds since 1970.
    var timestamp: Int64
}

/// Makes a record of what was found in the text of its object.
///
/// The bytes of a JSON value are stored as sent; `null`, or no data at all, is Kafka's null.
struct V3RecordReader {
    private let source: UnsafeRawBufferPointer
    private var bytes: ByteBuffer
    private let written: V3SchemaContents

    /// - Parameters:
    ///   - source: the text that the spans point into.
    ///   - now: the time of a record that tells none, milliseconds since 1970.
    ///   - written: what was written with schemas already; without it such contents are refused.
    /// - Throws: what is wrong with this record; those after it are not concerned.
    static func record(
        _ spans: V3RecordSpans, in source: UnsafeRawBufferPointer, now: Int64,
        written: V3SchemaContents = V3SchemaContents()
    ) throws(V3Error) -> V3Record {
        if let fault = spans.fault { throw Self.form(fault) }
        var reader = V3RecordReader(source: source, written: written)
        return try reader.read(spans, now)
    }

    private init(source: UnsafeRawBufferPointer, written: V3SchemaContents) {
        self.source = source
        self.written = written
        bytes = ByteBufferAllocator().buffer(capacity: source.count)
    }

    private static func form(_ text: String) -> V3Error {
        V3Error(.badRequest, "Error processing JSON: " + text)
    }

    private mutating func read(_ spans: V3RecordSpans, _ now: Int64) throws(V3Error) -> V3Record {
        var entry = RecordList.Entry(value: nil)
        entry.partition = try partition(spans.partition)
        entry.timestamp = try timestamp(spans.timestamp) ?? now
        for header in spans.headers { entry.headers.append(try self.header(header)) }
        let key: V3Record.Content?, value: V3Record.Content?
        (entry.key, key) = try content(spans.key, written.key)
        (entry.value, value) = try content(spans.value, written.value)
        return V3Record(
            list: RecordList(bytes: bytes, entries: [entry]), key: key, value: value,
            timestamp: entry.timestamp ?? now)
    }

    // MARK: Parts

    private func partition(_ span: JSONValueSpan?) throws(V3Error) -> PartitionIndex? {
        guard let span else { return nil }
        guard span.kind == .number || span.kind == .string, let number = Int32(text(span)) else {
            throw Self.form("partition_id is no number of a partition")
        }
        guard number >= 0 else { throw .partitionNotFound }
        return PartitionIndex(number)
    }

    /// RFC 3339, or seconds since 1970 as the peer takes them.
    private func timestamp(_ span: JSONValueSpan?) throws(V3Error) -> Int64? {
        guard let span else { return nil }
        let found: Int64? =
            switch span.kind {
            case .string: RFC3339.milliseconds(UnsafeRawBufferPointer(rebasing: source[span.content]))
            case .number: Self.milliseconds(ofSeconds: text(span))
            default: nil
            }
        guard let found else {
            throw Self.form("timestamp is no time such as 2021-02-05T19:14:42Z")
        }
        return found
    }

    private static func milliseconds(ofSeconds text: String) -> Int64? {
        // Until the end of the year 9999.
        guard let seconds = Double(text), seconds.magnitude < 253_402_300_800 else { return nil }
        return Int64((seconds * 1000).rounded(.down))
    }

    private func header(_ spans: V3RecordSpans.Header) throws(V3Error) -> RecordHeader {
        guard let name = spans.name, name.kind == .string else {
            throw Self.form("a header has no name")
        }
        guard let value = spans.value else { return RecordHeader(name: text(name), value: nil) }
        var decoded: [UInt8] = []
        guard value.kind == .string, base64(value, into: &decoded) else {
            throw Self.form("the value of the header \(text(name).prefix(64)) is no base64 string")
        }
        return RecordHeader(name: text(name), value: decoded)
    }

    private mutating func content(
        _ content: V3RecordSpans.Content?, _ written: V3SchemaContent?
    ) throws(V3Error) -> (slice: RecordList.Slice?, content: V3Record.Content?) {
        if let written { return add(written) }
        guard let content else { return (nil, nil) }
        let format = try format(of: content)
        guard let data = content.data else { return (nil, V3Record.Content(format: format, size: -1)) }
        let start = bytes.writerIndex
        switch format {
        case .json: bytes.writeBytes(source[data.range])
        case .string:
            guard data.kind == .string else { throw Self.unfit(data, source, "a string") }
            write(data)
        default:
            var decoded: [UInt8] = []
            guard data.kind == .string else { throw Self.unfit(data, source, "a base64 string") }
            guard base64(data, into: &decoded) else {
                throw Self.unfit(data, source, "a valid base64 string")
            }
            bytes.writeBytes(decoded)
        }
        let count = bytes.writerIndex - start
        return (
            RecordList.Slice(start: start, count: count), V3Record.Content(format: format, size: count)
        )
    }

    private mutating func add(
        _ written: V3SchemaContent
    ) -> (slice: RecordList.Slice?, content: V3Record.Content?) {
        let size = written.bytes?.count ?? -1
        let content = V3Record.Content(format: written.format, size: size, origin: written.origin)
        guard let data = written.bytes else { return (nil, content) }
        let slice = RecordList.Slice(start: bytes.writerIndex, count: data.count)
        bytes.writeBytes(data)
        return (slice, content)
    }

    /// Without a schema registry only the formats without schemas can be served.
    private func format(of content: V3RecordSpans.Content) throws(V3Error) -> V3Format {
        guard let format = try V3Format.type(of: content, in: source) else { throw Self.noRegistry }
        let given = content.schemaMembers.keys.sorted()
        if format.needsSchema {
            if let other = given.first(where: { $0 == "schema_id" || $0 == "schema_version" }) {
                throw Self.form("'\(other)' cannot be used with 'type=\(format.rawValue)'.")
            }
            throw Self.noRegistry
        }
        if let other = given.first {
            throw Self.form("'type=\(format.rawValue)' cannot be used with '\(other)'.")
        }
        return format
    }

    private static let noRegistry = V3Error.invalidPayload(
        "Schema Registry must be configured when using schemas.")

    private static func unfit(
        _ data: JSONValueSpan, _ source: UnsafeRawBufferPointer, _ kind: String
    ) -> V3Error {
        let text = String(decoding: source[data.range].prefix(64), as: UTF8.self)
        return V3Error(.badRequest, "data=\(text) is not \(kind).")
    }

    // MARK: Text

    /// The text of a string, or of any other value as sent.
    private func text(_ span: JSONValueSpan) -> String {
        guard span.kind == .string else { return String(decoding: source[span.range], as: UTF8.self) }
        guard span.hasEscapes else { return String(decoding: source[span.content], as: UTF8.self) }
        return String(decoding: unescaped(span), as: UTF8.self)
    }

    private func unescaped(_ span: JSONValueSpan) -> [UInt8] {
        var plain: [UInt8] = []
        JSONText.unescape(UnsafeRawBufferPointer(rebasing: source[span.content]), into: &plain)
        return plain
    }

    private mutating func write(_ string: JSONValueSpan) {
        if string.hasEscapes {
            bytes.writeBytes(unescaped(string))
        } else {
            bytes.writeBytes(source[string.content])
        }
    }

    private func base64(_ string: JSONValueSpan, into output: inout [UInt8]) -> Bool {
        guard string.hasEscapes else {
            return Base64.decode(UnsafeRawBufferPointer(rebasing: source[string.content]), into: &output)
        }
        return unescaped(string).withUnsafeBytes { Base64.decode($0, into: &output) }
    }
}

extension V3Format {
    /// What the object of a key or a value says of its type; nil if it says nothing.
    static func type(
        of content: V3RecordSpans.Content, in source: UnsafeRawBufferPointer
    ) throws(V3Error) -> V3Format? {
        guard let type = content.type else { return nil }
        let text = String(
            decoding: source[type.kind == .string ? type.content : type.range], as: UTF8.self)
        guard type.kind == .string, let format = V3Format(rawValue: text) else {
            throw V3Error(
                .badRequest,
                "Error processing JSON: type is not one of BINARY, JSON, STRING, AVRO, JSONSCHEMA, PROTOBUF: "
                    + text.prefix(64))
        }
        return format
    }
}
