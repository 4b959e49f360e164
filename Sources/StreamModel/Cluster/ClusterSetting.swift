/// What settings belong to.
package enum ClusterResource: Sendable, Hashable {
    case topic(String)
    case broker(Int32)
    /// What was changed for all brokers at once.
    case allBrokers
}

/// A setting with its value and what stands behind it.
package struct ClusterSetting: Sendable, Equatable {
    /// Where a value comes from; the raw values are Kafka's names.
    package enum Source: String, Sendable {
        case dynamicTopic = "DYNAMIC_TOPIC_CONFIG"
        case dynamicBroker = "DYNAMIC_BROKER_CONFIG"
        case dynamicDefaultBroker = "DYNAMIC_DEFAULT_BROKER_CONFIG"
        case staticBroker = "STATIC_BROKER_CONFIG"
        case defaultValue = "DEFAULT_CONFIG"
        case unknown = "UNKNOWN"
    }

    /// A value that is in effect, or would be without those before it.
    package struct Synonym: Sendable, Equatable {
        package var name: String
        package var value: String?
        package var source: Source

        package init(name: String, value: String?, source: Source) {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    package var name: String
    /// Nil where the value is a secret.
    package var value: String?
    package var source: Source
    package var isReadOnly: Bool
    package var isSensitive: Bool
    /// Nearest first; begins with the value in effect.
    package var synonyms: [Synonym]

    package var isDefault: Bool { source == .defaultValue }

    package init(
        name: String, value: String?, source: Source, isReadOnly: Bool, isSensitive: Bool = false,
        synonyms: [Synonym] = []
    ) {
        self.name = name
        self.value = value
        self.source = source
        self.isReadOnly = isReadOnly
        self.isSensitive = isSensitive
        self.synonyms = synonyms
    }
}

/// One change of a setting.
package struct SettingChange: Sendable, Equatable {
    package enum Operation: String, Sendable {
        case set = "SET"
        /// Back to the default.
        case delete = "DELETE"
        /// Adds to a list.
        case append = "APPEND"
        /// Takes out of a list.
        case subtract = "SUBTRACT"
    }

    package var name: String
    package var operation: Operation
    package var value: String?

    package init(_ name: String, _ operation: Operation = .set, value: String?) {
        self.name = name
        self.operation = operation
        self.value = value
    }
}

/// What clients ask of settings.
package protocol SettingAdministration: Sendable {
    /// - Throws: `unknownTopic`, `notFound` for a broker that is not there, `denied`.
    func settings(
        of resource: ClusterResource, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterSetting]

    /// Makes all of the changes, or none; or only checks them.
    ///
    /// - Throws: `unknownTopic`, `notFound`, `refused`, `denied`.
    func changeSettings(
        of resource: ClusterResource, _ changes: [SettingChange], validateOnly: Bool, by caller: ClusterCaller
    ) async throws(ClusterError)
}
