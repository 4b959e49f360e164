// IncrementalAlterConfigs (key 44), versions 0-1.

/// Asks for some settings of resources to be changed; the others stay.
package struct IncrementalAlterConfigsRequest: KafkaRequest {
    package typealias Response = AlterConfigsResponse
    package static let api = APIKey.incrementalAlterConfigs

    /// The numbers are Kafka's.
    package enum Operation: Int8, Sendable {
        case set = 0
        /// Back to the default.
        case delete = 1
        /// Adds to a list.
        case append = 2
        /// Takes out of a list.
        case subtract = 3
    }

    package struct Config: Sendable, Equatable {
        package var name: String
        /// As the request had it, known or not.
        package var operation: Int8
        package var value: String?

        package init(name: String, operation: Int8, value: String?) {
            self.name = name
            self.operation = operation
            self.value = value
        }
    }

    package struct Resource: Sendable, Equatable {
        package var type: Int8
        package var name: String
        package var configs: [Config]

        package init(type: Int8, name: String, configs: [Config]) {
            self.type = type
            self.name = name
            self.configs = configs
        }
    }

    package var resources: [Resource]
    package var validateOnly: Bool

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        resources = try reader.array { reader throws(KafkaWireError) in
            let type = try reader.int8()
            let name = try reader.string()
            let configs = try reader.array { reader throws(KafkaWireError) in
                let config = Config(
                    name: try reader.string(), operation: try reader.int8(),
                    value: try reader.nullableString())
                try reader.skipTaggedFields()
                return config
            }
            try reader.skipTaggedFields()
            return Resource(type: type, name: name, configs: configs)
        }
        validateOnly = try reader.bool()
        try reader.skipTaggedFields()
    }
}
