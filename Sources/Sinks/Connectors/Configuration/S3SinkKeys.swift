/// The keys of the S3 sink, in the groups in which Confluent's shows them.
enum S3SinkKeys {
    static let definition = ConfigDefinition(connector + s3 + tagging + storage + partitioner + nulls)

    /// As `ConfigKey.init`, with the display name made of the key's.
    static func key(
        _ name: String, _ type: ConfigKey.ValueType, default defaultValue: String? = nil,
        isRequired: Bool = false, _ importance: ConfigKey.Importance = .low, _ documentation: String,
        group: String, dependents: [String] = [], recommended: [String] = [],
        check: @escaping ConfigChecks.Check = { _ in nil }
    ) -> ConfigKey {
        ConfigKey(
            name, type, default: defaultValue, isRequired: isRequired, importance: importance,
            documentation: documentation, group: group, width: type == .boolean ? .short : .long,
            displayName: name.split(separator: ".").map(capitalized).joined(separator: " "),
            dependents: dependents, recommendedValues: recommended, complaint: check)
    }

    private static func capitalized(_ word: Substring) -> String {
        word == "s3" || word == "ms" || word == "aws" || word == "dlq"
            ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
    }

    // MARK: Connector

    private static let formats = [
        ConnectClasses.jsonFormat, ConnectClasses.parquetFormat, ConnectClasses.byteArrayFormat,
    ]

    private static let connector: [ConfigKey] = [
        key(
            "format.class", .class, isRequired: true, .high,
            "The format of the objects: JSON lines, Parquet, or bytes as they are.", group: "Connector",
            dependents: ["avro.codec", "parquet.codec"], recommended: formats,
            check: ConfigChecks.classes(
                formats, refused: [ConnectClasses.avroFormat: ConnectClasses.avroReason], "format.class")),
        key(
            "flush.size", .int, isRequired: true, .high,
            "Records in the open files of a topic partition at which they are committed.",
            group: "Connector",
            check: ConfigChecks.atLeast(1, "flush.size")),
        key(
            "rotate.interval.ms", .long, default: "-1", .high,
            "Milliseconds of record time after which the files of a topic partition are committed; counted from the "
                + "first record in them, by the timestamp extractor; only with a time-based partitioner.",
            group: "Connector"),
        key(
            "rotate.schedule.interval.ms", .long, default: "-1", .medium,
            "Milliseconds of the wall clock after which files are committed, counted from midnight in the time zone; "
                + "needs timezone.",
            group: "Connector"),
        key(
            "rotate.file.on.partition.change", .boolean, default: "true", .low,
            "Whether a record of another encoded partition commits the files, with rotate.interval.ms.",
            group: "Connector"),
        key(
            "schema.compatibility", .string, default: "NONE", .high,
            "Which changes of schema end a file: with NONE each does.", group: "Connector",
            recommended: ["NONE", "BACKWARD", "FORWARD", "FULL"],
            check: ConfigChecks.oneOf(
                ["NONE", "BACKWARD", "FORWARD", "FULL"], "schema.compatibility", ignoresCase: true)),
        key(
            "schemas.cache.config", .int, default: "1000", .low,
            "Schemas that are remembered once they were read.",
            group: "Connector", check: ConfigChecks.atLeast(1, "schemas.cache.config")),
        key(
            "enhanced.avro.schema.support", .boolean, default: "true", .low,
            "Without meaning here: there is no Avro.", group: "Connector"),
        key(
            "connect.meta.data", .boolean, default: "true", .low,
            "Without meaning here: there is no Avro.", group: "Connector"),
        key(
            "retry.backoff.ms", .long, default: "5000", .low,
            "Milliseconds to wait before the store is tried again after an error that may pass.",
            group: "Connector",
            check: ConfigChecks.atLeast(0, "retry.backoff.ms")),
        key(
            "shutdown.timeout.ms", .long, default: "3000", .medium,
            "Without meaning here: what is open at a stop is read again, so there is nothing to wait for.",
            group: "Connector", check: ConfigChecks.atLeast(0, "shutdown.timeout.ms")),
        key(
            "filename.offset.zero.pad.width", .int, default: "10", .low,
            "Digits of the offset in an object's name.",
            group: "Connector", check: ConfigChecks.between(0, 64, "filename.offset.zero.pad.width")),
        key(
            "avro.codec", .string, default: "null", .low, "Without meaning here: there is no Avro.",
            group: "Connector",
            check: ConfigChecks.oneOf(["null", "deflate", "snappy", "bzip2"], "avro.codec")),
        key(
            "parquet.codec", .string, default: "snappy", .low, "How Parquet files are compressed.",
            group: "Connector", recommended: ParquetCodec.names,
            check: ConfigChecks.oneOf(ParquetCodec.names, "parquet.codec", ignoresCase: true)),
        key(
            "json.decimal.format", .string, default: "BASE64", .low,
            "How decimals are written in JSON: BASE64 or NUMERIC.", group: "Connector",
            recommended: ["BASE64", "NUMERIC"],
            check: ConfigChecks.oneOf(["BASE64", "NUMERIC"], "json.decimal.format", ignoresCase: true)),
        key(
            "enable.conditional.writes", .boolean, default: "true", .low,
            "Whether an object is stored only where its name is free. A name that is taken by the same bytes counts "
                + "as stored; one taken by others stops the task. With false, objects are written over.",
            group: "Connector"),
        key(
            "max.files.scan.limit", .int, default: "100", .low,
            "Without meaning here: an object that is there already is compared, not stepped over.",
            group: "Connector",
            check: ConfigChecks.atLeast(0, "max.files.scan.limit")),
        key(
            "max.write.duration.ms", .long, default: "9223372036854775807", .low,
            "Without meaning here: reading and storing go on side by side.", group: "Connector",
            check: ConfigChecks.atLeast(0, "max.write.duration.ms")),
    ]

