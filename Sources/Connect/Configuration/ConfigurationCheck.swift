import Sinks

/// What a check of a configuration has found: Kafka Connect's ConfigInfos.
package struct ConfigurationReport: Sendable {
    struct Value: Sendable {
        var key: ConfigKey
        var orderInGroup: Int
        /// As it counts; nil for null.
        var value: String?
        var errors: [String]
    }

    /// The class, as the configuration names it.
    var className: String
    var values: [Value]
    /// Keys that no part of the connector knows.
    package var unknownKeys: [String]

    /// What is wrong, in the order of the keys.
    package var errors: [String] { values.flatMap(\.errors) }

    var groups: [String] {
        var groups: [String] = []
        for value in values where !groups.contains(value.key.group) { groups.append(value.key.group) }
        return groups
    }

    /// - Throws: all errors in one, as Kafka Connect words it.
    func requireNoErrors() throws(ConnectError) {
        guard !errors.isEmpty else { return }
        throw ConnectError(
            .invalid,
            "Connector configuration is invalid and contains the following \(errors.count) error(s):\n"
                + errors.joined(separator: "\n")
                + "\nYou can also find the above list of errors at the endpoint "
                + "`/connector-plugins/{connectorType}/config/validate`")
    }
}

/// Checks configurations of a kind of connector.
struct ConfigurationCheck {
    let plugin: any SinkConnector
    let maxTasks: Int
    let references: ConfigReferences

    /// Beginnings of keys that belong to parts which have keys of their own.
    private static let foreignPrefixes = [
        "key.converter.", "value.converter.", "header.converter.", "consumer.override.", "producer.override.",
        "admin.override.", "transforms.", "predicates.", "confluent.", "keys.format.", "headers.format.",
        "reporter.",
    ]

    /// Every key in the order in which it is shown.
    var keys: [ConfigKey] { CommonKeys.all(maxTasks: maxTasks) + plugin.definition.keys }

    func report(_ stored: [String: String]) -> ConfigurationReport {
        let (configuration, complaints) = resolve(stored)
        var errors = complaints.mapValues { [$0] }
        for key in keys where errors[key.name] == nil {
            if let error = Self.error(key, configuration[key.name]) { errors[key.name] = [error] }
        }
        for (key, texts) in Self.commonFindings(configuration) { errors[key, default: []] += texts }
        for (key, texts) in plugin.findings(in: configuration) where errors[key] == nil {
            errors[key] = texts
        }
        return ConfigurationReport(
            className: stored["connector.class"] ?? plugin.className, values: values(configuration, errors),
            unknownKeys: unknown(configuration))
    }

    /// The configuration as a task gets it: references replaced, converters by their full names.
    func resolve(_ stored: [String: String]) -> ([String: String], complaints: [String: String]) {
        var (configuration, complaints) = references.resolve(stored)
        for (key, classes) in [
            ("key.converter", Converters.values), ("value.converter", Converters.values),
            ("header.converter", Converters.headers),
        ] {
            guard let text = configuration[key] else { continue }
            configuration[key] = Converters.known(ConfigText.trimmed(text), among: classes) ?? text
        }
        return (configuration, complaints)
    }

    private func values(
        _ configuration: [String: String], _ errors: [String: [String]]
    ) -> [ConfigurationReport.Value] {
        var orders: [String: Int] = [:]
        var known: Set<String> = []
        var values = keys.map { key in
            orders[key.group, default: 0] += 1
            known.insert(key.name)
            return ConfigurationReport.Value(
                key: key, orderInGroup: orders[key.group] ?? 0,
                value: Self.shown(key, configuration[key.name]),
                errors: errors[key.name] ?? [])
        }
        for (name, texts) in errors.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            let key = ConfigKey(
                name, .string, importance: .low, documentation: "", group: CommonKeys.common,
                displayName: name)
            values.append(
                ConfigurationReport.Value(
                    key: key, orderInGroup: 0, value: configuration[name], errors: texts))
        }
        return values
    }

    /// The value as it counts; passwords are not shown.
    private static func shown(_ key: ConfigKey, _ text: String?) -> String? {
        guard let text = text ?? key.defaultValue else { return nil }
        switch key.type {
        case .password: return hidden
        case .list: return ConfigText.items(text).joined(separator: ",")
        case .boolean: return ConfigText.trimmed(text).lowercased()
        case .int, .long, .double, .class: return ConfigText.trimmed(text)
        case .string: return text
        }
    }

    private func unknown(_ configuration: [String: String]) -> [String] {
        let known = Set(keys.map(\.name))
        return configuration.keys.filter { key in
            !known.contains(key) && !Self.foreignPrefixes.contains { key.hasPrefix($0) }
        }.sorted()
    }

    // MARK: One key

    private static func error(_ key: ConfigKey, _ text: String?) -> String? {
        guard let text else {
            guard key.isRequired else { return nil }
            return "Missing required configuration \"\(key.name)\" which has no default value."
        }
        let value = key.type == .string || key.type == .password ? text : ConfigText.trimmed(text)
        guard let complaint = typeComplaint(key.type, value) ?? key.complaint(value) else { return nil }
        let isSecret = key.type == .password
        guard complaint.hasPrefix("Invalid value ") else {
            return "Invalid value \(isSecret ? hidden : value) for configuration \(key.name): \(complaint)"
        }
        return isSecret && !value.isEmpty ? complaint.replacing(value, with: hidden) : complaint
    }

    /// What stands for a password.
    private static let hidden = "[hidden]"

    private static func typeComplaint(_ type: ConfigKey.ValueType, _ text: String) -> String? {
        let isRight =
            switch type {
            case .boolean: ["true", "false"].contains(text.lowercased())
            case .int: Int32(text) != nil
            case .long: Int64(text) != nil
            case .double: Double(text) != nil
            case .string, .list, .class, .password: true
            }
        guard !isRight else { return nil }
        return type == .boolean
            ? "Expected value to be either true or false" : "Not a number of type \(type.rawValue)"
    }

    // MARK: Several keys

    private static func commonFindings(_ configuration: [String: String]) -> [String: [String]] {
        var findings: [String: [String]] = [:]
        let names = ConfigText.items(configuration["topics"] ?? "")
        let pattern = ConfigText.trimmed(configuration["topics.regex"] ?? "")
        if names.isEmpty == pattern.isEmpty {
            let text =
                names.isEmpty
                ? "Must configure one of topics or topics.regex"
                : "topics and topics.regex are mutually exclusive options, but both are set."
            findings = ["topics": [text], "topics.regex": [text]]
        } else if let letters = configuration["errors.deadletterqueue.topic.name"], !letters.isEmpty,
            TopicSelection(configuration)?.accepts(letters) == true
        {
            let key = names.isEmpty ? "topics.regex" : "topics"
            findings[key] = [
                "The DLQ topic '\(letters)' may not be among the topics that the connector consumes "
                    + "('\(key)=\(configuration[key] ?? "")')"
            ]
        }
        for name in names where names.count(where: { $0 == name }) > 1 {
            findings["topics"] = ["Invalid value \(name) for configuration topics: it stands there twice"]
        }
        for list in ["transforms", "predicates"] {
            let refusals = ConfigText.items(configuration[list] ?? "").map { alias in
                let type = configuration["\(list).\(alias).type"].map { " (\($0))" } ?? ""
                return "\(list).\(alias)\(type) cannot be run here: take \(alias) out of \(list)"
            }
            if !refusals.isEmpty { findings[list] = refusals }
        }
        return findings
    }
}
