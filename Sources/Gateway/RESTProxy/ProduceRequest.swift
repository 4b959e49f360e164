import Foundation
import JSONText
import NIOCore
import StreamModel

/// `POST …/topics/{topic}` and `…/partitions/{p}` of REST Proxy v2: the body's records.
///
/// `{"records": [{"key"?, "value"?, "partition"?}, …]}`, with `key_schema`, `key_schema_id`, `value_schema` and
/// `value_schema_id` allowed and without meaning for these formats. A JSON value's bytes are stored as sent; `null`
/// or an absent value is Kafka's null. Any other member, and any member twice, is refused, and nothing is stored.
struct ProduceRequest {
    private let format: EmbeddedFormat
    /// The partition of the path; a record may not name one then.
    private let partition: PartitionIndex?
    private let maxRecords: Int
    private var entries: [RecordList.Entry] = []
    /// Decoded keys and values of the binary format.
    private var decoded = ByteBuffer()

    static func decode(
        _ body: ByteBuffer, as format: EmbeddedFormat, partition: Int32?, maxRecords: Int = .max,
        with scanner: inout JSONScanner
    ) throws(RESTProxyError) -> RecordList {
        var request = ProduceRequest(
            format: format, partition: partition.map(PartitionIndex.init), maxRecords: maxRecords)
        let result: Result<Void, RESTProxyError> = body.withUnsafeReadableBytes { bytes in
            do throws(RESTProxyError) {
                return .success(try request.scan(bytes, &scanner))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        guard !request.entries.isEmpty else {
            throw RESTProxyError(.invalidRequest, "records: there is none")
        }
        return RecordList(bytes: format == .json ? body : request.decoded, entries: request.entries)
    }

    private init(format: EmbeddedFormat, partition: PartitionIndex?, maxRecords: Int) {
        self.format = format
        self.partition = partition
        self.maxRecords = maxRecords
    }

    private mutating func scan(_ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner)
        throws(RESTProxyError)
    {
        do throws(JSONTextError) {
            scanner.reset(bytes)
            guard try scanner.peekKind() == .object else {
                _ = try scanner.value()
                throw JSONTextError(.unexpectedByte, at: -1)
            }
            try scanner.beginObject()
        } catch {
            guard error.offset >= 0 else {
                throw RESTProxyError(.invalidRequest, "the body is not a JSON object")
            }
            throw RESTProxyError(error)
        }
        while let name = try proxied({ () throws(JSONTextError) in try scanner.nextMember() }) {
            if scanner.matches(name, "records") {
                try scanRecords(bytes, &scanner)
            } else if scanner.matches(name, "key_schema") || scanner.matches(name, "key_schema_id")
                || scanner.matches(name, "value_schema") || scanner.matches(name, "value_schema_id")
            {
                _ = try proxied { () throws(JSONTextError) in try scanner.value() }
            } else {
                throw unrecognized(name, scanner)
            }
        }
        try proxied { () throws(JSONTextError) in try scanner.finish() }
    }

    private mutating func scanRecords(_ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner)
        throws(RESTProxyError)
    {
        guard try proxied({ () throws(JSONTextError) in try scanner.peekKind() }) == .array else {
            throw RESTProxyError(.invalidRequest, "records: not an array")
        }
        try proxied { () throws(JSONTextError) in try scanner.beginArray() }
        while try proxied({ () throws(JSONTextError) in try scanner.nextElement() }) {
            guard entries.count < maxRecords else {
                throw RESTProxyError(
                    .tooLarge, "records: more than \(maxRecords) (gateway.max.request.records)")
            }
            guard try proxied({ () throws(JSONTextError) in try scanner.peekKind() }) == .object else {
                throw RESTProxyError(.invalidRequest, "records[\(entries.count)]: not an object")
            }
            try proxied { () throws(JSONTextError) in try scanner.beginObject() }
            try scanRecord(bytes, &scanner)
        }
    }

    private mutating func scanRecord(_ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner)
        throws(RESTProxyError)
    {
        var entry = RecordList.Entry(value: nil, partition: partition)
        while let name = try proxied({ () throws(JSONTextError) in try scanner.nextMember() }) {
            let span = try proxied { () throws(JSONTextError) in try scanner.value() }
            if scanner.matches(name, "value") {
                entry.value = try slice(span, bytes, "value")
            } else if scanner.matches(name, "key") {
                entry.key = try slice(span, bytes, "key")
            } else if scanner.matches(name, "partition") {
                try setPartition(span, bytes, &entry)
            } else {
                throw unrecognized(name, scanner)
            }
        }
        entries.append(entry)
    }

    private mutating func slice(
        _ span: JSONValueSpan, _ bytes: UnsafeRawBufferPointer, _ member: String
    ) throws(RESTProxyError) -> RecordList.Slice? {
        guard span.kind != .null else { return nil }
        guard format == .binary else { return RecordList.Slice(span.range) }
        let content = UnsafeRawBufferPointer(
            rebasing: bytes[span.kind == .string ? span.content : span.range])
        var text: [UInt8] = []
        JSONText.unescape(content, into: &text)
        guard span.kind == .string, let data = Data(base64Encoded: Data(text)) else {
            throw RESTProxyError(
                .conversionFailed,
                "Conversion of JSON to Object failed: records[\(entries.count)].\(member) is no base64 string"
            )
        }
        let start = decoded.writerIndex
        decoded.writeBytes(data)
        return RecordList.Slice(start: start, count: data.count)
    }

    private func setPartition(
        _ span: JSONValueSpan, _ bytes: UnsafeRawBufferPointer, _ entry: inout RecordList.Entry
    ) throws(RESTProxyError) {
        guard span.kind != .null else { return }
        guard partition == nil else {
            throw RESTProxyError(
                .invalidRequest, "records[\(entries.count)].partition: the path names the partition")
        }
        guard span.kind == .number, let number = Int32(String(decoding: bytes[span.range], as: UTF8.self)),
            number >= 0
        else {
            throw RESTProxyError(
                .invalidRequest, "records[\(entries.count)].partition: not a number from 0 on")
        }
        entry.partition = PartitionIndex(number)
    }

    private func unrecognized(_ name: JSONMemberName, _ scanner: JSONScanner) -> RESTProxyError {
        let text = String(decoding: scanner.unescapedName(name).prefix(64), as: UTF8.self)
        return RESTProxyError(.invalidRequest, "Unrecognized field: \(text)")
    }

    @inline(__always)
    private func proxied<Value>(_ body: () throws(JSONTextError) -> Value) throws(RESTProxyError) -> Value {
        do throws(JSONTextError) {
            return try body()
        } catch {
            throw RESTProxyError(error)
        }
    }
}
