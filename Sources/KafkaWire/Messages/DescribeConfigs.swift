// DescribeConfigs (key 32), versions 0-4.

/// Asks for the settings in effect.
package struct DescribeConfigsRequest: KafkaRequest {
    package typealias Response = DescribeConfigsResponse
    package static let api = APIKey.describeConfigs

    package struct Resource: Sendable, Equatable {
        package var type: Int8
        package var name: String
        /// Nil asks for all.
        package var keys: [String]?

        package init(type: Int8, name: String, keys: [String]? = nil) {
            self.type = type
            self.name = name
            self.keys = keys
        }
    }

    package var resources: [Resource]
    package var includeSynonyms = false
    package var includeDocumentation = false

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        resources = try reader.array { reader throws(KafkaWireError) in
            let type = try reader.int8()
            let name = try reader.string()
            let keys = try reader.nullableArray { reader throws(KafkaWireError) in try reader.string() }
            try reader.skipTaggedFields()
            return Resource(type: type, name: name, keys: keys)
        }
        if version >= 1 { includeSynonyms = try reader.bool() }
        if version >= 3 { includeDocumentation = try reader.bool() }
        try reader.skipTaggedFields()
    }
}

package struct DescribeConfigsResponse: KafkaResponse {
    package struct Synonym: Sendable, Equatable {
        package var name: String
        package var value: String?
        package var source: ConfigSource

        package init(name: String, value: String?, source: ConfigSource) {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    package struct Config: Sendable, Equatable {
        package var name: String
        /// Nil where the value is a secret.
        package var value: String?
        package var isReadOnly = false
        package var source = ConfigSource.defaultValue
        package var isSensitive = false
        package var synonyms: [Synonym] = []
        package var type = ConfigType.unknown
        package var documentation: String?

        package init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    package struct Resource: Sendable, Equatable {
        package var error = KafkaErrorCode.none
        package var errorMessage: String?
        package var type: Int8
        package var name: String
        package var configs: [Config] = []

        package init(type: Int8, name: String) {
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
            writer.array(resource.configs) { writer, config in config.write(to: &writer, version: version) }
            writer.emptyTaggedFields()
        }
        writer.emptyTaggedFields()
    }
}

extension DescribeConfigsResponse.Config {
    fileprivate func write(to writer: inout WireWriter, version: Int16) {
        writer.string(name)
        writer.nullableString(value)
        writer.bool(isReadOnly)
        if version == 0 {
            writer.bool(source == .defaultValue)
        } else {
            writer.int8(source.rawValue)
        }
        writer.bool(isSensitive)
        if version >= 1 {
            writer.array(synonyms) { writer, synonym in
                writer.string(synonym.name)
                writer.nullableString(synonym.value)
                writer.int8(synonym.source.rawValue)
                writer.emptyTaggedFields()
            }
        }
        if version >= 3 {
            writer.int8(type.rawValue)
            writer.nullableString(documentation)
        }
        writer.emptyTaggedFields()
    }
}
