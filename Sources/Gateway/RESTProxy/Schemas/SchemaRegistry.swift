import Foundation
import JSONText
import SchemaFormats

/// A schema under its id.
struct IdentifiedSchema: Sendable {
    var id: Int32
    var kind: SchemaKind
    var text: String
    var references: [SchemaReference]
    var codec: any SchemaCodec
}

/// A schema as a version of a subject.
struct VersionedSchema: Sendable {
    var subject: String
    var version: Int
    var schema: IdentifiedSchema
}

/// The name under which a schema knows another one, and where that one is.
struct SchemaReference: Sendable, Hashable {
    var name: String
    var subject: String
    var version: Int
}

/// Asks a schema registry, and remembers what never changes.
package final class SchemaRegistry: Sendable {
    private struct SubjectVersion: Hashable {
        var subject: String
        var version: Int
    }

    private struct SubjectSchema: Hashable {
        var subject: String
        var kind: SchemaKind
        var text: String
    }

    private let transport: any SchemaRegistryTransport
    private let byID: SchemaCache<Int32, IdentifiedSchema>
    private let byVersion: SchemaCache<SubjectVersion, VersionedSchema>
    private let byText: SchemaCache<SubjectSchema, VersionedSchema>
    private let versionOfID: SchemaCache<SubjectVersion, Int>
    private let latest: SchemaCache<String, VersionedSchema>
    private let referred: SchemaCache<SubjectVersion, Answer>

    /// Schemas that one schema refers to, directly or not.
    private static let maxReferences = 500

    /// Nil without a URL.
    package convenience init?(_ settings: SchemaRegistrySettings) {
        guard !settings.urls.isEmpty else { return nil }
        self.init(settings, HTTPRegistryTransport(settings))
    }

    init(
        _ settings: SchemaRegistrySettings, _ transport: any SchemaRegistryTransport,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    ) {
        self.transport = transport
        byID = SchemaCache(maxEntries: settings.cacheEntries)
        byVersion = SchemaCache(maxEntries: settings.cacheEntries)
        byText = SchemaCache(maxEntries: settings.cacheEntries)
        versionOfID = SchemaCache(maxEntries: settings.cacheEntries)
        referred = SchemaCache(maxEntries: settings.cacheEntries)
        latest = SchemaCache(
            maxEntries: settings.cacheEntries, lifetime: .milliseconds(settings.latestCacheMilliseconds),
            now: now)
    }

    /// Closes the connections to the registry.
    package func shutDown() async { await transport.shutDown() }

    // MARK: Asking

    /// The schema of an id.
    func schema(id: Int32) async throws(SchemaRegistryError) -> IdentifiedSchema {
        try await byID.value(for: id) { () throws(SchemaRegistryError) in
            let answer = try Answer(await self.transport.send(.get, "/schemas/ids/\(id)", body: nil))
            return try await self.identified(answer, id: id)
        }
    }

    /// Which version of a subject a schema is.
    func version(of schema: IdentifiedSchema, in subject: String) async throws(SchemaRegistryError) -> Int {
        let key = SubjectVersion(subject: subject, version: Int(schema.id))
        return try await versionOfID.value(for: key) { () throws(SchemaRegistryError) in
            let answer = try await self.lookUp(
                schema.kind, schema.text, references: schema.references, in: subject)
            return try answer.number(answer.version, "version")
        }
    }

    func schema(
        subject: String, version: Int
    ) async throws(SchemaRegistryError) -> VersionedSchema {
        let key = SubjectVersion(subject: subject, version: version)
        return try await byVersion.value(for: key) { () throws(SchemaRegistryError) in
            try await self.versioned(
                Answer(
                    await self.transport.send(
                        .get, "\(Self.path(subject))/versions/\(version)", body: nil)), of: subject)
        }
    }

    func latestSchema(subject: String) async throws(SchemaRegistryError) -> VersionedSchema {
        try await latest.value(for: subject) { () throws(SchemaRegistryError) in
            try await self.versioned(
                Answer(
                    await self.transport.send(.get, "\(Self.path(subject))/versions/latest", body: nil)),
                of: subject)
        }
    }

    /// A schema by its text, which becomes a version of the subject if it is none yet.
    ///
    /// - Parameter codec: what the text was read as.
    func schema(
        _ kind: SchemaKind, text: String, codec: any SchemaCodec, subject: String
    ) async throws(SchemaRegistryError) -> VersionedSchema {
        let key = SubjectSchema(subject: subject, kind: kind, text: text)
        return try await byText.value(for: key) { () throws(SchemaRegistryError) in
            let answer: Answer
            do throws(SchemaRegistryError) {
                answer = try await self.lookUp(kind, text, references: [], in: subject)
            } catch {
                guard error.code == .notFound else { throw error }
                _ = try await self.transport.send(
                    .post, "\(Self.path(subject))/versions", body: Self.body(kind, text, []))
                answer = try await self.lookUp(kind, text, references: [], in: subject)
            }
            let id = try answer.schemaID(nil)
            return VersionedSchema(
                subject: subject, version: try answer.number(answer.version, "version"),
                schema: IdentifiedSchema(id: id, kind: kind, text: text, references: [], codec: codec))
        }
    }

    private func lookUp(
        _ kind: SchemaKind, _ text: String, references: [SchemaReference], in subject: String
    ) async throws(SchemaRegistryError) -> Answer {
        try Answer(
            await transport.send(.post, Self.path(subject), body: Self.body(kind, text, references)))
    }

    private static func path(_ subject: String) -> String { "/subjects/\(PathPart.encode(subject))" }

    static func body(_ kind: SchemaKind, _ text: String, _ references: [SchemaReference]) -> [UInt8] {
        JSONWriter.bytes { json in
            json.object {
                $0.member("schema", text)
                // The kind that is meant where none is told, as in registries that know no other one.
                if kind != .avro { $0.member("schemaType", kind.rawValue) }
                guard !references.isEmpty else { return }
                $0.member(
                    "references",
                    array: {
                        for reference in references {
                            $0.object {
                                $0.member("name", reference.name)
                                $0.member("subject", reference.subject)
                                $0.member("version", reference.version)
                            }
                        }
                    })
            }
        }
    }

    // MARK: Reading answers

    private func versioned(
        _ answer: Answer, of subject: String
    ) async throws(SchemaRegistryError) -> VersionedSchema {
        let schema = try await identified(answer, id: nil)
        return VersionedSchema(
            subject: answer.subject ?? subject, version: try answer.number(answer.version, "version"),
            schema: schema)
    }

    private func identified(
        _ answer: Answer, id: Int32?
    ) async throws(SchemaRegistryError) -> IdentifiedSchema {
        let text = try answer.schemaText()
        var seen: Set<SchemaReference> = []
        let references = try await resolve(answer.references, &seen)
        let found = try answer.schemaID(id)
        do throws(SchemaFormatError) {
            return IdentifiedSchema(
                id: found, kind: answer.kind, text: text, references: answer.references,
                codec: try SchemaCodecs.make(answer.kind, text, references: references))
        } catch {
            throw SchemaRegistryError(.unusable, error.message)
        }
    }

    /// The schemas that are referred to; what they refer to themselves stands before them.
    private func resolve(
        _ references: [SchemaReference], _ seen: inout Set<SchemaReference>
    ) async throws(SchemaRegistryError) -> [NamedSchema] {
        var resolved: [NamedSchema] = []
        for reference in references where seen.insert(reference).inserted {
            guard seen.count <= Self.maxReferences else {
                throw SchemaRegistryError(
                    .unusable, "a schema refers to more than \(Self.maxReferences) others")
            }
            let key = SubjectVersion(subject: reference.subject, version: reference.version)
            let answer = try await referred.value(for: key) { () throws(SchemaRegistryError) in
                try Answer(
                    await self.transport.send(
                        .get, "\(Self.path(key.subject))/versions/\(key.version)", body: nil))
            }
            resolved += try await resolve(answer.references, &seen)
            resolved.append(NamedSchema(name: reference.name, text: try answer.schemaText()))
        }
        return resolved
    }
}

