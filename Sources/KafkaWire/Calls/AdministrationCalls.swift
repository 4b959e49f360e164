// What administration asks for by itself: DescribeAcls (key 29) version 1, IncrementalAlterConfigs (key 44) version 0.

/// Asks which ACLs match a filter; the numbers are Kafka's.
package struct DescribeACLsCall: KafkaCall {
    package static let api = APIKey.describeACLs
    package static let version: Int16 = 1

    package struct Answer: Sendable {
        package var verdict: KafkaVerdict
        package var acls: [ACLFields]
    }

    private let filter: ACLFilterFields

    package init(filter: ACLFilterFields) {
        self.filter = filter
    }

    package func write(to writer: inout WireWriter) {
        writer.int8(filter.resourceType)
        writer.nullableString(filter.resourceName)
        writer.int8(filter.patternType)
        writer.nullableString(filter.principal)
        writer.nullableString(filter.host)
        writer.int8(filter.operation)
        writer.int8(filter.permission)
    }

    package static func answer(_ reader: inout WireReader) throws(KafkaWireError) -> Answer {
        _ = try reader.int32()  // throttle time
        let verdict = try reader.verdict()
        let resources = try reader.array { reader throws(KafkaWireError) in
            let type = try reader.int8()
            let name = try reader.string()
            let pattern = try reader.int8()
            return try reader.array { reader throws(KafkaWireError) in
                ACLFields(
                    resourceType: type, resourceName: name, patternType: pattern,
                    principal: try reader.string(), host: try reader.string(), operation: try reader.int8(),
                    permission: try reader.int8())
            }
        }
        return Answer(verdict: verdict, acls: resources.flatMap { $0 })
    }
}

/// Asks for some settings of one resource to be changed; the others stay.
package struct IncrementalAlterConfigsCall: KafkaCall {
    package static let api = APIKey.incrementalAlterConfigs
    package static let version: Int16 = 0
    package typealias Answer = KafkaVerdict

    private let resource: IncrementalAlterConfigsRequest.Resource

    package init(_ resource: IncrementalAlterConfigsRequest.Resource) {
        self.resource = resource
    }

    package func write(to writer: inout WireWriter) {
        writer.array([resource]) { writer, resource in
            writer.int8(resource.type)
            writer.string(resource.name)
            writer.array(resource.configs) { writer, config in
                writer.string(config.name)
                writer.int8(config.operation)
                writer.nullableString(config.value)
            }
        }
        writer.bool(false)  // not only to validate
    }

    package static func answer(_ reader: inout WireReader) throws(KafkaWireError) -> KafkaVerdict {
        _ = try reader.int32()  // throttle time
        let verdicts = try reader.array { reader throws(KafkaWireError) in
            let verdict = try reader.verdict()
            _ = try reader.int8()
            _ = try reader.string()
            return verdict
        }
        guard let verdict = verdicts.first else {
            throw KafkaWireError(.corrupt, "the answer says nothing of the resource")
        }
        return verdicts.first { !$0.isSuccess } ?? verdict
    }
}
