/// Which records share an object.
extension S3SinkKeys {
    static let partitioners = [
        ConnectClasses.defaultPartitioner, ConnectClasses.hourlyPartitioner, ConnectClasses.dailyPartitioner,
        ConnectClasses.timeBasedPartitioner, ConnectClasses.fieldPartitioner,
    ]

    static let partitioner: [ConfigKey] = [
        key(
            "partitioner.class", .class, default: ConnectClasses.defaultPartitioner, .high,
            "What the folders below a topic are named after.", group: "Partitioner",
            dependents: [
                "partition.field.name", "partition.duration.ms", "path.format", "locale", "timezone",
            ], recommended: partitioners, check: ConfigChecks.classes(partitioners, "partitioner.class")),
        key(
            "partition.field.name", .list, default: "", .medium,
            "The fields that name folders, with FieldPartitioner; dots for nested ones.", group: "Partitioner"
        ),
        key(
            "partition.duration.ms", .long, default: "-1", .medium,
            "Milliseconds of time that share a folder, with TimeBasedPartitioner.", group: "Partitioner"),
        key(
            "path.format", .string, default: "", .medium,
            "The folders of a time, as a pattern of Joda-Time, with TimeBasedPartitioner.",
            group: "Partitioner",
            check: { value in
                guard let complaint = PathFormat.complaint(value) else { return nil }
                return ConfigChecks.invalid("path.format", value, complaint)
            }),
        key(
            "locale", .string, default: "", .medium,
            "The language of names of months and days, with a time-based partitioner.", group: "Partitioner"),
        key(
            "timezone", .string, default: "", .medium,
            "The time zone of folders and of rotate.schedule.interval.ms.", group: "Partitioner",
            check: { value in
                value.trimmedBlanks.isEmpty || ZoneOffsets(identifier: value.trimmedBlanks) != nil
                    ? nil
                    : ConfigChecks.invalid(
                        "timezone", value, "The datetime zone id '\(value)' is not recognised")
            }),
        key(
            "timestamp.extractor", .string, default: "Wallclock", .medium,
            "Where a record's time comes from: Wallclock, Record or RecordField.", group: "Partitioner",
            dependents: ["timestamp.field"], recommended: ["Wallclock", "Record", "RecordField"],
            check: { value in
                TimestampExtractor.Kind(value) != nil
                    ? nil
                    : ConfigChecks.invalid(
                        "timestamp.extractor", value,
                        "String must be one of: Wallclock, Record, RecordField")
            }),
        key(
            "timestamp.field", .string, default: "timestamp", .medium,
            "The field with a record's time, with RecordField; dots for a nested one.", group: "Partitioner"),
        key(
            "partitioner.max.open.files", .int, default: "-1", .low,
            "Most files that one topic partition has open; another one commits them all. -1 for no limit.",
            group: "Partitioner",
            check: { value in
                Int(value.trimmedBlanks).map { $0 >= 1 || $0 == -1 } ?? true
                    ? nil
                    : ConfigChecks.invalid(
                        "partitioner.max.open.files", value, "Value must be -1 or at least 1")
            }),
    ]
}