extension SchemaRegistry {
    /// What a registry tells of a schema; which members there are depends on the request.
    private struct Answer: Sendable {
        var id: Int64?
        var subject: String?
        var version: Int64?
        var text: String?
        var kind: SchemaKind
        var references: [SchemaReference] = []

        init(_ bytes: [UInt8]) throws(SchemaRegistryError) {
            let tree: JSONTree
            do throws(JSONTextError) {
                tree = try JSONTree(bytes)
            } catch {
                throw SchemaRegistryError(.unusable, "the schema registry answers no JSON: \(error.message)")
            }
            id = tree["id"]?.integer
            subject = tree["subject"]?.text
            version = tree["version"]?.integer
            text = tree["schema"]?.text
            let word = tree["schemaType"]?.text ?? SchemaKind.avro.rawValue
            guard let kind = SchemaKind(rawValue: word) else {
                throw SchemaRegistryError(.unusable, "schemas of type \(word.prefix(40)) are not known")
            }
            self.kind = kind
            for reference in tree["references"]?.elements ?? [] {
                guard let name = reference["name"]?.text, let subject = reference["subject"]?.text,
                    let version = reference["version"]?.integer.flatMap({ Int(exactly: $0) })
                else {
                    throw SchemaRegistryError(.unusable, "the schema registry tells half a reference")
                }
                references.append(SchemaReference(name: name, subject: subject, version: version))
            }
        }

        func schemaText() throws(SchemaRegistryError) -> String {
            guard let text else {
                throw SchemaRegistryError(.unusable, "the schema registry tells no schema")
            }
            return text
        }

        func number(_ number: Int64?, _ name: String) throws(SchemaRegistryError) -> Int {
            guard let number = number.flatMap({ Int(exactly: $0) }) else {
                throw SchemaRegistryError(.unusable, "the schema registry tells no \(name)")
            }
            return number
        }

        /// - Parameter asked: the id that was asked for, if it was that.
        func schemaID(_ asked: Int32?) throws(SchemaRegistryError) -> Int32 {
            if let asked { return asked }
            guard let id = Int32(exactly: try number(id, "id")) else {
                throw SchemaRegistryError(.unusable, "the id of a schema does not fit into 32 bits")
            }
            return id
        }
    }
}
