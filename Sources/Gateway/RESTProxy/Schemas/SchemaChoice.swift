import SchemaFormats
import StreamModel

/// How the subject of a schema is named; the raw values are those of `subject_name_strategy`.
enum SubjectNameStrategy: String, CaseIterable, Sendable {
    case topicName = "TOPIC_NAME"
    case recordName = "RECORD_NAME"
    case topicRecordName = "TOPIC_RECORD_NAME"

    /// - Parameter recordName: nil while the schema is not known, or has no name.
    func subject(topic: String, isKey: Bool, recordName: String?) -> String? {
        switch self {
        case .topicName: topic + (isKey ? "-key" : "-value")
        case .recordName: recordName
        case .topicRecordName: recordName.map { "\(topic)-\($0)" }
        }
    }
}

/// Why a value is not written with a schema.
struct SchemaFailure: Error, Equatable {
    enum Code: Sendable {
        /// What is asked for cannot be.
        case badRequest
        /// The registry does not let this server.
        case forbidden
        /// The text is no schema.
        case invalidSchema
        /// The schema cannot be had.
        case noSchema
        /// The value is none of the schema's.
        case unfitValue
    }

    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What the registry says, behind what was asked of it.
    init(_ error: SchemaRegistryError, _ what: String) {
        // The first three digits of a registry's number are the status of its answer.
        let isForbidden = error.number.map { $0 / 100 } == 403
        self.init(isForbidden ? .forbidden : .noSchema, what + "\n" + error.message)
    }
}

/// Which schema a key or a value is written with, in one of the ways of the peer.
struct SchemaChoice: Sendable {
    enum Way: Sendable {
        case id(Int32)
        case version(Int)
        case text(SchemaKind, String)
        case latest
    }

    var topic: String
    var isKey: Bool
    var way: Way
    var subject: String?
    var strategy = SubjectNameStrategy.topicName

    func schema(in registry: SchemaRegistry) async throws(SchemaFailure) -> VersionedSchema {
        switch way {
        case .id(let id): try await byID(id, registry)
        case .version(let version): try await byVersion(version, registry)
        case .text(let kind, let text): try await byText(kind, text, registry)
        case .latest: try await latest(registry)
        }
    }

    private func byID(_ id: Int32, _ registry: SchemaRegistry) async throws(SchemaFailure) -> VersionedSchema
    {
        let schema: IdentifiedSchema
        do throws(SchemaRegistryError) {
            schema = try await registry.schema(id: id)
        } catch {
            throw SchemaFailure(error, "Error when fetching schema by id. schemaId = \(id)")
        }
        let subject = try subject(of: schema.codec)
        do throws(SchemaRegistryError) {
            let version = try await registry.version(of: schema, in: subject)
            return VersionedSchema(subject: subject, version: version, schema: schema)
        } catch {
            throw SchemaFailure(
                error,
                "Error when fetching schema version. subject = \(subject), schema = \(schema.text.prefix(2_000))"
            )
        }
    }

    private func byVersion(
        _ version: Int, _ registry: SchemaRegistry
    ) async throws(SchemaFailure) -> VersionedSchema {
        let subject = try subjectWithoutSchema()
        do throws(SchemaRegistryError) {
            return try await registry.schema(subject: subject, version: version)
        } catch {
            guard error.code == .notFound else {
                throw SchemaFailure(
                    error,
                    "Error when fetching schema by version. subject = \(subject), version = \(version)")
            }
            throw SchemaFailure(
                .badRequest, "Schema does not exist for subject: \(subject), version: \(version)")
        }
    }

    private func byText(
        _ kind: SchemaKind, _ text: String, _ registry: SchemaRegistry
    ) async throws(SchemaFailure) -> VersionedSchema {
        let codec: any SchemaCodec
        do throws(SchemaFormatError) {
            codec = try SchemaCodecs.make(kind, text)
        } catch {
            throw SchemaFailure(
                .invalidSchema,
                "Error when parsing raw schema. format = \(kind.format), schema = \(text.prefix(2_000)): "
                    + error.message)
        }
        let subject = try subject(of: codec)
        do throws(SchemaRegistryError) {
            return try await registry.schema(kind, text: text, codec: codec, subject: subject)
        } catch {
            throw SchemaFailure(
                error,
                "Error when registering schema. format = \(kind.format), subject = \(subject), "
                    + "schema = \(text.prefix(2_000))")
        }
    }

    private func latest(_ registry: SchemaRegistry) async throws(SchemaFailure) -> VersionedSchema {
        let subject = try subjectWithoutSchema()
        do throws(SchemaRegistryError) {
            return try await registry.latestSchema(subject: subject)
        } catch {
            throw SchemaFailure(error, "Error when fetching latest schema version. subject = \(subject)")
        }
    }

    // MARK: Subjects

    private func subject(of codec: any SchemaCodec) throws(SchemaFailure) -> String {
        if let subject { return subject }
        guard let subject = strategy.subject(topic: topic, isKey: isKey, recordName: codec.recordName) else {
            throw SchemaFailure(
                .badRequest, "subject_name_strategy=\(strategy.rawValue) needs a schema of a named record")
        }
        return subject
    }

    private func subjectWithoutSchema() throws(SchemaFailure) -> String {
        if let subject { return subject }
        guard let subject = strategy.subject(topic: topic, isKey: isKey, recordName: nil) else {
            throw SchemaFailure(
                .badRequest,
                "Cannot use schema_subject_strategy=\(strategy.rawValue) without schema_id or schema.")
        }
        return subject
    }
}

extension SchemaKind {
    /// The proxy's word for it.
    var format: String { self == .json ? "JSONSCHEMA" : rawValue }
}
