import JSONText
import NIOCore
import SchemaFormats
import StreamModel

/// `POST /consumers/{group}`: what an instance is to be.
struct ConsumerInstanceRequest: Sendable, Equatable {
    /// Nil leaves it to the server.
    var name: String?
    var format = EmbeddedFormat.binary
    var offsetReset = ConsumerConfiguration.OffsetReset.latest
    var commitsAutomatically = true
    /// Nil: as the server's settings say.
    var fetchMinBytes: Int?
    /// Nil: as the server's settings say.
    var requestTimeoutMilliseconds: Int64?

    /// More bytes cannot be asked for by `fetch.min.bytes`.
    private static let fetchMinBytesLimit: Int64 = 10_000_000

    /// A read of any instance ends after an hour, in milliseconds.
    private static let requestTimeoutLimit: Int64 = 3_600_000

    init() {}

    /// An empty body asks for an instance with all defaults.
    ///
    /// - Parameter hasRegistry: whether there are formats with schemas.
    init(_ body: ByteBuffer, hasRegistry: Bool = false) throws(RESTProxyError) {
        guard let members = try RequestBody.members(of: body, isOptional: true) else { return }
        var id: String?
        for member in members where !member.value.isNull {
            let value = member.value
            switch member.name {
            case "id": id = try RequestBody.text(value, member.name)
            case "name": name = try RequestBody.text(value, member.name)
            case "format": format = try Self.format(RequestBody.text(value, member.name), hasRegistry)
            case "auto.offset.reset":
                offsetReset = try Self.offsetReset(RequestBody.text(value, member.name))
            case "auto.commit.enable": commitsAutomatically = try Self.flag(value)
            case "fetch.min.bytes", "responseMinBytes":
                fetchMinBytes = try Int(
                    Self.constrained(value, "fetch.min.bytes", to: -1...Self.fetchMinBytesLimit))
            case "consumer.request.timeout.ms", "requestWaitMs":
                requestTimeoutMilliseconds = try Self.constrained(
                    value, "consumer.request.timeout.ms", to: 0...Self.requestTimeoutLimit)
            default: throw RequestBody.unrecognized(member.name)
            }
        }
        // The proxy's older word for a name, which wins where both are there.
        name = id ?? name
        if name?.isEmpty == true { throw RESTProxyError(.invalidRequest, "name: it is empty") }
    }

    private static func format(
        _ text: String, _ hasRegistry: Bool
    ) throws(RESTProxyError) -> EmbeddedFormat {
        switch text.lowercased() {
        case "binary": return .binary
        case "json": return .json
        case "avro" where hasRegistry: return .schema(.avro)
        case "jsonschema" where hasRegistry: return .schema(.json)
        case "protobuf" where hasRegistry: return .schema(.protobuf)
        case "avro", "jsonschema", "protobuf":
            throw RESTProxyError(
                .invalidConsumerConfiguration,
                "Invalid consumer configuration: the format \(text) needs a schema registry, which this server "
                    + "does not use: take binary or json, or set schema.registry.url")
        default:
            throw RESTProxyError(
                .invalidConsumerConfiguration,
                "Invalid consumer configuration: Invalid format type.")
        }
    }

    private static func offsetReset(
        _ text: String
    ) throws(RESTProxyError) -> ConsumerConfiguration.OffsetReset {
        guard let reset = ConsumerConfiguration.OffsetReset(rawValue: text.lowercased()) else {
            throw RESTProxyError(
                .invalidConsumerConfiguration,
                "Invalid consumer configuration: Invalid value \(text) for configuration auto.offset.reset: "
                    + "String must be one of: latest, earliest, none")
        }
        return reset
    }

    private static func flag(_ value: JSONTree) throws(RESTProxyError) -> Bool {
        if let flag = value.bool { return flag }
        let text = try RequestBody.text(value, "auto.commit.enable")
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default:
            throw RESTProxyError(
                .invalidConsumerConfiguration,
                "Invalid consumer configuration: Invalid value \(text) for configuration auto.commit.enable: "
                    + "Expected value to be either true or false")
        }
    }

    private static func constrained(
        _ value: JSONTree, _ name: String, to range: ClosedRange<Int64>
    ) throws(RESTProxyError) -> Int64 {
        let number = try RequestBody.integer(value, name)
        guard range.contains(number) else {
            throw RESTProxyError(
                .invalidConsumerConstraint,
                "Invalid consumer configuration. It does not abide by the constraints: Invalid value \(number) "
                    + "for configuration \(name): Value must be at least \(range.lowerBound) and no more than "
                    + "\(range.upperBound)")
        }
        return number
    }
}

