import ArgumentParser
import QueryEngine
import RemoteLogs

/// `pinline topics`.
struct TopicsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "Topics of the running server, or of any Kafka server.",
        discussion: """
            EXAMPLES
              pinline topics create me.pin --partitions 3
              pinline topics create users --config cleanup.policy=compact
              pinline topics list
              pinline topics describe me.pin
              pinline topics alter me.pin --config retention.ms=86400000 --partitions 6
              pinline topics delete me.pin
              pinline topics list --bootstrap kafka.example.org:9092 --command-config client.properties
            """,
        subcommands: [Create.self, List.self, Describe.self, Alter.self, Delete.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes topics.",
            discussion: """
                EXAMPLES
                  pinline topics create me.pin me.geo me.user --partitions 3
                  pinline topics create users --config cleanup.policy=compact --if-not-exists
                """)

        @Argument(help: ArgumentHelp("The topics' names.", valueName: "name"))
        var names: [String]
        @Option(help: "Partitions of each (default: as the server is set).")
        var partitions: Int32?
        @Option(help: "Copies of each partition (default: as the server is set).")
        var replicationFactor: Int32?
        @Option(help: ArgumentHelp("A setting of the topics; may be repeated.", valueName: "name=value"))
        var config: [SettingArgument] = []
        @Flag(help: "Leave topics alone that exist.")
        var ifNotExists = false
        @OptionGroup var kafka: KafkaOptions

        func validate() throws {
            if let partitions, partitions < 1 { throw ValidationError("--partitions is a number from 1 on") }
            if let replicationFactor, replicationFactor < 1 {
                throw ValidationError("--replication-factor is a number from 1 on")
            }
        }

        func run() throws {
            let admin = try kafka.connect()
            try RowTable.show(["topic", "result"], kafka.format, for: names) { name in
                let isNew = try KafkaOptions.did(ifNotExists ? .exists : nil) {
                    try admin.createTopic(
                        name, partitions: partitions, replicationFactor: replicationFactor,
                        settings: config.map { ($0.name, $0.value) })
                }
                return [.text(name), .text(isNew ? "created" : "exists")]
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists topics.")

        @Flag(help: "Also topics in which Kafka keeps something of its own.")
        var `internal` = false
        @OptionGroup var kafka: KafkaOptions

        func run() throws {
            var rows = RowTable([("topic", .text), ("partitions", .integer), ("replication", .integer)])
            for topic in try kafka.connect().topics() where self.internal || !topic.isInternal {
                rows.add(
                    .text(topic.name), .number(topic.partitions.count), .number(topic.replicationFactor))
            }
            rows.show(kafka.format)
        }
    }

    struct Describe: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the partitions of topics, with the offsets they hold, or their settings.",
            discussion: """
                EXAMPLES
                  pinline topics describe me.pin
                  pinline topics describe me.pin --settings --format json
                """)

        @Argument(help: ArgumentHelp("The topics' names (default: all).", valueName: "name"))
        var names: [String] = []
        @Flag(help: "Show settings in effect instead of partitions.")
        var settings = false
        @OptionGroup var kafka: KafkaOptions

        func run() throws {
            let admin = try kafka.connect()
            let topics =
                try names.isEmpty
                ? admin.topics().filter { !$0.isInternal } : admin.topics(named: names)
            try settings ? showSettings(topics, admin) : showPartitions(topics, admin)
        }

        private func showSettings(_ topics: [KafkaTopic], _ admin: KafkaAdmin) throws {
            var rows = RowTable([("topic", .text), ("setting", .text), ("value", .text), ("set_for", .text)])
            for topic in topics {
                for setting in try admin.settings(of: topic.name) {
                    rows.add(
                        .text(topic.name), .text(setting.name), .optional(setting.value),
                        .text(setting.isOfTopic ? "topic" : "server"))
                }
            }
            rows.show(kafka.format)
        }

        private func showPartitions(_ topics: [KafkaTopic], _ admin: KafkaAdmin) throws {
            var rows = RowTable([
                ("topic", .text), ("partition", .integer), ("leader", .integer),
                ("replicas", .list(.integer)),
                ("in_sync", .list(.integer)), ("start", .integer), ("end", .integer),
            ])
            for topic in topics {
                for partition in topic.partitions {
                    let range = try admin.offsets(of: KafkaPartitionID(topic.name, partition.index))
                    rows.add(
                        .text(topic.name), .number(partition.index), .number(partition.leader),
                        .numbers(partition.replicas), .numbers(partition.inSyncReplicas),
                        .integer(range.start), .integer(range.end))
                }
            }
            rows.show(kafka.format)
        }
    }

    struct Alter: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes settings of a topic, or adds partitions to it.",
            discussion: """
                Settings that are not named stay as they are. Keys go to other partitions once there are more.

                EXAMPLES
                  pinline topics alter me.pin --config retention.ms=86400000
                  pinline topics alter me.pin --delete-config retention.ms --partitions 6
                """)

        @Argument(help: ArgumentHelp("The topic's name.", valueName: "name"))
        var name: String
        @Option(help: "How many partitions there shall be; more than now.")
        var partitions: Int?
        @Option(help: ArgumentHelp("A setting to make; may be repeated.", valueName: "name=value"))
        var config: [SettingArgument] = []
        @Option(help: ArgumentHelp("A setting to take back; may be repeated.", valueName: "name"))
        var deleteConfig: [String] = []
        @OptionGroup var kafka: KafkaOptions

        func validate() throws {
            guard partitions != nil || !config.isEmpty || !deleteConfig.isEmpty else {
                throw ValidationError("say what to change by --config, --delete-config or --partitions")
            }
            if let partitions, partitions < 1 { throw ValidationError("--partitions is a number from 1 on") }
        }

        func run() throws {
            let admin = try kafka.connect()
            _ = try admin.topics(named: [name])
            if let partitions { try admin.setPartitions(of: name, to: partitions) }
            if !config.isEmpty || !deleteConfig.isEmpty {
                try admin.changeSettings(
                    of: name, set: config.map { ($0.name, $0.value) }, reset: deleteConfig)
            }
            var done = RowTable([("topic", .text), ("result", .text)])
            done.add(.text(name), .text("altered"))
            done.show(kafka.format)
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes topics with all their records.",
            discussion: """
                EXAMPLES
                  pinline topics delete me.pin me.geo --if-exists
                """)

        @Argument(help: ArgumentHelp("The topics' names.", valueName: "name"))
        var names: [String]
        @Flag(help: "Say nothing of topics that do not exist.")
        var ifExists = false
        @OptionGroup var kafka: KafkaOptions

        func run() throws {
            let admin = try kafka.connect()
            try RowTable.show(["topic", "result"], kafka.format, for: names) { name in
                let isGone = try KafkaOptions.did(ifExists ? .notFound : nil) { try admin.deleteTopic(name) }
                return isGone ? [.text(name), .text("deleted")] : nil
            }
        }
    }
}
