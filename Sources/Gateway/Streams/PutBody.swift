import JSONText
import NIOCore
import StreamModel

/// The body of `PUT …/streams/{name}/record` and `…/records`: where the data and the partition key of each record lie.
///
/// - `record`: `{"Data": any JSON, "PartitionKey": text or number}`
/// - `records`: `{"records": [{"data": any JSON, "partition-key": text or number}, …]}`
///
/// Either spelling of a member is taken in both; the one of the form above wins where both are there. All other
/// members are ignored, `StreamName` too: the path names the stream. What is stored is the JSON text of the data as it
/// was sent, unless the data is a string: see `DataForm`.
struct PutBody {
    /// Which bytes of the data become the record.
    enum DataForm: Sendable {
        /// The JSON text: a string keeps its quotes.
        case json
        /// The JSON text, but of a string the text without its quotes.
        case text
        /// The bytes that a base64 string stands for: the native form of Kinesis, passed on.
        case base64
    }

    /// Most records of one request, as at Kinesis.
    static let maxRecords = 500
    /// Longest partition key in characters, as at Kinesis.
    static let maxKeyLength = 256

    private let form: DataForm
    /// A record without data is stored as `""`, as the cloud did.
    private let storesEmptyData: Bool
    private let bodyCount: Int
    private var entries: [RecordList.Entry] = []
    /// What cannot be stored as it stands in the body; it is put behind it.
    private var decoded: [UInt8] = []

    private init(_ body: ByteBuffer, _ form: DataForm, storesEmptyData: Bool) {
        self.form = form
        self.storesEmptyData = storesEmptyData
        bodyCount = body.readableBytes
    }

    /// The one record of a body, its partition key as key.
    static func record(
        _ body: ByteBuffer, as form: DataForm, storesEmptyData: Bool, with scanner: inout JSONScanner
    ) throws(StreamsError) -> RecordList {
        try decode(body, form, storesEmptyData) { (put, bytes) throws(StreamsError) in
            try put.scanRecord(bytes, &scanner)
        }
    }

    /// The records of a body in their order, their partition keys as keys.
    static func records(
        _ body: ByteBuffer, as form: DataForm, storesEmptyData: Bool, with scanner: inout JSONScanner
    ) throws(StreamsError) -> RecordList {
        try decode(body, form, storesEmptyData) { (put, bytes) throws(StreamsError) in
            try put.scanRecords(bytes, &scanner)
        }
    }

    private static func decode(
        _ body: ByteBuffer, _ form: DataForm, _ storesEmptyData: Bool,
        _ scan: (inout PutBody, UnsafeRawBufferPointer) throws(StreamsError) -> Void
    ) throws(StreamsError) -> RecordList {
        var put = PutBody(body, form, storesEmptyData: storesEmptyData)
        let result: Result<Void, StreamsError> = body.withUnsafeReadableBytes { bytes in
            Result { () throws(StreamsError) in try scan(&put, bytes) }
        }
        try result.get()
        var bytes = body
        if !put.decoded.isEmpty { bytes.writeBytes(put.decoded) }
        return RecordList(bytes: bytes, entries: put.entries)
    }

    // MARK: Bodies

    private static let expectedRecord = #"expected {"Data": any JSON, "PartitionKey": "text"}"#
    private static let expectedRecords =
        #"expected {"records": [{"data": any JSON, "partition-key": "text"}, …]}"#

    private mutating func scanRecord(_ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner)
        throws(StreamsError)
    {
        scanner.reset(bytes)
        let isObject = try read { () throws(JSONTextError) in try scanner.peekKind() == .object }
        let found = isObject ? try scanMembers(bytes, &scanner) : try notAnObject(&scanner)
        try read { () throws(JSONTextError) in try scanner.finish() }
        try add(found, bytes, at: nil)
    }