/// `POST …/subscription`: topics, or a pattern.
enum SubscriptionRequest: Sendable, Equatable {
    case topics([TopicName])
    case pattern(String)

    /// As with REST Proxy, topics win where both are there.
    init(_ body: ByteBuffer) throws(RESTProxyError) {
        var topics: [TopicName]?
        var pattern: String?
        for member in try RequestBody.members(of: body, isOptional: false) ?? []
        where !member.value.isNull {
            switch member.name {
            case "topics": topics = try Self.topics(member.value)
            case "topic_pattern": pattern = try RequestBody.text(member.value, member.name)
            default: throw RequestBody.unrecognized(member.name)
            }
        }
        if let topics {
            self = .topics(topics)
        } else if let pattern {
            self = .pattern(pattern)
        } else {
            throw RESTProxyError(.invalidRequest, "topics or topic_pattern: one of them is needed")
        }
    }

    private static func topics(_ value: JSONTree) throws(RESTProxyError) -> [TopicName] {
        var topics: [TopicName] = []
        for element in try RequestBody.elements(value, "topics") {
            let text = try RequestBody.text(element, "topics")
            guard let name = TopicName(text) else {
                throw RESTProxyError(.kafkaBadRequest, "Invalid topics: [\(text.prefix(260))]")
            }
            topics.append(name)
        }
        return topics
    }
}

/// A partition as a request names it.
struct NamedPartition: Sendable, Equatable {
    /// Nil where no partition can be called so.
    var partition: TopicPartition?
    var topic: String
    var index: Int32

    var description: String { "\(topic)-\(index)" }
}

/// `POST …/positions`: where to read on, by offset or by time.
struct PositionsRequest: Sendable, Equatable {
    var offsets: [(NamedPartition, Offset)] = []
    /// Milliseconds since 1970.
    var times: [(NamedPartition, Int64)] = []

    init(_ body: ByteBuffer) throws(RESTProxyError) {
        for member in try RequestBody.members(of: body, isOptional: false) ?? []
        where !member.value.isNull {
            switch member.name {
            case "offsets":
                for element in try RequestBody.elements(member.value, member.name) {
                    let found = try RequestBody.partition(element, with: ["offset", "metadata"])
                    offsets.append((found, try RequestBody.offset(element["offset"])))
                }
            case "timestamps":
                for element in try RequestBody.elements(member.value, member.name) {
                    let found = try RequestBody.partition(element, with: ["timestamp", "metadata"])
                    times.append((found, try Self.time(element["timestamp"])))
                }
            default: throw RequestBody.unrecognized(member.name)
            }
        }
    }

    /// Text as in RFC 3339; a number stands for seconds, one that would be past the year 5000 for milliseconds.
    private static func time(_ value: JSONTree?) throws(RESTProxyError) -> Int64 {
        if let text = value?.text, let time = Array(text.utf8).withUnsafeBytes({ RFC3339.milliseconds($0) }) {
            return time
        }
        if let number = value?.double, number.magnitude < 9e15 {
            return Int64(number.magnitude < 1e11 ? number * 1000 : number)
        }
        throw RESTProxyError(.invalidRequest, "timestamp: not a time like 2021-02-05T19:14:42Z")
    }

    static func == (left: Self, right: Self) -> Bool {
        left.offsets.elementsEqual(right.offsets) { $0 == $1 }
            && left.times.elementsEqual(right.times) { $0 == $1 }
    }
}

/// `POST …/offsets`: what to commit; an empty body stands for everything that was read.
struct CommitRequest: Sendable {
    struct Entry: Sendable, Equatable {
        var named: NamedPartition
        /// The record that was consumed last; the one after it is committed.
        var consumed: Offset
        var metadata: String
    }

    /// Nil: everything.
    var entries: [Entry]?

