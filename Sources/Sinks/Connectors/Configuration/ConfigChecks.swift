/// What values are held against; complaints are worded as Kafka's own are.
enum ConfigChecks {
    typealias Check = @Sendable (String) -> String?

    static func invalid(_ name: String, _ value: String, _ reason: String) -> String {
        "Invalid value \(value) for configuration \(name): \(reason)"
    }

    static func atLeast(_ least: Int64, _ name: String) -> Check {
        { value in
            guard let number = Int64(value.trimmedBlanks), number < least else { return nil }
            return invalid(name, value, "Value must be at least \(least)")
        }
    }

    static func between(_ least: Int64, _ most: Int64, _ name: String) -> Check {
        { value in
            guard let number = Int64(value.trimmedBlanks) else { return nil }
            if number < least { return invalid(name, value, "Value must be at least \(least)") }
            return number > most ? invalid(name, value, "Value must be no more than \(most)") : nil
        }
    }

    static func oneOf(_ choices: [String], _ name: String, ignoresCase: Bool = false) -> Check {
        { value in
            let value = value.trimmedBlanks
            let isKnown =
                ignoresCase
                ? choices.contains { $0.lowercased() == value.lowercased() } : choices.contains(value)
            guard !isKnown else { return nil }
            return invalid(name, value, "String must be one of: \(choices.joined(separator: ", "))")
        }
    }

    /// A class of a list, by its full name or its last part; `refused` says why others that exist are not taken.
    static func classes(
        _ known: [String], refused: [String: String] = [:], _ name: String
    ) -> Check {
        { value in
            let value = value.trimmedBlanks
            if known.contains(value) { return nil }
            if let reason = refused[value] { return invalid(name, value, reason) }
            return invalid(
                name, value,
                "Class \(value) could not be found. Known are: \(known.joined(separator: ", "))")
        }
    }

    /// A value that has to be its default, since nothing else can be done here.
    static func only(_ only: String, _ name: String, _ reason: String) -> Check {
        { value in value.trimmedBlanks.lowercased() == only ? nil : invalid(name, value, reason) }
    }
}

extension ConfigKey {
    /// What is wrong with a value: its type, then what its key asks for; nil if nothing is.
    package func finding(for value: String) -> String? {
        let trimmed = value.trimmedBlanks
        switch type {
        case .boolean where !["true", "false"].contains(trimmed.lowercased()):
            return ConfigChecks.invalid(name, value, "Expected value to be either true or false")
        case .int where Int32(trimmed) == nil, .long where Int64(trimmed) == nil,
            .double where Double(trimmed) == nil:
            return ConfigChecks.invalid(name, value, "Not a number of type \(type.rawValue)")
        default: return complaint(value)
        }
    }
}

extension ConfigDefinition {
    /// What is wrong with single values, by key; keys that are not defined here are passed over.
    package func findings(in configuration: [String: String]) -> [String: [String]] {
        var findings: [String: [String]] = [:]
        for key in keys {
            if let value = configuration[key.name] {
                if let finding = key.finding(for: value) { findings[key.name] = [finding] }
            } else if key.isRequired {
                findings[key.name] = [
                    "Missing required configuration \"\(key.name)\" which has no default value."
                ]
            }
        }
        return findings
    }
}

extension String {
    /// Without the blanks at its ends, which Kafka takes away from every value.
    var trimmedBlanks: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