    private mutating func scanRecords(_ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner)
        throws(StreamsError)
    {
        scanner.reset(bytes)
        var hasRecords = false
        if try read({ () throws(JSONTextError) in try scanner.peekKind() == .object }) {
            try read { () throws(JSONTextError) in try scanner.beginObject() }
            while let name = try read({ () throws(JSONTextError) in try scanner.nextMember() }) {
                let isList = scanner.matches(name, "records") || scanner.matches(name, "Records")
                guard isList, !hasRecords else {
                    _ = try read { () throws(JSONTextError) in try scanner.value() }
                    continue
                }
                hasRecords = true
                try scanList(bytes, &scanner)
            }
        } else {
            _ = try notAnObject(&scanner)
        }
        try read { () throws(JSONTextError) in try scanner.finish() }
        guard hasRecords else {
            throw .validation(
                "1 validation error detected: Value null at 'records' failed to satisfy constraint: "
                    + "Member must not be null; \(Self.expectedRecords)")
        }
        guard !entries.isEmpty else {
            throw .constraint("'[]'", at: "records", "Member must have length greater than or equal to 1")
        }
    }

    private mutating func scanList(_ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner)
        throws(StreamsError)
    {
        guard try read({ () throws(JSONTextError) in try scanner.peekKind() }) == .array else {
            throw .serialization("records is not a list: \(Self.expectedRecords)")
        }
        try read { () throws(JSONTextError) in try scanner.beginArray() }
        while try read({ () throws(JSONTextError) in try scanner.nextElement() }) {
            guard entries.count < Self.maxRecords else {
                throw .constraint(
                    "'[…]'", at: "records",
                    "Member must have length less than or equal to \(Self.maxRecords)")
            }
            let isObject = try read { () throws(JSONTextError) in try scanner.peekKind() == .object }
            let found = isObject ? try scanMembers(bytes, &scanner) : try notAnObject(&scanner)
            try add(found, bytes, at: entries.count)
        }
    }

    // MARK: Records

    /// What the members of a record are.
    private struct Members {
        var data: JSONValueSpan?
        var dataIsExact = false
        var key: JSONValueSpan?
        var keyIsExact = false
        /// A member `records` or `value`, as a body for a topic has it.
        var looksLikeTopic = false
    }

    private func scanMembers(_ bytes: UnsafeRawBufferPointer, _ scanner: inout JSONScanner)
        throws(StreamsError) -> Members
    {
        var found = Members()
        try read { () throws(JSONTextError) in try scanner.beginObject() }
        while let name = try read({ () throws(JSONTextError) in try scanner.nextMember() }) {
            let span = try read { () throws(JSONTextError) in try scanner.value() }
            if scanner.matches(name, "Data") || scanner.matches(name, "data") {
                let isExact = isExact(name, bytes, UInt8(ascii: "D"))
                if found.data == nil || isExact && !found.dataIsExact { found.data = span }
                found.dataIsExact = found.dataIsExact || isExact
            } else if scanner.matches(name, "PartitionKey") || scanner.matches(name, "partition-key")
                || scanner.matches(name, "partitionKey")
            {
                let isExact = isExact(name, bytes, UInt8(ascii: "P"))
                if found.key == nil || isExact && !found.keyIsExact { found.key = span }
                found.keyIsExact = found.keyIsExact || isExact
            } else if scanner.matches(name, "records") || scanner.matches(name, "value") {
                found.looksLikeTopic = true
            }
        }
        return found
    }

    /// A name in the spelling of the form that is read: with a capital in `record`, without in `records`.
    private func isExact(_ name: JSONMemberName, _ bytes: UnsafeRawBufferPointer, _ capital: UInt8) -> Bool {
        let startsWithCapital = bytes[name.range.lowerBound] == capital
        return startsWithCapital == (form == .json)
    }

    private func notAnObject(_ scanner: inout JSONScanner) throws(StreamsError) -> Members {
        _ = try read { () throws(JSONTextError) in try scanner.value() }
        return Members()
    }

    private mutating func add(_ found: Members, _ bytes: UnsafeRawBufferPointer, at index: Int?)
        throws(StreamsError)
    {
        let value = try data(found, bytes, index)
        let key = try key(found.key, bytes, index)
        entries.append(RecordList.Entry(key: key, value: value))
    }

    private mutating func data(_ found: Members, _ bytes: UnsafeRawBufferPointer, _ index: Int?)
        throws(StreamsError) -> RecordList.Slice
    {
        guard let span = found.data, span.kind != .null else {
            if storesEmptyData { return append(Array("\"\"".utf8)) }
            throw missingData(found, index)
        }
        switch (form, span.kind) {
        case (.text, .string): return text(of: span, bytes)
        case (.json, _), (.text, _): return RecordList.Slice(span.range)
        case (.base64, .string):
            let content = text(of: span, bytes)
            return try decodeBase64(content, bytes, index)
        case (.base64, _):
            throw .serialization(
                "\(Self.place(index, "Data")): with Content-Type application/x-amz-json-1.1 data is a base64 string; "
                    + "send application/json to have any JSON stored")
        }
    }