    init(_ body: ByteBuffer) throws(RESTProxyError) {
        guard let members = try RequestBody.members(of: body, isOptional: true) else { return }
        for member in members where !member.value.isNull {
            guard member.name == "offsets" else { throw RequestBody.unrecognized(member.name) }
            var entries: [Entry] = []
            for element in try RequestBody.elements(member.value, member.name) {
                let named = try RequestBody.partition(element, with: ["offset", "metadata"])
                let metadata = element["metadata"] ?? .null
                entries.append(
                    Entry(
                        named: named, consumed: try RequestBody.offset(element["offset"]),
                        metadata: metadata.isNull ? "" : try RequestBody.text(metadata, "metadata")))
            }
            self.entries = entries
        }
    }
}

/// Requests that name partitions: `{"partitions": [{"topic", "partition"}, …]}`.
enum PartitionsRequest {
    /// Nil for an empty body, where that is allowed.
    static func read(
        _ body: ByteBuffer, isOptional: Bool = false
    ) throws(RESTProxyError) -> [NamedPartition]? {
        guard let members = try RequestBody.members(of: body, isOptional: isOptional) else { return nil }
        var found: [NamedPartition] = []
        for member in members where !member.value.isNull {
            guard member.name == "partitions" else { throw RequestBody.unrecognized(member.name) }
            for element in try RequestBody.elements(member.value, member.name) {
                found.append(try RequestBody.partition(element))
            }
        }
        return found
    }
}

/// How the bodies of control requests are read: unknown members are refused, absent ones are null.
enum RequestBody {
    /// The members of the body's object; nil for an empty body or `null`, where that is allowed.
    static func members(
        of body: ByteBuffer, isOptional: Bool
    ) throws(RESTProxyError) -> [JSONTree.Member]? {
        if body.readableBytes == 0 {
            if isOptional { return nil }
            throw RESTProxyError(.invalidRequest, "the body must not be null")
        }
        let result = body.withUnsafeReadableBytes { bytes -> Result<JSONTree, JSONTextError> in
            Result { () throws(JSONTextError) in try JSONTree(bytes) }
        }
        switch result {
        case .failure(let error): throw RESTProxyError(error)
        case .success(.object(let members)): return members
        case .success(.null) where isOptional: return nil
        case .success: throw RESTProxyError(.invalidRequest, "the body is not a JSON object")
        }
    }

    static func unrecognized(_ name: String) -> RESTProxyError {
        RESTProxyError(.invalidRequest, "Unrecognized field: \(name.prefix(64))")
    }

    static func text(_ value: JSONTree, _ name: String) throws(RESTProxyError) -> String {
        guard let text = value.text else { throw RESTProxyError(.invalidRequest, "\(name): not a string") }
        return text
    }

    /// Also a number in quotes, as the proxy takes it.
    static func integer(_ value: JSONTree, _ name: String) throws(RESTProxyError) -> Int64 {
        guard let number = value.integer ?? value.text.flatMap({ Int64($0) }) else {
            throw RESTProxyError(.invalidRequest, "\(name): not a whole number")
        }
        return number
    }

    static func elements(_ value: JSONTree, _ name: String) throws(RESTProxyError) -> [JSONTree] {
        guard let elements = value.elements else {
            throw RESTProxyError(.invalidRequest, "\(name): not an array")
        }
        return elements
    }

    static func offset(_ value: JSONTree?) throws(RESTProxyError) -> Offset {
        let number = try integer(value ?? .null, "offset")
        guard number >= 0, number < .max else {
            throw RESTProxyError(.invalidRequest, "offset: not a number from 0 on")
        }
        return Offset(number)
    }

    /// - Parameter others: members that may be there beside topic and partition.
    static func partition(
        _ value: JSONTree, with others: Set<String> = []
    ) throws(RESTProxyError) -> NamedPartition {
        guard let members = value.members else {
            throw RESTProxyError(.invalidRequest, "partitions: an element is not an object")
        }
        for member in members where !["topic", "partition"].contains(member.name) {
            guard others.contains(member.name) else { throw unrecognized(member.name) }
        }
        let topic = try text(value["topic"] ?? .null, "topic")
        let number = try integer(value["partition"] ?? .null, "partition")
        guard let index = Int32(exactly: number), index >= 0 else {
            throw RESTProxyError(.invalidRequest, "partition: not a number from 0 on")
        }
        let name = TopicName(topic)
        return NamedPartition(
            partition: name.map { TopicPartition($0, PartitionIndex(index)) },
            topic: String(topic.prefix(260)), index: index)
    }
}
