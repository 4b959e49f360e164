import SchemaFormats

/// The proxy's media types.
enum MediaType {
    static let kafkaV2 = "application/vnd.kafka.v2+json"
    static let kafkaJSONV2 = "application/vnd.kafka.json.v2+json"
    static let kafkaBinaryV2 = "application/vnd.kafka.binary.v2+json"
    static let kafkaAvroV2 = "application/vnd.kafka.avro.v2+json"
    static let kafkaJSONSchemaV2 = "application/vnd.kafka.jsonschema.v2+json"
    static let kafkaProtobufV2 = "application/vnd.kafka.protobuf.v2+json"
}

/// How keys and values are written into a produce request.
enum EmbeddedFormat: Equatable, Sendable {
    /// Any JSON value, whose bytes become the record's.
    case json
    /// Base64 strings.
    case binary
    /// JSON that becomes what a schema says; only where there is a schema registry.
    case schema(SchemaKind)

    /// By the request's Content-Type; nil for one that is not served.
    init?(contentType: String?) {
        // The common one first, and without parsing.
        switch contentType {
        case MediaType.kafkaJSONV2: self = .json
        case MediaType.kafkaBinaryV2: self = .binary
        case .some(let other):
            switch other.prefix(while: { $0 != ";" }).lowercased().trimmingBlanks {
            case MediaType.kafkaJSONV2: self = .json
            case MediaType.kafkaBinaryV2: self = .binary
            case MediaType.kafkaAvroV2: self = .schema(.avro)
            case MediaType.kafkaJSONSchemaV2: self = .schema(.json)
            case MediaType.kafkaProtobufV2: self = .schema(.protobuf)
            default: return nil
            }
        case nil: return nil
        }
    }
}

/// Which answers a client takes.
enum AcceptHeader {
    /// True if the header is absent or has a range that takes the proxy's JSON.
    static func allowsJSON(_ accept: String?) -> Bool {
        guard let accept, accept != "*/*", accept != MediaType.kafkaV2, !accept.isEmpty else {
            return true
        }
        return accept.split(separator: ",").contains { range in
            let parts = range.split(separator: ";").map { $0.lowercased().trimmingBlanks }
            guard let type = parts.first,
                !parts.dropFirst().contains(where: { ["q=0", "q=0.0"].contains($0) })
            else { return false }
            return ["*/*", "application/*", "application/json", MediaType.kafkaV2].contains(
                type)
                || (type.hasPrefix("application/vnd.kafka.") && type.hasSuffix("v2+json"))
        }
    }
}

extension StringProtocol {
    var trimmingBlanks: String {
        var text = Substring(self)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
