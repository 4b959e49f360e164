/// How one topic differs from the log's settings; keys are Kafka's.
///
/// Every override was checked: its key is one of `keys`, its value is in the key's range.
package struct TopicConfiguration: Sendable, Equatable {
    /// Values as they were given, by key.
    package let overrides: [String: String]

    /// The keys that a topic can have, sorted by name.
    package static let keys: [TopicConfigurationKey] =
        (TopicConfigurationKey.inEffect + TopicConfigurationKey.withoutEffect)
        .sorted { $0.name < $1.name }

    private static let keysByName = Dictionary(
        keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// A topic that does as the log's settings say.
    package init() {
        overrides = [:]
    }

    /// - Throws: `invalidConfiguration`, naming the first key that is not known or whose value is not allowed.
    package init(_ overrides: [String: String]) throws(LogStorageError) {
        self.overrides = overrides
        var settings = LogSettings()
        for (name, text) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let key = Self.key(name) else {
                throw LogStorageError(.invalidConfiguration, "\(name) is no setting of a topic")
            }
            try key.apply(text, &settings)
        }
        guard settings.minCompactionLag <= settings.maxCompactionLag else {
            throw LogStorageError(
                .invalidConfiguration,
                "min.compaction.lag.ms (\(settings.minCompactionLag)) is greater than "
                    + "max.compaction.lag.ms (\(settings.maxCompactionLag))")
        }
    }

    /// Nil if no topic can have such a key.
    package static func key(_ name: String) -> TopicConfigurationKey? { keysByName[name] }

    /// The value of a key that is in effect, as text.
    package func value(of key: TopicConfigurationKey, in settings: LogSettings) -> String {
        overrides[key.name] ?? key.defaultValue(settings)
    }

    /// What is in effect for the topic, given the log's settings.
    func applied(to settings: LogSettings) -> LogSettings {
        var settings = settings
        for (name, text) in overrides {
            // Was checked when the configuration was made.
            try? Self.key(name)?.apply(text, &settings)
        }
        return settings
    }
}
