/// What settings belong to; the numbers are Kafka's.
package enum ConfigResourceType: Int8, Sendable {
    case unknown = 0
    case topic = 2
    case broker = 4
    case brokerLogger = 8
    case clientMetrics = 16
    case group = 32
}

/// Where the value of a setting comes from; the numbers are Kafka's.
package enum ConfigSource: Int8, Sendable {
    case unknown = 0
    case dynamicTopic = 1
    case dynamicBroker = 2
    case dynamicDefaultBroker = 3
    case staticBroker = 4
    case defaultValue = 5
}

/// What values a setting takes; the numbers are Kafka's.
package enum ConfigType: Int8, Sendable {
    case unknown = 0
    case boolean = 1
    case string = 2
    case int = 3
    case short = 4
    case long = 5
    case double = 6
    case list = 7
    case `class` = 8
    case password = 9
}

/// What became of the settings of one resource: the answer to AlterConfigs and IncrementalAlterConfigs alike.
package struct AlterConfigsResponse: KafkaResponse {
    package struct Resource: Sendable, Equatable {
        package var error: KafkaErrorCode
        package var errorMessage: String?
        /// As the request had it, known or not.
        package var type: Int8
        package var name: String

        package init(error: KafkaErrorCode, errorMessage: String?, type: Int8, name: String) {
            self.error = error
            self.errorMessage = errorMessage
            self.type = type
            self.name = name
        }
    }

    package var resources: [Resource]

    package init(resources: [Resource]) {
        self.resources = resources
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.array(resources) { writer, resource in
            writer.error(resource.error)
            writer.nullableString(resource.errorMessage)
            writer.int8(resource.type)
            writer.string(resource.name)
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}
