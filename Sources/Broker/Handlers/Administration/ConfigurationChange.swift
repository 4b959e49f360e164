import KafkaWire
import LogStorage

/// Turns what a client asks for into the settings that a topic is to have.
enum ConfigurationChange {
    /// Exactly these settings; the others go back to their defaults.
    ///
    /// - Throws: `invalidRequest`, `invalidConfig`.
    static func replacement(
        _ wanted: [(name: String, value: String?)]
    ) throws(AdministrationError) -> TopicConfiguration {
        try refuseRepeated(wanted.map(\.name))
        let absent = wanted.filter { $0.value == nil }.map(\.name)
        guard absent.isEmpty else { throw nullValues(absent) }
        var overrides: [String: String] = [:]
        for (name, value) in wanted {
            _ = try key(name)
            overrides[name] = value
        }
        return try checked(overrides)
    }

    /// The settings as they are, changed.
    ///
    /// - Throws: `invalidRequest`, `invalidConfig`.
    static func applying(
        _ changes: [IncrementalAlterConfigsRequest.Config], to configuration: TopicConfiguration,
        _ settings: LogSettings
    ) throws(AdministrationError) -> TopicConfiguration {
        try refuseRepeated(changes.map(\.name))
        let deletion = IncrementalAlterConfigsRequest.Operation.delete.rawValue
        let absent = changes.filter { $0.value == nil && $0.operation != deletion }.map(\.name)
        guard absent.isEmpty else { throw nullValues(absent) }
        var overrides = configuration.overrides
        for change in changes {
            guard let operation = IncrementalAlterConfigsRequest.Operation(rawValue: change.operation) else {
                throw AdministrationError(.invalidRequest, "Unknown operation type \(change.operation)")
            }
            let key = try key(change.name)
            switch operation {
            case .set: overrides[key.name] = change.value
            case .delete: overrides[key.name] = nil
            case .append, .subtract:
                let old = overrides[key.name] ?? key.defaultValue(settings)
                overrides[key.name] = try list(key, old, operation, change.value ?? "")
            }
        }
        return try checked(overrides)
    }

    private static func list(
        _ key: TopicConfigurationKey, _ old: String, _ operation: IncrementalAlterConfigsRequest.Operation,
        _ change: String
    ) throws(AdministrationError) -> String {
        guard key.type == .list else {
            let name = operation == .append ? "APPEND" : "SUBTRACT"
            throw AdministrationError(
                .invalidConfig, "Can't \(name) to key \(key.name) because its type is not LIST.")
        }
        var parts = items(old)
        for item in items(change) {
            if operation == .subtract {
                parts.removeAll { $0 == item }
            } else if !parts.contains(item) {
                parts.append(item)
            }
        }
        return parts.joined(separator: ",")
    }

    private static func items(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }

    private static func key(_ name: String) throws(AdministrationError) -> TopicConfigurationKey {
        guard let key = TopicConfiguration.key(name) else {
            throw AdministrationError(.invalidConfig, "Unknown topic config name: \(name)")
        }
        return key
    }

    private static func checked(_ overrides: [String: String]) throws(AdministrationError)
        -> TopicConfiguration
    {
        do throws(LogStorageError) {
            return try TopicConfiguration(overrides)
        } catch {
            throw AdministrationError(.invalidConfig, error.message)
        }
    }

    private static func refuseRepeated(_ names: [String]) throws(AdministrationError) {
        guard TopicNaming.repeated(names).isEmpty else {
            throw AdministrationError(.invalidRequest, "Error due to duplicate config keys")
        }
    }

    private static func nullValues(_ names: [String]) -> AdministrationError {
        AdministrationError(
            .invalidRequest, "Null value not supported for : " + names.joined(separator: ", "))
    }
}
