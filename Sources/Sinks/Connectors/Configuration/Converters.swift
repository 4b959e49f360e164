/// How keys, values and headers of records are read.
package struct Converters: Sendable, Equatable {
    package enum Converter: Sendable, Equatable {
        /// JSON: with a schema in each record, or without.
        case json(schemas: Bool)
        case string
        case bytes
    }

    package var key: Converter
    package var value: Converter
    /// Header values are texts in each case but that of JSON with schemas.
    package var header: Converter

    /// Keys are strings and values are JSON without schemas unless the configuration says otherwise.
    init(_ configuration: [String: String]) {
        key = Self.converter("key.converter", configuration, default: .string)
        value = Self.converter("value.converter", configuration, default: .json(schemas: false))
        header = Self.converter("header.converter", configuration, default: .string)
    }

    private static func converter(
        _ name: String, _ configuration: [String: String], default standard: Converter
    ) -> Converter {
        switch configuration[name]?.trimmedBlanks {
        case nil:
            guard case .json = standard, let schemas = configuration[name + ".schemas.enable"] else {
                return standard
            }
            return .json(schemas: schemas.trimmedBlanks.lowercased() == "true")
        case ConnectClasses.jsonConverter:
            let schemas = configuration[name + ".schemas.enable"] ?? "true"
            return .json(schemas: schemas.trimmedBlanks.lowercased() == "true")
        case ConnectClasses.byteArrayConverter: return .bytes
        default: return .string
        }
    }

    /// What is wrong with the converters of a configuration, by key.
    static func findings(in configuration: [String: String]) -> [String: [String]] {
        var findings: [String: [String]] = [:]
        for (name, known) in [
            ("key.converter", ConnectClasses.converters), ("value.converter", ConnectClasses.converters),
            ("header.converter", ConnectClasses.headerConverters),
        ] {
            if let value = configuration[name], let complaint = ConfigChecks.classes(known, name)(value) {
                findings[name] = [complaint]
            }
            let schemas = name + ".schemas.enable"
            if let value = configuration[schemas],
                !["true", "false"].contains(value.trimmedBlanks.lowercased())
            {
                findings[schemas] = [
                    ConfigChecks.invalid(schemas, value, "Expected value to be either true or false")
                ]
            }
        }
        return findings
    }
}

/// What becomes of records that cannot be stored.
package struct ErrorHandling: Sendable, Equatable {
    /// Whether such a record is left out; else it ends the task.
    package var tolerates: Bool
    /// Where such records go; nil for nowhere.
    package var deadLetterTopic: String?
    /// Whether origin and reason go with them.
    package var contextHeaders: Bool
    package var logs: Bool

    init(_ configuration: [String: String]) {
        tolerates = configuration["errors.tolerance"]?.trimmedBlanks.lowercased() == "all"
        let topic = configuration["errors.deadletterqueue.topic.name"]?.trimmedBlanks ?? ""
        deadLetterTopic = topic.isEmpty ? nil : topic
        contextHeaders = Self.isTrue(configuration["errors.deadletterqueue.context.headers.enable"])
        logs = Self.isTrue(configuration["errors.log.enable"])
    }

    private static func isTrue(_ text: String?) -> Bool { text?.trimmedBlanks.lowercased() == "true" }
}
