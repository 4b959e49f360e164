import ArgumentParser
import QueryEngine
import RemoteLogs

/// `pinline groups`.
struct GroupsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups",
        abstract: "Consumer groups of the running server, or of any Kafka server.",
        discussion: """
            EXAMPLES
              pinline groups list
              pinline groups describe my-app
              pinline groups reset-offsets my-app --topic me.pin --to-earliest --dry-run
              pinline groups delete my-app
            """,
        subcommands: [List.self, Describe.self, ResetOffsets.self, Delete.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists consumer groups.")

        @OptionGroup var kafka: KafkaOptions

        func run() throws {
            var rows = RowTable([("group", .text), ("state", .text), ("simple", .bool)])
            for group in try kafka.connect().groups() {
                rows.add(.text(group.id), .text(group.state), .bool(group.isSimple))
            }
            rows.show(kafka.format)
        }
    }

    struct Describe: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows where groups stand, and who reads what; or their members.",
            discussion: """
                The lag is how many records are not committed yet.

                EXAMPLES
                  pinline groups describe my-app
                  pinline groups describe my-app --members
                """)

        @Argument(help: ArgumentHelp("The groups' ids (default: all).", valueName: "group"))
        var ids: [String] = []
        @Flag(help: "Show members instead of partitions.")
        var members = false
        @OptionGroup var kafka: KafkaOptions

        func run() throws {
            let admin = try kafka.connect()
            let ids = try self.ids.isEmpty ? admin.groups().map(\.id) : self.ids
            let groups = try ids.map { try admin.group($0) }
            try members ? showMembers(groups) : showPositions(groups, admin)
        }

        private func showMembers(_ groups: [KafkaGroup]) {
            var rows = RowTable([
                ("group", .text), ("state", .text), ("assignor", .text), ("member", .text), ("client", .text),
                ("host", .text), ("instance", .text), ("partitions", .list(.text)),
            ])
            for group in groups {
                for member in group.members {
                    rows.add(
                        .text(group.id), .text(group.state), .text(group.assignor), .text(member.id),
                        .text(member.clientID), .text(member.host), .optional(member.instanceID),
                        .list(member.partitions.sorted().map { .text("\($0)") }))
                }
            }
            rows.show(kafka.format)
        }

        private func showPositions(_ groups: [KafkaGroup], _ admin: KafkaAdmin) throws {
            var rows = RowTable([
                ("group", .text), ("state", .text), ("topic", .text), ("partition", .integer),
                ("committed", .integer), ("end", .integer), ("lag", .integer), ("client", .text),
                ("host", .text), ("member", .text),
            ])
            for group in groups {
                let positions = try admin.positions(of: group)
                guard !positions.isEmpty || group.state != "Dead" else {
                    throw CommandFailure(
                        "there is no group \(group.id); 'pinline groups list' shows those there are")
                }
                for position in positions {
                    rows.add(
                        .text(group.id), .text(group.state), .text(position.partition.topic),
                        .number(position.partition.partition), .optional(position.committed),
                        .integer(position.end), .optional(position.lag),
                        .optional(position.member?.clientID), .optional(position.member?.host),
                        .optional(position.member?.id))
                }
            }
            rows.show(kafka.format)
        }
    }

    struct ResetOffsets: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-offsets",
            abstract: "Moves a group that has no members to other offsets.",
            discussion: """
                Without --topic all topics are meant that the group has committed in. An offset outside those that a \
                partition holds becomes the nearest within.

                EXAMPLES
                  pinline groups reset-offsets my-app --to-earliest --dry-run
                  pinline groups reset-offsets my-app --topic me.pin --to-datetime 2026-01-02T03:04:05
                  pinline groups reset-offsets my-app --topic me.pin:0,2 --to-offset 1000
                """)

        @Argument(help: ArgumentHelp("The group's id.", valueName: "group"))
        var id: String
        @Option(
            help: ArgumentHelp(
                "A topic, or some of its partitions; may be repeated.", valueName: "topic[:partition,…]"))
        var topic: [String] = []
        @Flag(help: "To the first offset there is.")
        var toEarliest = false
        @Flag(help: "To the end: only records to come.")
        var toLatest = false
        @Option(help: "To this offset.")
        var toOffset: Int64?
        @Option(
            help: ArgumentHelp(
                "To the first record of this time or later; UTC without a zone.", valueName: "time"))
        var toDatetime: String?
        @Flag(help: "Show what would be changed, and change nothing.")
        var dryRun = false
        @OptionGroup var kafka: KafkaOptions

        func validate() throws {
            guard [toEarliest, toLatest, toOffset != nil, toDatetime != nil].count(where: { $0 }) == 1 else {
                throw ValidationError(
                    "give one of --to-earliest, --to-latest, --to-offset and --to-datetime")
            }
            if let toOffset, toOffset < 0 { throw ValidationError("--to-offset is a number from 0 on") }
            _ = try target()
            for text in topic { _ = try Self.selection(text) }
        }

        private func target() throws -> KafkaOffsetTarget {
            if toEarliest { return .earliest }
            if let toOffset { return .offset(toOffset) }
            guard let toDatetime else { return .latest }
            guard let time = KafkaTime.milliseconds(of: toDatetime) else {
                throw ValidationError(
                    "--to-datetime takes a time like 2026-01-02T03:04:05, not \(toDatetime)")
            }
            return .time(time)
        }

        /// The topic, and the partitions if some are named.
        private static func selection(_ text: String) throws -> (topic: String, partitions: [Int32]?) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return (text, nil) }
            let partitions = parts[1].split(separator: ",", omittingEmptySubsequences: false).map {
                Int32($0)
            }
            guard partitions.allSatisfy({ $0.map { $0 >= 0 } ?? false }) else {
                throw ValidationError("--topic takes a topic or TOPIC:0,1,2, not \(text)")
            }
            return (String(parts[0]), partitions.compactMap { $0 })
        }

        func run() throws {
            let admin = try kafka.connect()
            let changes = try admin.planReset(of: id, to: target(), partitions: partitions(admin))
            if !dryRun {
                let offsets = changes.map { ($0.partition, $0.after) }
                try admin.commitOffsets(Dictionary(offsets) { $1 }, of: id)
            }
            var rows = RowTable([
                ("group", .text), ("topic", .text), ("partition", .integer), ("before", .integer),
                ("after", .integer),
            ])
            for change in changes {
                rows.add(
                    .text(id), .text(change.partition.topic), .number(change.partition.partition),
                    .optional(change.before), .integer(change.after))
            }
            rows.show(kafka.format)
        }

        private func partitions(_ admin: KafkaAdmin) throws -> [KafkaPartitionID]? {
            guard !topic.isEmpty else { return nil }
            var chosen: Set<KafkaPartitionID> = []
            for text in topic {
                let (name, wanted) = try Self.selection(text)
                let there = try admin.topics(named: [name])[0].partitions.map(\.index)
                for index in wanted ?? there {
                    guard there.contains(index) else {
                        throw CommandFailure(
                            "topic \(name) has partitions 0 to \(there.count - 1), not \(index)")
                    }
                    chosen.insert(KafkaPartitionID(name, index))
                }
            }
            return chosen.sorted()
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes groups that have no members, with their committed offsets.")

        @Argument(help: ArgumentHelp("The groups' ids.", valueName: "group"))
        var ids: [String]
        @OptionGroup var kafka: KafkaOptions

        func run() throws {
            let admin = try kafka.connect()
            try RowTable.show(["group", "result"], kafka.format, for: ids) { id in
                try admin.deleteGroup(id)
                return [.text(id), .text("deleted")]
            }
        }
    }
}
