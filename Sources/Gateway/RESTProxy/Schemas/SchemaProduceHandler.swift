import JSONText
import NIOCore
import SchemaFormats
import StreamModel

/// Produce requests of REST Proxy v2 whose records have schemas; in a task, since it may wait for the registry.
struct SchemaProduceHandler: GatewayHandler {
    let kind: SchemaKind
    let path: ProducePath
    let registry: SchemaRegistry
    let appender: any RecordAppender
    let counters: GatewayCounters
    let settings: GatewaySettings

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        RESTProxyHandler { (request) throws(RESTProxyError) in try await produce(request) }
            .handle(request, exchange)
    }

    private func produce(_ request: GatewayRequest) async throws(RESTProxyError) -> GatewayResponse {
        guard AcceptHeader.allowsJSON(request.head.accept) else { throw .notAcceptable }
        guard let topic = path.topic else { throw .invalidTopic(path.text) }
        let wish = try SchemaProduceRequest(
            request.body, partition: path.partition, maxRecords: settings.maxRequestRecords,
            maxDepth: settings.maxJSONDepth)
        let key = try await schema(wish.keySchema, topic, isKey: true)
        let value = try await schema(wish.valueSchema, topic, isKey: false)
        var list = try Self.list(wish.records, key: key, value: value)
        list.once = request.once
        let receipt = try await append(list, to: topic)
        counters.count(records: list.entries.count, bytes: request.body.readableBytes)
        var body = ByteBuffer()
        RESTProxyAnswer.write(
            receipt, recordCount: list.entries.count, keySchemaID: key?.schema.id,
            valueSchemaID: value?.schema.id, to: &body)
        return GatewayResponse(status: 200, contentType: MediaType.kafkaV2, body: body)
    }

    /// Nil if none was named.
    private func schema(
        _ wish: SchemaProduceRequest.Schema, _ topic: TopicName, isKey: Bool
    ) async throws(RESTProxyError) -> VersionedSchema? {
        let way: SchemaChoice.Way
        switch (wish.id, wish.text) {
        case (nil, nil): return nil
        case (let id?, nil): way = .id(id)
        case (nil, let text?): way = .text(kind, text)
        default:
            let word = isKey ? "key_schema" : "value_schema"
            throw RESTProxyError(
                .unreadableRequest, "Unsupported argument: \(word) and \(word)_id exclude each other")
        }
        do throws(SchemaFailure) {
            let found = try await SchemaChoice(topic: topic.rawValue, isKey: isKey, way: way)
                .schema(in: registry)
            guard found.schema.kind == kind else {
                throw SchemaFailure(
                    .noSchema,
                    "Schema \(found.schema.id) is of type \(found.schema.kind.rawValue), not "
                        + "\(kind.rawValue) as the Content-Type says.")
            }
            return found
        } catch {
            throw RESTProxyError(error)
        }
    }

    /// All records, or the first reason why one cannot be written.
    static func list(
        _ records: [SchemaProduceRequest.Record], key: VersionedSchema?, value: VersionedSchema?
    ) throws(RESTProxyError) -> RecordList {
        var bytes: [UInt8] = []
        var entries: [RecordList.Entry] = []
        entries.reserveCapacity(records.count)
        for (place, record) in records.enumerated() {
            var entry = RecordList.Entry(value: nil, partition: record.partition)
            do throws(SchemaFormatError) {
                if !record.key.isNull {
                    guard let key else { throw SchemaFormatError(.invalidSchema, "") }
                    entry.key = RecordList.Slice(try key.schema.write(record.key, to: &bytes))
                }
            } catch {
                throw error.code == .invalidSchema ? .noKeySchema : .unfit(error, place, "key")
            }
            do throws(SchemaFormatError) {
                if !record.value.isNull {
                    guard let value else { throw SchemaFormatError(.invalidSchema, "") }
                    entry.value = RecordList.Slice(try value.schema.write(record.value, to: &bytes))
                }
            } catch {
                throw error.code == .invalidSchema ? .noValueSchema : .unfit(error, place, "value")
            }
            entries.append(entry)
        }
        return RecordList(bytes: ByteBuffer(bytes: bytes), entries: entries)
    }

    private func append(
        _ list: RecordList, to topic: TopicName
    ) async throws(RESTProxyError) -> AppendReceipt {
        let result = await withCheckedContinuation { continuation in
            appender.append(list, to: topic) { continuation.resume(returning: $0) }
        }
        do throws(AppendError) { return try result.get() } catch { throw RESTProxyError(error) }
    }
}

extension IdentifiedSchema {
    /// Appends a value in its wire form; returns where it lies.
    func write(_ value: JSONTree, to bytes: inout [UInt8]) throws(SchemaFormatError) -> Range<Int> {
        let start = bytes.count
        WireForm.appendHeader(schemaID: id, to: &bytes)
        try codec.encode(value, into: &bytes)
        return start..<bytes.count
    }
}

extension RESTProxyError {
    static let noKeySchema = RESTProxyError(
        .noKeySchema, "Request includes keys but does not include key schema")
    static let noValueSchema = RESTProxyError(
        .noValueSchema, "Request includes values but does not include value schema")

    static func invalidTopic(_ text: String) -> RESTProxyError {
        RESTProxyError(
            .kafkaBadRequest,
            "Invalid topic name '\(text.prefix(260))': 1 to 249 of the characters a-z A-Z 0-9 . _ - are allowed"
        )
    }

    static func unfit(_ error: SchemaFormatError, _ place: Int, _ member: String) -> RESTProxyError {
        RESTProxyError(
            .conversionFailed,
            "Conversion of JSON to Object failed: records[\(place)].\(member): \(error.message)")
    }

    init(_ failure: SchemaFailure) {
        switch failure.code {
        case .badRequest: self.init(.unreadableRequest, failure.message)
        case .forbidden: self.init(.forbidden, failure.message)
        case .invalidSchema: self.init(.invalidSchema, "Invalid schema: " + failure.message)
        case .noSchema: self.init(.serializationFailed, "Error serializing message. " + failure.message)
        case .unfitValue:
            self.init(.conversionFailed, "Conversion of JSON to Object failed: " + failure.message)
        }
    }
}
