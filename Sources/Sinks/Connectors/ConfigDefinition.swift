/// The configuration keys of a connector, as Kafka Connect describes them to its users.
package struct ConfigDefinition: Sendable {
    /// In the order in which they are shown.
    package var keys: [ConfigKey]

    package init(_ keys: [ConfigKey]) {
        self.keys = keys
    }

    /// The key of a name; nil if there is none.
    package subscript(_ name: String) -> ConfigKey? { keys.first { $0.name == name } }
}

/// One key of a configuration.
package struct ConfigKey: Sendable {
    /// The types of Kafka's `ConfigDef`.
    package enum ValueType: String, Sendable {
        case boolean = "BOOLEAN"
        case string = "STRING"
        case int = "INT"
        case long = "LONG"
        case double = "DOUBLE"
        case list = "LIST"
        case `class` = "CLASS"
        case password = "PASSWORD"
    }

    package enum Importance: String, Sendable {
        case high = "HIGH"
        case medium = "MEDIUM"
        case low = "LOW"
    }

    /// How wide the field is that a user interface shows for it.
    package enum Width: String, Sendable {
        case none = "NONE"
        case short = "SHORT"
        case medium = "MEDIUM"
        case long = "LONG"
    }

    package var name: String
    package var type: ValueType
    /// What counts when the key is missing; nil for null.
    package var defaultValue: String?
    /// The configuration is refused without it.
    package var isRequired: Bool
    package var importance: Importance
    /// What it means, its unit and its range.
    package var documentation: String
    package var group: String
    package var width: Width
    package var displayName: String
    /// Keys whose meaning depends on this one's value.
    package var dependents: [String]
    /// What a user may choose from; empty if there is no such list.
    package var recommendedValues: [String]
    /// What is wrong with a value that has the right type, in Kafka's words (`Invalid value … for configuration …`);
    /// nil if nothing is.
    package var complaint: @Sendable (String) -> String?

    package init(
        _ name: String, _ type: ValueType, default defaultValue: String? = nil, isRequired: Bool = false,
        importance: Importance = .medium, documentation: String, group: String, width: Width = .medium,
        displayName: String, dependents: [String] = [], recommendedValues: [String] = [],
        complaint: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.importance = importance
        self.documentation = documentation
        self.group = group
        self.width = width
        self.displayName = displayName
        self.dependents = dependents
        self.recommendedValues = recommendedValues
        self.complaint = complaint
    }
}
