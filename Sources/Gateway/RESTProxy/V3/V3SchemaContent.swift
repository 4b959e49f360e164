import JSONText
import NIOCore
import SchemaFormats
import StreamModel

/// A key or a value that was written with a schema.
struct V3SchemaContent: Sendable {
    /// Nil is Kafka's null.
    var bytes: [UInt8]?
    var origin: V3Record.Origin
    var format: V3Format
}

/// Key and value of a record, as far as they have schemas.
struct V3SchemaContents: Sendable {
    var key: V3SchemaContent?
    var value: V3SchemaContent?
}

/// Writes keys and values with the schemas that their objects name.
struct V3SchemaWriter: Sendable {
    let registry: SchemaRegistry
    let topic: String
    /// Of a value within the data.
    let maxDepth: Int

    /// Values in the data of one record, containers and scalars together; past it 400.
    private static let maxValues = 2_000_000

    /// - Parameter text: what the spans point into.
    func contents(_ spans: V3RecordSpans, in text: ByteBuffer) async throws(V3Error) -> V3SchemaContents {
        V3SchemaContents(
            key: try await content(spans.key, isKey: true, text),
            value: try await content(spans.value, isKey: false, text))
    }

    private func content(
        _ spans: V3RecordSpans.Content?, isKey: Bool, _ text: ByteBuffer
    ) async throws(V3Error) -> V3SchemaContent? {
        guard let spans else { return nil }
        let wish: V3SchemaWish? = try text.withUnsafeReadableBytes { source in
            Result { () throws(V3Error) in try V3SchemaWish(spans, in: source) }
        }.get()
        guard let wish else { return nil }
        let choice = SchemaChoice(
            topic: topic, isKey: isKey, way: wish.way, subject: wish.subject, strategy: wish.strategy)
        let found: VersionedSchema
        do throws(SchemaFailure) { found = try await choice.schema(in: registry) } catch {
            throw V3Error(error)
        }
        let result = text.withUnsafeReadableBytes { source in
            Result { () throws(V3Error) in try write(spans.data, in: source, with: found.schema) }
        }
        return V3SchemaContent(
            bytes: try result.get(),
            origin: V3Record.Origin(
                subject: found.subject, schemaID: found.schema.id, version: found.version),
            format: V3Format(found.schema.kind))
    }

    private func write(
        _ data: JSONValueSpan?, in source: UnsafeRawBufferPointer, with schema: IdentifiedSchema
    ) throws(V3Error) -> [UInt8]? {
        guard let data else { return nil }
        let tree: JSONTree
        do throws(JSONTextError) {
            tree = try JSONTree(
                UnsafeRawBufferPointer(rebasing: source[data.range]), maxDepth: maxDepth,
                maxValues: Self.maxValues)
        } catch {
            throw .unreadable(error)
        }
        var bytes: [UInt8] = []
        do throws(SchemaFormatError) {
            _ = try schema.write(tree, to: &bytes)
        } catch {
            throw V3Error(.badRequest, "Bad Request: " + error.message)
        }
        return bytes
    }
}

/// What the object of a key or a value says of its schema.
private struct V3SchemaWish {
    var way: SchemaChoice.Way
    var subject: String?
    var strategy: SubjectNameStrategy

    /// Nil for a content without schema.
    ///
    /// - Throws: if its members contradict each other.
    init?(_ content: V3RecordSpans.Content, in source: UnsafeRawBufferPointer) throws(V3Error) {
        let type = try V3Format.type(of: content, in: source)
        guard type?.needsSchema != false else { return nil }
        let members = try Members(content.schemaMembers, source)
        guard members.subject == nil || members.strategy == nil else {
            throw Self.form("Only one of 'subject_name_strategy' or 'subject' can be used.")
        }
        guard [members.id != nil, members.version != nil, members.text != nil].count(where: \.self) < 2
        else {
            throw Self.form("Only one of 'schema_id', 'schema_version' or 'schema' can be used.")
        }
        subject = members.subject
        strategy = members.strategy ?? .topicName
        if let type, let kind = type.schemaKind {
            guard let text = members.text else {
                let other =
                    members.id.map { "schema_id=\($0)" }
                    ?? "schema_version=\(members.version.map(String.init) ?? "latest")"
                throw Self.form("'\(other)' cannot be used with 'type=\(type.rawValue)'.")
            }
            way = .text(kind, text)
        } else if let id = members.id {
            way = .id(id)
        } else if let version = members.version {
            way = .version(version)
        } else if members.text == nil {
            way = .latest
        } else {
            throw Self.form("'schema' needs a 'type'.")
        }
    }

