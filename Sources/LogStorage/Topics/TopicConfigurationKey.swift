/// A setting that a topic can have of its own: Kafka's name, type and meaning.
package struct TopicConfigurationKey: Sendable {
    package enum ValueType: Sendable {
        case boolean, string, int, long, double, list
    }

    package let name: String
    package let type: ValueType
    package let documentation: String
    /// The setting of the server that gives the default; nil if none does.
    package let serverSetting: String?
    /// The value for a topic without one of its own, given the log's settings.
    package let defaultValue: @Sendable (LogSettings) -> String
    /// False for keys that are taken, since they are commonly set, but change nothing here.
    package let hasEffect: Bool

    typealias Apply =
        @Sendable (_ text: String, _ settings: inout LogSettings) throws(LogStorageError) -> Void

    /// Checks a value and puts it into effect.
    let apply: Apply

    init(
        _ name: String, _ type: ValueType, serverSetting: String?, hasEffect: Bool = true,
        _ documentation: String,
        default defaultValue: @escaping @Sendable (LogSettings) -> String, apply: @escaping Apply
    ) {
        self.name = name
        self.type = type
        self.serverSetting = serverSetting
        self.hasEffect = hasEffect
        self.documentation = documentation
        self.defaultValue = defaultValue
        self.apply = apply
    }

    // MARK: Kinds

    private static func number<Number: FixedWidthInteger & Sendable>(
        _ name: String, _ type: ValueType, _ path: any WritableKeyPath<LogSettings, Number> & Sendable,
        in range: ClosedRange<Number>, serverSetting: String, _ documentation: String
    ) -> TopicConfigurationKey {
        TopicConfigurationKey(
            name, type, serverSetting: serverSetting, documentation, default: { "\($0[keyPath: path])" },
            apply: { (text, settings) throws(LogStorageError) in
                settings[keyPath: path] = try parse(text, name, in: range)
            })
    }

    /// A number that is checked and then left alone.
    private static func ignoredNumber(
        _ name: String, _ type: ValueType, in range: ClosedRange<Int64>, default value: Int64,
        _ documentation: String
    ) -> TopicConfigurationKey {
        TopicConfigurationKey(
            name, type, serverSetting: nil, hasEffect: false, documentation, default: { _ in "\(value)" },
            apply: { (text, _) throws(LogStorageError) in _ = try parse(text, name, in: range) })
    }

    /// One of some words, which is checked and then left alone.
    private static func word(
        _ name: String, _ type: ValueType = .string, among words: [String], hasEffect: Bool = false,
        _ documentation: String
    ) -> TopicConfigurationKey {
        TopicConfigurationKey(
            name, type, serverSetting: nil, hasEffect: hasEffect, documentation, default: { _ in words[0] },
            apply: { (text, _) throws(LogStorageError) in
                guard words.contains(text) || type == .boolean && words.contains(text.lowercased()) else {
                    throw LogStorageError(
                        .invalidConfiguration,
                        "\(name): '\(text)' is not supported, only \(words.joined(separator: ", "))")
                }
            })
    }

    private static func parse<Number: FixedWidthInteger>(
        _ text: String, _ name: String, in range: ClosedRange<Number>
    ) throws(LogStorageError) -> Number {
        guard let value = Number(text), range.contains(value) else {
            throw LogStorageError(
                .invalidConfiguration,
                "\(name): '\(text)' is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    // MARK: The list

    static let inEffect: [TopicConfigurationKey] = [
        cleanupPolicy,
        word(
            "compression.type", among: ["producer"], hasEffect: true,
            "How batches are compressed: as their producer has done it."),
        number(
            "delete.retention.ms", .long, \.deleteRetentionMilliseconds, in: 0...Int64.max,
            serverSetting: "log.cleaner.delete.retention.ms",
            "How long compaction keeps the tombstone of a key that was deleted."),
        number(
            "index.interval.bytes", .int, \.indexIntervalBytes, in: 0...Int(Int32.max),
            serverSetting: "log.index.interval.bytes", "Distance between index entries."),
        number(
            "max.compaction.lag.ms", .long, \.maxCompactionLag, in: 1...Int64.max,
            serverSetting: "log.cleaner.max.compaction.lag.ms",
            "Older records are compacted, however few they are."),
        number(
            "max.message.bytes", .int, \.maxMessageBytes, in: 0...Int(Int32.max),
            serverSetting: "log.max.message.bytes",
            "The largest record batch of a client; the largest posted record."),
        word(
            "message.timestamp.type", among: ["CreateTime"], hasEffect: true,
            "Which time a record carries: the one its producer gave it."),
        minCleanableRatio,
        number(
            "min.compaction.lag.ms", .long, \.minCompactionLag, in: 0...Int64.max,
            serverSetting: "log.cleaner.min.compaction.lag.ms", "Younger records are not compacted."),
        number(
            "retention.bytes", .long, \.retentionBytes, in: -1...Int64.max,
            serverSetting: "log.retention.bytes",
            "The oldest closed segments of a partition that is larger are deleted; -1: no limit."),
        number(
            "retention.ms", .long, \.retentionMilliseconds, in: -1...Int64.max,
            serverSetting: "log.retention.ms",
            "Closed segments whose newest record is older are deleted; -1: never."),
        number(
            "segment.bytes", .int, \.segmentBytes, in: 14...Int(Int32.max),
            serverSetting: "log.segment.bytes",
            "A segment is closed before it grows past this."),
        number(
            "segment.ms", .long, \.segmentMilliseconds, in: 1...Int64.max, serverSetting: "log.segment.ms",
            "A segment is closed when its first record is older."),
    ]

    private static let cleanupPolicy = TopicConfigurationKey(
        "cleanup.policy", .list, serverSetting: "log.cleanup.policy",
        "What becomes of old records: delete (by age and size), compact (the newest of each key stays), or both.",
        default: { $0.cleanupPolicy.text },
        apply: { (text, settings) throws(LogStorageError) in
            guard let policy = LogSettings.CleanupPolicy(text) else {
                throw LogStorageError(
                    .invalidConfiguration,
                    "cleanup.policy: '\(text)' is none of delete, compact, or both with a comma")
            }
            settings.cleanupPolicy = policy
        })

    private static let minCleanableRatio = TopicConfigurationKey(
        "min.cleanable.dirty.ratio", .double, serverSetting: "log.cleaner.min.cleanable.ratio",
        "A partition is compacted when this part of its bytes has not been yet.",
        default: { "\($0.minCleanableRatio)" },
        apply: { (text, settings) throws(LogStorageError) in
            guard let value = Double(text), (0...1).contains(value) else {
                throw LogStorageError(
                    .invalidConfiguration, "min.cleanable.dirty.ratio: '\(text)' is not a number from 0 to 1")
            }
            settings.minCleanableRatio = value
        })

    /// Keys that are commonly set, and that a log on one machine with one flush policy has no use for.
    static let withoutEffect: [TopicConfigurationKey] = [
        ignoredNumber(
            "file.delete.delay.ms", .long, in: 0...Int64.max, default: 0,
            "Without effect: files are deleted at once, and readers that have them open go on."),
        ignoredNumber(
            "flush.messages", .long, in: 1...Int64.max, default: Int64.max,
            "Without effect: log.flush decides."),
        ignoredNumber(
            "flush.ms", .long, in: 0...Int64.max, default: Int64.max, "Without effect: log.flush decides."),
        anyList("follower.replication.throttled.replicas"),
        anyList("leader.replication.throttled.replicas"),
        ignoredNumber(
            "local.retention.bytes", .long, in: -2...Int64.max, default: -2,
            "Without effect: no tiered storage."),
        ignoredNumber(
            "local.retention.ms", .long, in: -2...Int64.max, default: -2, "Without effect: no tiered storage."
        ),
        word(
            "message.downconversion.enable", .boolean, among: ["false", "true"],
            "Without effect: record batches are of format 2, always."),
        ignoredNumber(
            "message.timestamp.after.max.ms", .long, in: 0...Int64.max, default: Int64.max,
            "Without effect: any time is taken."),
        ignoredNumber(
            "message.timestamp.before.max.ms", .long, in: 0...Int64.max, default: Int64.max,
            "Without effect: any time is taken."),
        ignoredNumber(
            "message.timestamp.difference.max.ms", .long, in: 0...Int64.max, default: Int64.max,
            "Without effect: any time is taken."),
        ignoredNumber(
            "min.insync.replicas", .int, in: 1...Int64(Int32.max), default: 1,
            "Without effect: there is one replica, and what it acknowledges is durable as log.flush says."),
        word(
            "preallocate", .boolean, among: ["false", "true"],
            "Without effect: files grow as they are written."),
        word("remote.storage.enable", .boolean, among: ["false"], "Tiered storage: not supported."),
        ignoredNumber(
            "segment.index.bytes", .int, in: 4...Int64(Int32.max), default: 10_485_760,
            "Without effect: indexes grow as they are written."),
        ignoredNumber("segment.jitter.ms", .long, in: 0...Int64.max, default: 0, "Without effect."),
        word(
            "unclean.leader.election.enable", .boolean, among: ["false", "true"],
            "Without effect: there is one replica."),
    ]

    private static func anyList(_ name: String) -> TopicConfigurationKey {
        TopicConfigurationKey(
            name, .list, serverSetting: nil, hasEffect: false, "Without effect: nothing is replicated.",
            default: { _ in "" }, apply: { (_, _) throws(LogStorageError) in })
    }
}

extension LogSettings.CleanupPolicy {
    /// As the setting is written: `delete`, `compact` or `compact,delete`.
    package var text: String {
        [compacts ? "compact" : nil, deletes ? "delete" : nil].compactMap(\.self).joined(separator: ",")
    }

    /// Reads the setting; nil if it is not written so.
    package init?(_ text: String) {
        self.init()
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            switch word.filter({ $0 != " " }) {
            case "delete": deletes = true
            case "compact": compacts = true
            default: return nil
            }
        }
    }
}
