import JSONText
import NIOCore
import SchemaFormats
import StreamModel

/// Records that were read, as JSON by the schemas they were written with.
struct SchemaRecords {
    private let kind: SchemaKind
    private let registry: SchemaRegistry
    /// More bytes of answer are not written: what is left is read again by the next read.
    private let maxBytes: Int
    private var json = JSONWriter()

    /// What became of a read.
    struct Outcome: Sendable {
        /// The answer, as far as it got.
        var body: [UInt8]
        /// The records that are not in it, and why; they are to be read again.
        var rest: ArraySlice<PolledRecords.Record>
        var error: RESTProxyError?
    }

    static func write(
        _ polled: PolledRecords, as kind: SchemaKind, _ registry: SchemaRegistry, maxBytes: Int
    ) async -> Outcome {
        var records = SchemaRecords(kind: kind, registry: registry, maxBytes: maxBytes)
        return await records.write(polled)
    }

    private init(kind: SchemaKind, registry: SchemaRegistry, maxBytes: Int) {
        self.kind = kind
        self.registry = registry
        self.maxBytes = maxBytes
    }

    private mutating func write(_ polled: PolledRecords) async -> Outcome {
        var error: RESTProxyError?
        var written = 0
        json.beginArray()
        for record in polled.records where error == nil {
            if written > 0, json.bytes.count > maxBytes { break }
            do throws(RESTProxyError) {
                let key = try await content(record.key, of: polled)
                let value = try await content(record.value, of: polled)
                append(record, key: key, value: value)
                written += 1
            } catch let fault {
                error = RESTProxyError(
                    fault.code,
                    "\(record.partition.topic)-\(record.partition.partition) at offset \(record.offset): "
                        + fault.message)
            }
        }
        json.endArray()
        return Outcome(body: json.bytes, rest: polled.records[written...], error: error)
    }

    private mutating func append(_ record: PolledRecords.Record, key: [UInt8], value: [UInt8]) {
        json.object {
            $0.member("topic", record.partition.topic.rawValue)
            $0.key("key")
            $0.json(key)
            $0.key("value")
            $0.json(value)
            $0.member("partition", record.partition.partition.rawValue)
            $0.member("offset", record.offset.rawValue)
        }
    }

    private func content(
        _ slice: RecordList.Slice?, of polled: PolledRecords
    ) async throws(RESTProxyError) -> [UInt8] {
        guard let slice else { return Array("null".utf8) }
        let bytes = polled.content(slice)
        guard let id = bytes.withUnsafeReadableBytes(WireForm.schemaID) else {
            throw Self.unreadable("it does not begin with the id of a schema")
        }
        let schema: IdentifiedSchema
        do throws(SchemaRegistryError) {
            schema = try await registry.schema(id: id)
        } catch {
            throw error.code == .unavailable
                ? RESTProxyError(.retriableKafkaError, "Kafka error: " + error.message)
                : Self.unreadable("schema \(id) cannot be had (\(error.message))")
        }
        guard schema.kind == kind else {
            throw Self.unreadable("it was written with schema \(id) of type \(schema.kind.rawValue)")
        }
        let result: Result<[UInt8], SchemaFormatError> = bytes.withUnsafeReadableBytes { raw in
            Result { () throws(SchemaFormatError) in
                var writer = JSONWriter(reserving: 2 * raw.count)
                try schema.codec.decode(
                    UnsafeRawBufferPointer(rebasing: raw[WireForm.headerBytes...]), into: &writer)
                return writer.bytes
            }
        }
        do throws(SchemaFormatError) {
            return try result.get()
        } catch {
            throw Self.unreadable("it is nothing of schema \(id) (\(error.message))")
        }
    }

    private static func unreadable(_ why: String) -> RESTProxyError {
        RESTProxyError(
            .unreadableRecord,
            "the record cannot be read: \(why); seek past it, or read with a binary instance")
    }
}