    private static func form(_ text: String) -> V3Error {
        V3Error(.badRequest, "Error processing JSON: " + text)
    }

    private struct Members {
        var subject: String?
        var strategy: SubjectNameStrategy?
        var id: Int32?
        var version: Int?
        var text: String?

        init(
            _ spans: [String: JSONValueSpan], _ source: UnsafeRawBufferPointer
        ) throws(V3Error) {
            subject = try Self.string("subject", spans, source)
            text = try Self.string("schema", spans, source)
            if let word = try Self.string("subject_name_strategy", spans, source) {
                guard let known = SubjectNameStrategy(rawValue: word) else {
                    let words = SubjectNameStrategy.allCases.map(\.rawValue).joined(separator: ", ")
                    throw form("subject_name_strategy is not one of \(words): \(word.prefix(64))")
                }
                strategy = known
            }
            id = try Self.number("schema_id", spans, source)
            version = try Self.number("schema_version", spans, source).map(Int.init)
        }

        private static func string(
            _ name: String, _ spans: [String: JSONValueSpan], _ source: UnsafeRawBufferPointer
        ) throws(V3Error) -> String? {
            guard let span = spans[name] else { return nil }
            guard span.kind == .string else { throw form("\(name) is no string") }
            var plain: [UInt8] = []
            JSONText.unescape(UnsafeRawBufferPointer(rebasing: source[span.content]), into: &plain)
            return String(decoding: plain, as: UTF8.self)
        }

        private static func number(
            _ name: String, _ spans: [String: JSONValueSpan], _ source: UnsafeRawBufferPointer
        ) throws(V3Error) -> Int32? {
            guard let span = spans[name] else { return nil }
            let range = span.kind == .string ? span.content : span.range
            guard let number = Int32(String(decoding: source[range], as: UTF8.self)) else {
                throw form("\(name) is no number")
            }
            return number
        }
    }
}

extension V3RecordSpans {
    /// Whether its key or its value is to be written with a schema; what is wrong with it is told elsewhere.
    func needSchemas(in source: UnsafeRawBufferPointer) -> Bool {
        guard fault == nil else { return false }
        return [key, value].contains { content in
            guard let content else { return false }
            guard let type = content.type else { return true }
            guard type.kind == .string else { return false }
            return V3Format(rawValue: String(decoding: source[type.content], as: UTF8.self))?.needsSchema
                == true
        }
    }
}

extension V3Format {
    init(_ kind: SchemaKind) {
        switch kind {
        case .avro: self = .avro
        case .json: self = .jsonSchema
        case .protobuf: self = .protobuf
        }
    }

    var schemaKind: SchemaKind? {
        switch self {
        case .avro: .avro
        case .jsonSchema: .json
        case .protobuf: .protobuf
        case .binary, .json, .string: nil
        }
    }
}

extension V3Error {
    init(_ failure: SchemaFailure) {
        switch failure.code {
        case .badRequest: self.init(.badRequest, "Bad Request: " + failure.message)
        case .forbidden: self.init(.forbidden, failure.message)
        case .invalidSchema: self.init(.invalidSchema, "Invalid schema: " + failure.message)
        case .noSchema: self.init(.serializationFailed, "Error serializing message. " + failure.message)
        case .unfitValue: self.init(.badRequest, "Bad Request: " + failure.message)
        }
    }
}