    // MARK: Nulls, keys and headers

    private static let nulls: [ConfigKey] = [
        key(
            "behavior.on.null.values", .string, default: "fail", .low,
            "What to do with a record without a value: fail, ignore, or write its key.", group: "Connector",
            recommended: ["fail", "ignore", "write"],
            check: ConfigChecks.oneOf(
                ["ignore", "fail", "write"], "behavior.on.null.values", ignoresCase: true)),
        key(
            "report.null.values.to.dlq", .boolean, default: "true", .low,
            "Whether ignored records without a value go to the dead-letter topic, if there is one.",
            group: "Connector"),
        key(
            "tombstone.encoded.partition", .string, default: "tombstone", .low,
            "The folder of the keys of records without a value.", group: "Connector",
            check: { value in
                PathChecks.folderComplaint(value).map {
                    ConfigChecks.invalid("tombstone.encoded.partition", value, $0)
                }
            }),
        key(
            "store.kafka.keys", .boolean, default: "false", .medium,
            "Whether keys are stored in objects of their own beside the values.", group: "Keys and Headers",
            dependents: ["keys.format.class"]),
        key(
            "keys.format.class", .class, default: ConnectClasses.avroFormat, .low,
            "The format of the keys' objects, if there are any; to be set, since Avro is not supported.",
            group: "Keys and Headers", recommended: sideFormats,
            check: ConfigChecks.classes(sideFormats + [ConnectClasses.avroFormat], "keys.format.class")),
        key(
            "store.kafka.headers", .boolean, default: "false", .medium,
            "Whether headers are stored in objects of their own beside the values.",
            group: "Keys and Headers", dependents: ["headers.format.class"]),
        key(
            "headers.format.class", .class, default: ConnectClasses.avroFormat, .low,
            "The format of the headers' objects, if there are any; to be set, since Avro is not supported.",
            group: "Keys and Headers", recommended: sideFormats,
            check: ConfigChecks.classes(sideFormats + [ConnectClasses.avroFormat], "headers.format.class")),
    ]

    static let sideFormats = [
        ConnectClasses.jsonFormat, ConnectClasses.parquetFormat, ConnectClasses.byteArrayFormat,
    ]
}
