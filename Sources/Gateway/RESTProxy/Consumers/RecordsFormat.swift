import JSONText
import NIOCore
import SchemaFormats
import StreamModel

/// How the records of a read are asked for and written.
enum RecordsFormat {
    /// The answer that the `Accept` header chooses: which format, and under which media type.
    struct Choice: Equatable, Sendable {
        var format: EmbeddedFormat
        var contentType: String
    }

    /// In the order in which the proxy prefers them.
    private static let choices = [
        Choice(format: .binary, contentType: MediaType.kafkaBinaryV2),
        Choice(format: .binary, contentType: MediaType.kafkaV2),
        Choice(format: .json, contentType: MediaType.kafkaJSONV2),
        Choice(format: .schema(.avro), contentType: MediaType.kafkaAvroV2),
        Choice(format: .schema(.json), contentType: MediaType.kafkaJSONSchemaV2),
        Choice(format: .schema(.protobuf), contentType: MediaType.kafkaProtobufV2),
    ]

    /// Nil if the client takes none of them.
    ///
    /// The range that names a type most exactly counts before its weight, and both before the proxy's preference.
    static func choose(_ accept: String?) -> Choice? {
        guard let accept, !accept.trimmingBlanks.isEmpty else { return choices.first }
        let ranges = accept.split(separator: ",").map(MediaRange.init)
        var best: (choice: Choice, exactness: Int, weight: Double)?
        for choice in choices {
            let matches = ranges.filter { $0.matches(choice.contentType) }
            guard let match = matches.max(by: { ($0.exactness, $0.weight) < ($1.exactness, $1.weight) }),
                match.weight > 0
            else { continue }
            if let best, (best.exactness, best.weight) >= (match.exactness, match.weight) { continue }
            best = (choice, match.exactness, match.weight)
        }
        return best?.choice
    }

    /// Says what keeps bytes from being handed out as JSON.
    static let jsonObjection: @Sendable (UnsafeRawBufferPointer) -> String? = { bytes in
        do throws(JSONTextError) {
            var scanner = JSONScanner(bytes, maxDepth: maxJSONDepth)
            _ = try scanner.value()
            try scanner.finish()
            return nil
        } catch {
            return "no JSON (\(error.message)); seek past it, or read with a binary instance"
        }
    }

    /// Records of Kafka clients may nest deeper than what this gateway takes itself.
    private static let maxJSONDepth = 1000

    // MARK: Writing

    /// `[{"topic", "key", "value", "partition", "offset"}, …]`; for formats with schemas there is `SchemaRecords`.
    static func write(
        _ polled: PolledRecords, as format: EmbeddedFormat, allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let contentBytes = format == .json ? polled.byteCount : polled.byteCount / 3 * 4
        var buffer = allocator.buffer(capacity: contentBytes + polled.records.count * 96 + 2)
        var scratch: [UInt8] = []
        buffer.writeStaticString("[")
        for (place, record) in polled.records.enumerated() {
            buffer.writeStaticString(place == 0 ? #"{"topic":"# : #",{"topic":"#)
            // The name of a topic has nothing to escape.
            buffer.writeStaticString("\"")
            buffer.writeString(record.partition.topic.rawValue)
            buffer.writeStaticString(#"","key":"#)
            write(record.key, of: polled, as: format, &buffer, &scratch)
            buffer.writeStaticString(#","value":"#)
            write(record.value, of: polled, as: format, &buffer, &scratch)
            buffer.writeStaticString(#","partition":"#)
            buffer.writeDecimal(Int64(record.partition.partition.rawValue))
            buffer.writeStaticString(#","offset":"#)
            buffer.writeDecimal(record.offset.rawValue)
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("]")
        return buffer
    }

    private static func write(
        _ slice: RecordList.Slice?, of polled: PolledRecords, as format: EmbeddedFormat,
        _ buffer: inout ByteBuffer, _ scratch: inout [UInt8]
    ) {
        guard let slice else {
            _ = buffer.writeStaticString("null")
            return
        }
        let content = polled.content(slice)
        switch format {
        case .json: buffer.writeImmutableBuffer(content)
        case .binary, .schema:
            scratch.removeAll(keepingCapacity: true)
            content.withUnsafeReadableBytes { Base64.encode($0, into: &scratch) }
            buffer.writeStaticString("\"")
            buffer.writeBytes(scratch)
            buffer.writeStaticString("\"")
        }
    }
}

/// One range of an `Accept` header.
private struct MediaRange {
    private let type: String
    let weight: Double

    init(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.lowercased().trimmingBlanks }
        type = parts.first ?? ""
        let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
        self.weight = weight ?? 1
    }

    var exactness: Int {
        if type == "*/*" { return 0 }
        return type.hasSuffix("/*") ? 1 : 2
    }

    func matches(_ contentType: String) -> Bool {
        switch exactness {
        case 0: true
        case 1: contentType.hasPrefix(type.dropLast())
        default: contentType == type
        }
    }
}
