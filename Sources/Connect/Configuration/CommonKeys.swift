import Sinks
import StreamModel

/// The keys that every sink connector has, with Kafka Connect's types and defaults.
enum CommonKeys {
    static let common = "Common"
    private static let transforms = "Transforms"
    private static let predicates = "Predicates"
    private static let errors = "Error Handling"

    static let inheritedHeaderConverter = "org.apache.kafka.connect.storage.SimpleHeaderConverter"

    /// - Parameter maxTasks: the largest `tasks.max`.
    static func all(maxTasks: Int) -> [ConfigKey] {
        identity(maxTasks: maxTasks) + conversion + topics + errorHandling
    }

    private static func identity(maxTasks: Int) -> [ConfigKey] {
        [
            ConfigKey(
                "name", .string, isRequired: true, importance: .high,
                documentation: "The connector's name; no other may have it.", group: common,
                displayName: "Connector name", complaint: ConnectorName.complaint),
            ConfigKey(
                "connector.class", .string, isRequired: true, importance: .high,
                documentation:
                    "What kind of connector it is: the full name of a class, its last part, or that "
                    + "without Connector.", group: common, width: .long, displayName: "Connector class"),
            ConfigKey(
                "tasks.max", .int, default: "1", importance: .high,
                documentation: "How many tasks share the work.", group: common, width: .short,
                displayName: "Tasks max",
                complaint: { range($0, 1...Int64(maxTasks), or: "connect.max.tasks") }),
            ConfigKey(
                "tasks.max.enforce", .boolean, default: "true", importance: .low,
                documentation: "Whether there are never more tasks than tasks.max; always so here.",
                group: common, width: .short, displayName: "Enforce tasks max"),
            ConfigKey(
                "config.action.reload", .string, default: "restart", importance: .low,
                documentation:
                    "What happens when a value changes that comes from elsewhere; values are read anew "
                    + "at each restart.", group: common, displayName: "Reload Action",
                recommendedValues: ["none", "restart"],
                complaint: { oneOf($0, ["none", "restart"]) }),
        ]
    }

    private static let conversion: [ConfigKey] = [
        ConfigKey(
            "key.converter", .class, importance: .low,
            documentation: "How the bytes of a record's key are read.", group: common, width: .short,
            displayName: "Key converter class", complaint: Converters.complaint),
        ConfigKey(
            "value.converter", .class, importance: .low,
            documentation: "How the bytes of a record's value are read.", group: common, width: .short,
            displayName: "Value converter class", complaint: Converters.complaint),
        ConfigKey(
            "header.converter", .class, default: inheritedHeaderConverter, importance: .low,
            documentation: "How the bytes of a header's value are read.", group: common, width: .short,
            displayName: "Header converter class", complaint: Converters.complaintOfHeaders),
        ConfigKey(
            "transforms", .list, default: "", importance: .low,
            documentation: "Names of changes made to each record on its way; none can be run here.",
            group: transforms, width: .long, displayName: "Transforms"),
        ConfigKey(
            "predicates", .list, default: "", importance: .low,
            documentation: "Names of conditions for transforms; none can be run here.",
            group: predicates, width: .long, displayName: "Predicates"),
    ]

    private static let topics: [ConfigKey] = [
        ConfigKey(
            "topics", .list, default: "", importance: .high,
            documentation: "The topics to read, with commas between.", group: common, width: .long,
            displayName: "Topics"),
        ConfigKey(
            "topics.regex", .string, default: "", importance: .high,
            documentation:
                "A regular expression for the whole name of each topic to read; either this or topics.",
            group: common, width: .long, displayName: "Topics regex",
            complaint: { TopicSelection.pattern($0) == nil ? "Invalid regular expression" : nil }),
    ]

    private static let errorHandling: [ConfigKey] = [
        ConfigKey(
            "errors.retry.timeout", .long, default: "0",
            documentation: "For how many milliseconds a failed operation is tried again; -1 for ever.",
            group: errors, displayName: "Retry Timeout for Errors"),
        ConfigKey(
            "errors.retry.delay.max.ms", .long, default: "60000",
            documentation: "The longest pause between two attempts, in milliseconds.", group: errors,
            displayName: "Maximum Delay Between Retries for Errors"),
        ConfigKey(
            "errors.tolerance", .string, default: "none",
            documentation: "none: a record that cannot be handled stops the task; all: it is passed over.",
            group: errors, width: .short, displayName: "Error Tolerance", recommendedValues: ["none", "all"],
            complaint: { oneOf($0, ["none", "all"]) }),
        ConfigKey(
            "errors.log.enable", .boolean, default: "false",
            documentation: "Whether records that were passed over are logged.", group: errors, width: .short,
            displayName: "Log Errors"),
        ConfigKey(
            "errors.log.include.messages", .boolean, default: "false",
            documentation: "Whether the log names topic, partition and offset of such a record.",
            group: errors,
            width: .short, displayName: "Log Error Details"),
        ConfigKey(
            "errors.deadletterqueue.topic.name", .string, default: "",
            documentation: "The topic that takes records which cannot be handled; empty: none does.",
            group: errors, displayName: "Dead Letter Queue Topic Name",
            complaint: { $0.isEmpty || TopicName($0) != nil ? nil : "it is no name for a topic" }),
        ConfigKey(
            "errors.deadletterqueue.topic.replication.factor", .int, default: "3",
            documentation: "Copies of that topic if it must be made; there is one server here, so one copy.",
            group: errors, displayName: "Dead Letter Queue Topic Replication Factor"),
        ConfigKey(
            "errors.deadletterqueue.context.headers.enable", .boolean, default: "false",
            documentation: "Whether such a record gets headers with its origin and the reason.",
            group: errors,
            displayName: "Enable Error Context Headers"),
    ]

    // MARK: Complaints

    static func range(_ text: String, _ range: ClosedRange<Int64>, or setting: String? = nil) -> String? {
        guard let number = Int64(text) else { return nil }
        if number < range.lowerBound { return "Value must be at least \(range.lowerBound)" }
        guard number > range.upperBound else { return nil }
        return "Value must be no more than \(range.upperBound)" + (setting.map { ", as \($0) says" } ?? "")
    }

    static func oneOf(_ text: String, _ values: [String]) -> String? {
        values.contains(text) ? nil : "String must be one of: \(values.joined(separator: ", "))"
    }
}

/// The name of a connector, as Kafka Connect has it.
enum ConnectorName {
    /// The longest name, in bytes: it goes into a group's name.
    static let maxBytes = 249

    static func complaint(_ name: String) -> String? {
        if name.isEmpty { return "String must be non-empty" }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "String may not contain control sequences"
        }
        return name.utf8.count > maxBytes ? "String may have at most \(maxBytes) bytes" : nil
    }
}
