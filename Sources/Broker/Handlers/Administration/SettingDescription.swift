import KafkaWire
import LogStorage

/// A setting as DescribeConfigs and CreateTopics tell of it.
struct SettingDescription: Equatable {
    var name: String
    /// What is in effect, and what stands behind it, nearest first; never empty.
    var values: [DescribeConfigsResponse.Synonym]
    var type: ConfigType
    var documentation: String
    var isReadOnly: Bool

    var value: String? { values.first?.value }
    var source: ConfigSource { values.first?.source ?? .unknown }

    /// A setting of the server, which is read when it starts.
    init(
        _ name: String, _ type: ConfigType, _ value: String, default defaultValue: String,
        _ documentation: String
    ) {
        self.name = name
        self.type = type
        self.documentation = documentation
        isReadOnly = true
        values = [.init(name: name, value: defaultValue, source: .defaultValue)]
        if value != defaultValue {
            values.insert(.init(name: name, value: value, source: .staticBroker), at: 0)
        }
    }

    /// A setting that a topic can have of its own.
    init(_ key: TopicConfigurationKey, _ configuration: TopicConfiguration, _ settings: LogSettings) {
        name = key.name
        type = ConfigType(key.type)
        documentation = key.documentation
        isReadOnly = false
        let serverSetting = key.serverSetting ?? key.name
        let builtIn = key.defaultValue(LogSettings()), configured = key.defaultValue(settings)
        values = [.init(name: serverSetting, value: builtIn, source: .defaultValue)]
        if configured != builtIn {
            values.insert(.init(name: serverSetting, value: configured, source: .staticBroker), at: 0)
        }
        if let own = configuration.overrides[key.name] {
            values.insert(.init(name: key.name, value: own, source: .dynamicTopic), at: 0)
        }
    }

    /// All settings of a topic.
    static func all(of configuration: TopicConfiguration, _ settings: LogSettings) -> [SettingDescription] {
        TopicConfiguration.keys.map { SettingDescription($0, configuration, settings) }
    }

    func config(withSynonyms: Bool, withDocumentation: Bool) -> DescribeConfigsResponse.Config {
        var config = DescribeConfigsResponse.Config(name: name, value: value)
        config.isReadOnly = isReadOnly
        config.source = source
        config.type = type
        if withSynonyms { config.synonyms = values }
        if withDocumentation { config.documentation = documentation }
        return config
    }
}

extension ConfigType {
    init(_ type: TopicConfigurationKey.ValueType) {
        self =
            switch type {
            case .boolean: .boolean
            case .string: .string
            case .int: .int
            case .long: .long
            case .double: .double
            case .list: .list
            }
    }
}
