import KafkaWire
import LogStorage

extension SettingDescription {
    /// The settings of the server that clients and tools ask for, under Kafka's names.
    ///
    /// - Parameter address: where this client is told to connect to.
    static func server(
        _ settings: BrokerSettings, _ log: LogSettings, directory: String, address: BrokerAddress
    ) -> [SettingDescription] {
        let listener = "PLAINTEXT://\(address.host):\(address.port)"
        let identity = [
            SettingDescription(
                "advertised.listeners", .string, listener,
                default: settings.advertised == nil ? listener : "",
                "Where clients are told to connect to: kafka.advertised.listeners."),
            SettingDescription("broker.id", .int, "0", default: "0", "The only broker there is."),
            SettingDescription("node.id", .int, "0", default: "0", "The same as broker.id."),
            SettingDescription(
                "process.roles", .list, "broker,controller", default: "broker,controller", "Both."),
            SettingDescription("log.dirs", .string, directory, default: directory, "Where the log lies."),
            SettingDescription(
                "default.replication.factor", .int, "1", default: "1", "There is one broker, so one replica."),
            SettingDescription(
                "min.insync.replicas", .int, "1", default: "1", "There is one broker, so one replica."),
            SettingDescription(
                "delete.topic.enable", .boolean, "true", default: "true", "Topics can be deleted."),
            SettingDescription(
                "compression.type", .string, "producer", default: "producer", "Batches are kept as they come."
            ),
        ]
        return (identity + limits(settings, BrokerSettings()) + topicDefaults(log, LogSettings()))
            .sorted { $0.name < $1.name }
    }

    private static func limits(
        _ settings: BrokerSettings, _ builtIn: BrokerSettings
    ) -> [SettingDescription] {
        func setting(
            _ name: String, _ type: ConfigType, _ path: KeyPath<BrokerSettings, some CustomStringConvertible>,
            _ documentation: String
        ) -> SettingDescription {
            SettingDescription(
                name, type, "\(settings[keyPath: path])", default: "\(builtIn[keyPath: path])", documentation)
        }
        return [
            setting(
                "auto.create.topics.enable", .boolean, \.autoCreateTopics,
                "Topics come into being on first use: kafka.auto.create.topics.enable."),
            setting(
                "connections.max.idle.ms", .long, \.idleTimeoutMilliseconds,
                "An idle connection is closed after this: kafka.connections.max.idle.ms."),
            setting("max.connections", .int, \.maxConnections, "Connections at once: kafka.max.connections."),
            setting("num.io.threads", .int, \.ioThreads, "Threads that read the log: kafka.io.threads."),
            setting(
                "socket.request.max.bytes", .int, \.maxRequestBytes,
                "The largest request: kafka.max.request.bytes."),
        ]
    }

    private static func topicDefaults(_ log: LogSettings, _ builtIn: LogSettings) -> [SettingDescription] {
        func setting(
            _ name: String, _ type: ConfigType, _ path: KeyPath<LogSettings, some CustomStringConvertible>,
            _ documentation: String
        ) -> SettingDescription {
            SettingDescription(
                name, type, "\(log[keyPath: path])", default: "\(builtIn[keyPath: path])", documentation)
        }
        return [
            SettingDescription(
                "log.cleanup.policy", .list, log.cleanupPolicy.text, default: builtIn.cleanupPolicy.text,
                "What becomes of old records: delete, compact, or both."),
            setting(
                "log.cleaner.delete.retention.ms", .long, \.deleteRetentionMilliseconds,
                "How long compaction keeps the tombstone of a key that was deleted."),
            setting(
                "log.index.interval.bytes", .int, \.indexIntervalBytes, "Distance between index entries."),
            setting(
                "log.retention.bytes", .long, \.retentionBytes,
                "The oldest segments of a larger partition are deleted; -1: no limit."),
            setting(
                "log.retention.ms", .long, \.retentionMilliseconds, "Older segments are deleted; -1: never."),
            setting(
                "log.roll.ms", .long, \.segmentMilliseconds, "Older segments are closed: log.segment.ms."),
            setting(
                "log.segment.bytes", .int, \.segmentBytes, "A segment is closed before it grows past this."),
            setting(
                "message.max.bytes", .int, \.maxMessageBytes,
                "The largest record batch: log.max.message.bytes."),
            setting(
                "num.partitions", .int, \.partitionsPerTopic,
                "Partitions of a topic for which nobody says how many: log.num.partitions."),
        ]
    }
}
