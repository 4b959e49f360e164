import JSONText
import NIOCore
import StreamModel

/// Reads PutRecord and PutRecords in JSON in one pass, base64 straight into the buffer that the log is given.
///
/// Only plain requests are read so: whatever is missing, wrong, escaped or unusual gives nil, and the request is read
/// again by its shape, which finds the words for what is wrong.
struct FastPut {
    private var request: PutRequest
    private let bytes: UnsafeRawBufferPointer
    private var scanner: JSONScanner

    /// Most records and longest partition key, in bytes, that need no second look.
    private static let maxRecords = 500
    private static let maxKeyBytes = 256
    private static let maxDepth = 4

    /// What is not read here.
    private enum Unusual: Error { case request }

    static func read(_ body: ByteBuffer, isBatch: Bool) -> PutRequest? {
        body.withUnsafeReadableBytes { bytes in
            var reader = FastPut(bytes, isBatch: isBatch)
            return try? reader.read()
        }
    }

    private init(_ bytes: UnsafeRawBufferPointer, isBatch: Bool) {
        self.bytes = bytes
        request = PutRequest(isBatch: isBatch)
        // Data is three quarters of its base64, and keys are as long as they are.
        request.records.bytes.reserveCapacity(bytes.count)
        scanner = JSONScanner(bytes, maxDepth: Self.maxDepth)
    }

    private mutating func read() throws -> PutRequest {
        var entry = RecordList.Entry(value: nil)
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            if request.isBatch, scanner.matches(name, "Records") {
                try readRecords()
            } else if scanner.matches(name, "StreamName") {
                request.target.name = try text()
            } else if scanner.matches(name, "StreamARN") {
                request.target.arn = try text()
            } else if !request.isBatch {
                try readMember(name, of: &entry)
            } else {
                throw Unusual.request
            }
        }
        try scanner.finish()
        if !request.isBatch { try add(entry) }
        guard !request.records.entries.isEmpty, isTargetPlain else { throw Unusual.request }
        return request
    }

    /// Exactly one name, and one that need not be looked at again.
    private var isTargetPlain: Bool {
        switch (request.target.name, request.target.arn) {
        case (let name?, nil):
            TextPattern.name.matches(name) && name.utf8.count <= StreamAddress.maxNameLength
        case (nil, let arn?): TextPattern.streamARN.matches(arn) && arn.utf8.count <= 2048
        default: false
        }
    }

    private mutating func readRecords() throws {
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard request.records.entries.count < Self.maxRecords else { throw Unusual.request }
            var entry = RecordList.Entry(value: nil)
            try scanner.beginObject()
            while let name = try scanner.nextMember() { try readMember(name, of: &entry) }
            try add(entry)
        }
    }

    private mutating func add(_ entry: RecordList.Entry) throws {
        guard entry.value != nil, entry.key != nil else { throw Unusual.request }
        request.records.entries.append(entry)
    }

    private mutating func readMember(_ name: JSONMemberName, of entry: inout RecordList.Entry) throws {
        if scanner.matches(name, "Data") {
            let start = request.records.bytes.writerIndex
            guard let count = BufferBase64.decode(try content(), into: &request.records.bytes) else {
                throw Unusual.request
            }
            entry.value = RecordList.Slice(start: start, count: count)
        } else if scanner.matches(name, "PartitionKey") {
            let key = try content()
            guard (1...Self.maxKeyBytes).contains(key.count) else { throw Unusual.request }
            entry.key = RecordList.Slice(start: request.records.bytes.writerIndex, count: key.count)
            request.records.bytes.writeBytes(key)
        } else if scanner.matches(name, "ExplicitHashKey") {
            guard let key = HashKey(try text()) else { throw Unusual.request }
            request.explicitHashKeys[request.records.entries.count] = key
        } else {
            throw Unusual.request
        }
    }

    /// The bytes of a string without escapes.
    private mutating func content() throws -> UnsafeRawBufferPointer {
        let span = try scanner.value()
        guard span.kind == .string, !span.hasEscapes else { throw Unusual.request }
        return UnsafeRawBufferPointer(rebasing: bytes[span.content])
    }

    private mutating func text() throws -> String {
        String(decoding: try content(), as: UTF8.self)
    }
}