    private mutating func decodeBase64(
        _ content: RecordList.Slice, _ bytes: UnsafeRawBufferPointer, _ index: Int?
    ) throws(StreamsError) -> RecordList.Slice {
        var plain: [UInt8] = []
        let range = content.start..<content.start + content.count
        let isBase64 =
            if range.lowerBound < bodyCount {
                Base64.decode(UnsafeRawBufferPointer(rebasing: bytes[range]), into: &plain)
            } else {
                decoded[(range.lowerBound - bodyCount)..<(range.upperBound - bodyCount)].withUnsafeBytes {
                    Base64.decode($0, into: &plain)
                }
            }
        guard isBase64 else { throw .serialization("\(Self.place(index, "Data")): not a base64 string") }
        return append(plain)
    }

    private mutating func key(_ span: JSONValueSpan?, _ bytes: UnsafeRawBufferPointer, _ index: Int?)
        throws(StreamsError) -> RecordList.Slice
    {
        let member = index.map { "records.\($0 + 1).member.partitionKey" } ?? "partitionKey"
        let slice: RecordList.Slice
        switch span?.kind {
        case .string: slice = span.map { text(of: $0, bytes) } ?? RecordList.Slice(start: 0, count: 0)
        case .number, .true, .false: slice = span.map { .init($0.range) } ?? .init(start: 0, count: 0)
        case .null, nil: slice = RecordList.Slice(start: 0, count: 0)
        case .object, .array:
            throw .serialization("\(Self.place(index, "PartitionKey")): neither a string nor a number")
        }
        guard slice.count > 0 else {
            throw .constraint("''", at: member, "Member must have length greater than or equal to 1")
        }
        guard slice.count <= Self.maxKeyLength || length(slice, bytes) <= Self.maxKeyLength else {
            throw .constraint(
                "'…'", at: member, "Member must have length less than or equal to \(Self.maxKeyLength)")
        }
        return slice
    }

    private func length(_ slice: RecordList.Slice, _ bytes: UnsafeRawBufferPointer) -> Int {
        let range = slice.start..<slice.start + slice.count
        let isInBody = range.lowerBound < bodyCount
        let text =
            isInBody
            ? String(decoding: bytes[range], as: UTF8.self)
            : String(
                decoding: decoded[(range.lowerBound - bodyCount)..<(range.upperBound - bodyCount)],
                as: UTF8.self)
        return text.unicodeScalars.count
    }

    /// The text of a string: where it stands, or unescaped behind the body.
    private mutating func text(of span: JSONValueSpan, _ bytes: UnsafeRawBufferPointer) -> RecordList.Slice {
        guard span.hasEscapes else { return RecordList.Slice(span.content) }
        var plain: [UInt8] = []
        JSONText.unescape(UnsafeRawBufferPointer(rebasing: bytes[span.content]), into: &plain)
        return append(plain)
    }

    private mutating func append(_ plain: [UInt8]) -> RecordList.Slice {
        let slice = RecordList.Slice(start: bodyCount + decoded.count, count: plain.count)
        decoded += plain
        return slice
    }

    // MARK: Words

    private func missingData(_ found: Members, _ index: Int?) -> StreamsError {
        let member = index.map { "records.\($0 + 1).member.data" } ?? "data"
        let expected = index == nil ? Self.expectedRecord : Self.expectedRecords
        let hint =
            found.looksLikeTopic
            ? #"; a body of {"records": [{"value": …}]} belongs at POST …/topics/{topic}"# : ""
        return .validation(
            "1 validation error detected: Value null at '\(member)' failed to satisfy constraint: "
                + "Member must not be null; \(expected)\(hint)")
    }

    private static func place(_ index: Int?, _ member: String) -> String {
        index.map { "records[\($0)].\(member)" } ?? member
    }

    @inline(__always)
    private func read<Value>(_ body: () throws(JSONTextError) -> Value) throws(StreamsError) -> Value {
        do throws(JSONTextError) {
            return try body()
        } catch {
            throw .unreadable(error)
        }
    }
}
