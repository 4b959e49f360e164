// AlterConfigs (key 33), versions 0-2.

/// Asks for the settings of resources to be exactly these: what is not named goes back to its default.
package struct AlterConfigsRequest: KafkaRequest {
    package typealias Response = AlterConfigsResponse
    package static let api = APIKey.alterConfigs

    package struct Config: Sendable, Equatable {
        package var name: String
        package var value: String?

        package init(name: String, value: String?) {
            self.name = name
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
                let config = Config(name: try reader.string(), value: try reader.nullableString())
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
