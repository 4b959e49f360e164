/// The converters of Kafka Connect that are known here, by the full names of their classes.
enum Converters {
    static let json = "org.apache.kafka.connect.json.JsonConverter"
    static let string = "org.apache.kafka.connect.storage.StringConverter"
    static let bytes = "org.apache.kafka.connect.converters.ByteArrayConverter"
    static let simpleHeaders = "org.apache.kafka.connect.storage.SimpleHeaderConverter"

    static let values = [bytes, json, string]
    static let headers = values + [simpleHeaders]

    /// The class that a text names: in full, or by its last part as Kafka Connect lets one do.
    static func known(_ text: String, among classes: [String]) -> String? {
        let wanted = PluginName.normalized(text, suffix: "Converter")
        return classes.first { name in
            let simple = name.split(separator: ".").last.map(String.init) ?? name
            return name == text || simple == text
                || PluginName.normalized(simple, suffix: "Converter") == wanted
        }
    }

    static func complaint(_ text: String) -> String? { complaint(text, values) }

    static func complaintOfHeaders(_ text: String) -> String? { complaint(text, headers) }

    private static func complaint(_ text: String, _ classes: [String]) -> String? {
        guard known(text, among: classes) == nil else { return nil }
        let registry = ["Avro", "Protobuf", "JsonSchema"].contains { text.contains($0) }
        return "Class \(text) could not be found: "
            + (registry ? "there is no schema registry here. " : "")
            + "There are \(classes.joined(separator: ", "))"
    }
}

/// Names of plugins, which users may shorten.
enum PluginName {
    /// Without what every name of its kind ends with.
    static func normalized(_ name: String, suffix: String = "Connector") -> String {
        name.hasSuffix(suffix) && name != suffix ? String(name.dropLast(suffix.count)) : name
    }

    /// Whether a text names a class: in full, by its last part, or by that without `Connector`.
    static func matches(_ text: String, _ className: String) -> Bool {
        let simple = className.split(separator: ".").last.map(String.init) ?? className
        return text == className || text == simple || text == normalized(simple)
            || text == normalized(className)
    }
}
