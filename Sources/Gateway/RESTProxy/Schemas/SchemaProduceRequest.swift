import JSONText
import NIOCore
import SchemaFormats
import StreamModel

/// `POST …/topics/{topic}` and `…/partitions/{p}` of REST Proxy v2 with a format that has schemas: the body.
struct SchemaProduceRequest: Sendable {
    struct Record: Sendable {
        /// `.null` if it is absent.
        var key = JSONTree.null
        var value = JSONTree.null
        var partition: PartitionIndex?
    }

    /// Of the keys, or of the values.
    struct Schema: Sendable, Equatable {
        var id: Int32?
        var text: String?
    }

    private(set) var keySchema = Schema()
    private(set) var valueSchema = Schema()
    private(set) var records: [Record] = []

    /// Values in a body, containers and scalars together; past it 422.
    private static let maxValues = 2_000_000

    /// - Parameter partition: the partition of the path; a record may not name one then.
    init(
        _ body: ByteBuffer, partition: Int32?, maxRecords: Int, maxDepth: Int
    ) throws(RESTProxyError) {
        let result: Result<JSONTree, JSONTextError> = body.withUnsafeReadableBytes { bytes in
            Result { () throws(JSONTextError) in
                try JSONTree(bytes, maxDepth: maxDepth, maxValues: Self.maxValues)
            }
        }
        let tree: JSONTree
        do throws(JSONTextError) { tree = try result.get() } catch { throw RESTProxyError(error) }
        guard let members = tree.members else {
            throw RESTProxyError(.invalidRequest, "the body is not a JSON object")
        }
        for member in members {
            switch member.name {
            case "key_schema": keySchema.text = try Self.text(member)
            case "key_schema_id": keySchema.id = try Self.id(member)
            case "value_schema": valueSchema.text = try Self.text(member)
            case "value_schema_id": valueSchema.id = try Self.id(member)
            case "records": try readRecords(member.value, partition, maxRecords)
            default: throw Self.unrecognized(member.name)
            }
        }
        guard !records.isEmpty else { throw RESTProxyError(.invalidRequest, "records: there is none") }
    }

    private static func unrecognized(_ name: String) -> RESTProxyError {
        RESTProxyError(.invalidRequest, "Unrecognized field: \(name.prefix(64))")
    }

    private static func text(_ member: JSONTree.Member) throws(RESTProxyError) -> String? {
        if member.value.isNull { return nil }
        guard let text = member.value.text else {
            throw RESTProxyError(.invalidRequest, "\(member.name): not a string")
        }
        return text
    }

    private static func id(_ member: JSONTree.Member) throws(RESTProxyError) -> Int32? {
        if member.value.isNull { return nil }
        let number = member.value.integer ?? member.value.text.flatMap { Int64($0) }
        guard let id = number.flatMap({ Int32(exactly: $0) }) else {
            throw RESTProxyError(.invalidRequest, "\(member.name): not the number of a schema")
        }
        return id
    }

    private mutating func readRecords(
        _ value: JSONTree, _ partition: Int32?, _ maxRecords: Int
    ) throws(RESTProxyError) {
        guard let elements = value.elements else {
            throw RESTProxyError(.invalidRequest, "records: not an array")
        }
        guard elements.count <= maxRecords else {
            throw RESTProxyError(
                .tooLarge, "records: more than \(maxRecords) (gateway.max.request.records)")
        }
        records.reserveCapacity(elements.count)
        for (place, element) in elements.enumerated() {
            guard let members = element.members else {
                throw RESTProxyError(.invalidRequest, "records[\(place)]: not an object")
            }
            var record = Record(partition: partition.map(PartitionIndex.init))
            for member in members {
                switch member.name {
                case "key": record.key = member.value
                case "value": record.value = member.value
                case "partition":
                    record.partition = try Self.partition(member.value, place, partition) ?? record.partition
                default: throw Self.unrecognized(member.name)
                }
            }
            records.append(record)
        }
    }

    private static func partition(
        _ value: JSONTree, _ place: Int, _ partition: Int32?
    ) throws(RESTProxyError) -> PartitionIndex? {
        if value.isNull { return nil }
        guard partition == nil else {
            throw RESTProxyError(
                .invalidRequest, "records[\(place)].partition: the path names the partition")
        }
        guard let number = value.integer.flatMap({ Int32(exactly: $0) }), number >= 0 else {
            throw RESTProxyError(
                .invalidRequest, "records[\(place)].partition: not a number from 0 on")
        }
        return PartitionIndex(number)
    }
}
