import ArgumentParser
import QueryEngine
import RemoteLogs

/// `pinline dlq`.
struct DLQCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Records that could not be stored: shows them with their reasons, and sends them again.",
        discussion: """
            What was sent again is marked by the committed offsets of a consumer group, so that it is sent once: \
            'pinline groups describe' shows them, 'pinline groups reset-offsets' moves them.

            EXAMPLES
              pinline dlq list
              pinline dlq list me.dlq --all --format json
              pinline dlq replay me.dlq --dry-run
              pinline dlq replay me.dlq
              pinline dlq replay me.dlq --to me.pin --limit 10
            """,
        subcommands: [List.self, Replay.self])

    struct Letters: ParsableArguments {
        /// The built-in sink's, unless `sink.errors.deadletterqueue.topic.name` says otherwise.
        private static let builtIn = "pinline.dead-letters"

        @Argument(help: ArgumentHelp("The dead-letter topic.", valueName: "topic"))
        var topic = Self.builtIn
        @Option(
            help: ArgumentHelp(
                "The group whose offsets tell what was sent again (default: dlq-<topic>).", valueName: "group"
            ))
        var group: String?
        @Option(help: "Most records.")
        var limit = 1_000
        @OptionGroup var kafka: KafkaOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit is a number from 1 on") }
        }

        var groupID: String { group ?? "dlq-\(topic)" }

        /// The first offset of each partition that was not sent again yet, and the ends; ends stay where they are,
        /// whatever comes while records are sent.
        func ranges(_ admin: KafkaAdmin, all: Bool) throws -> [KafkaPartitionID: Range<Int64>] {
            let committed = try all ? [:] : admin.committedOffsets(of: groupID)
            var ranges: [KafkaPartitionID: Range<Int64>] = [:]
            for partition in try admin.topics(named: [topic])[0].partitions {
                let id = KafkaPartitionID(topic, partition.index)
                let there = try admin.offsets(of: id)
                let start = min(max(committed[id] ?? 0, there.start), there.end)
                ranges[id] = start..<there.end
            }
            return ranges
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows records that were set aside and not sent again yet: reason and origin.")

        @Flag(help: "Also those that were sent again.")
        var all = false
        @Flag(help: "Show keys and values, too.")
        var values = false
        @OptionGroup var letters: Letters

        func run() throws {
            let admin = try letters.kafka.connect()
            let reader = try KafkaRecordReader(letters.kafka.clientSettings())
            var rows = RowTable(
                [
                    ("partition", .integer), ("offset", .integer), ("timestamp", .integer),
                    ("from_topic", .text),
                    ("from_partition", .integer), ("from_offset", .integer), ("connector", .text),
                    ("bytes", .integer), ("reason", .text),
                ] + (values ? [("key", .text), ("value", .text)] : []))
            var count = 0
            try reader.read(letters.ranges(admin, all: all)) { record in
                let letter = DeadLetter(record: record)
                var row: [SQLValue] = [
                    .optional(record.partition.map { Int64($0) }), .integer(record.offset),
                    .integer(record.timestamp), .optional(letter.topic),
                    .optional(letter.partition.map { Int64($0) }), .optional(letter.offset),
                    .optional(letter.connector), .optional(record.value.map { Int64($0.count) }),
                    .optional(letter.reason),
                ]
                if values { row += [Self.text(record.key), Self.text(record.value)] }
                rows.add(row)
                count += 1
                return count < letters.limit
            }
            rows.show(letters.kafka.format)
        }

        private static func text(_ bytes: [UInt8]?) -> SQLValue {
            bytes.map { .text(String(decoding: $0, as: UTF8.self)) } ?? .null
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends records again to the topics they came from, exactly as they were.",
            discussion: """
                Key, value, timestamp and the headers that the record had are sent; those that tell the reason are \
                left out. Sending and marking are one transaction: a run that is cut off neither loses nor repeats.
                """)

        @Option(help: ArgumentHelp("Send to this topic instead of each record's own.", valueName: "topic"))
        var to: String?
        @Flag(help: "Leave the choice of the partition to the record's key, instead of the one it came from.")
        var repartition = false
        @Flag(help: "Show what would be sent, and send nothing.")
        var dryRun = false
        @OptionGroup var letters: Letters

        /// Records that are sent in one transaction.
        private static let batchCount = 500

        func run() throws {
            let settings = try letters.kafka.clientSettings()
            let admin = try KafkaAdmin(settings)
            let reader = try KafkaRecordReader(settings)
            let transfer = dryRun ? nil : try KafkaTransfer(settings, id: letters.groupID)
            var replay = ReplayBatch(group: letters.groupID, transfer: transfer)
            var count = 0
            do {
                try reader.read(letters.ranges(admin, all: false)) { record in
                    try replay.add(record, restored(record))
                    if replay.count >= Self.batchCount { try replay.send() }
                    count += 1
                    return count < letters.limit
                }
                try replay.send()
            } catch {
                if !replay.sent.isEmpty { show(replay) }
                throw error
            }
            show(replay)
        }

        private func restored(_ record: KafkaRecord) throws -> KafkaRecord {
            let letter = DeadLetter(record: record)
            guard let topic = to ?? letter.topic else {
                throw CommandFailure(
                    "the record at offset \(record.offset) of \(record.topic) does not tell where it came from: it "
                        + "was set aside without errors.deadletterqueue.context.headers.enable. Name the topic by --to"
                )
            }
            guard topic != record.topic else {
                throw CommandFailure("\(topic) is the dead-letter topic itself: name another by --to")
            }
            return letter.restored(to: topic, partition: repartition || to != nil ? nil : letter.partition)
        }

        private func show(_ replay: ReplayBatch) {
            var rows = RowTable([("topic", .text), ("records", .integer), ("result", .text)])
            for (topic, count) in replay.sent.sorted(by: { $0.key < $1.key }) {
                rows.add(.text(topic), .number(count), .text(dryRun ? "would be sent" : "sent"))
            }
            rows.show(letters.kafka.format)
        }
    }
}

/// Records that are sent together.
private struct ReplayBatch {
    let group: String
    /// Nil sends nothing.
    let transfer: KafkaTransfer?
    private var records: [KafkaRecord] = []
    private var offsets: [KafkaPartitionID: Int64] = [:]
    /// Records that were sent, by topic.
    private(set) var sent: [String: Int] = [:]

    init(group: String, transfer: KafkaTransfer?) {
        self.group = group
        self.transfer = transfer
    }

    var count: Int { records.count }

    mutating func add(_ letter: KafkaRecord, _ restored: KafkaRecord) throws {
        records.append(restored)
        offsets[KafkaPartitionID(letter.topic, letter.partition ?? 0)] = letter.offset + 1
    }

    mutating func send() throws {
        guard !records.isEmpty else { return }
        try transfer?.send(records, reading: offsets, as: group)
        for record in records { sent[record.topic, default: 0] += 1 }
        records = []
        offsets = [:]
    }
}
