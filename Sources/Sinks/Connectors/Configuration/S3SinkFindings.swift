/// What is wrong with a configuration: single values, and keys that need or exclude one another.
enum S3SinkFindings {
    /// Everything that is wrong, by the key to blame.
    static func all(in configuration: [String: String]) -> [String: [String]] {
        var findings = S3SinkKeys.definition.findings(in: configuration)
        findings.merge(between(configuration)) { $0 + $1 }
        return findings
    }

    /// What is wrong beyond single values.
    static func between(_ configuration: [String: String]) -> [String: [String]] {
        let read = ConfigReader(configuration, S3SinkKeys.definition)
        var findings = Converters.findings(in: configuration)
        func add(_ name: String, _ reason: String) {
            findings[name, default: []].append(ConfigChecks.invalid(name, read.text(name), reason))
        }
        for (name, reason) in partitioner(read) + rotation(read) + formats(read, configuration) {
            add(name, reason)
        }
        return findings
    }

    private static func partitioner(_ read: ConfigReader) -> [(String, String)] {
        var wrong: [(String, String)] = []
        let name = read.text("partitioner.class")
        if name == ConnectClasses.fieldPartitioner, ConfigText.list(read.text("partition.field.name")).isEmpty
        {
            wrong.append(("partition.field.name", "FieldPartitioner needs the names of fields"))
        }
        let isTimeBased = [
            ConnectClasses.timeBasedPartitioner, ConnectClasses.hourlyPartitioner,
            ConnectClasses.dailyPartitioner,
        ].contains(name)
        guard isTimeBased else { return wrong }
        if name == ConnectClasses.timeBasedPartitioner {
            if read.integer("partition.duration.ms") <= 0 {
                wrong.append(("partition.duration.ms", "Partition duration needs to be a positive"))
            }
            if read.text("path.format").isEmpty {
                wrong.append(("path.format", "Path format cannot be empty."))
            }
        }
        if read.text("locale").isEmpty { wrong.append(("locale", "Locale cannot be empty.")) }
        if read.text("timezone").isEmpty { wrong.append(("timezone", "Timezone cannot be empty.")) }
        if TimestampExtractor.Kind(read.text("timestamp.extractor")) == .recordField,
            read.text("timestamp.field").isEmpty
        {
            wrong.append(("timestamp.field", "RecordField needs the name of a field"))
        }
        return wrong
    }

    private static func rotation(_ read: ConfigReader) -> [(String, String)] {
        guard read.integer("rotate.schedule.interval.ms") > 0, read.text("timezone").isEmpty else {
            return []
        }
        return [
            (
                "timezone",
                "timezone configuration must be set when using scheduled rotation (rotate.schedule.interval.ms)"
            )
        ]
    }

    private static func formats(
        _ read: ConfigReader, _ configuration: [String: String]
    ) -> [(String, String)] {
        var wrong: [(String, String)] = []
        let converters = Converters(configuration)
        let format = read.text("format.class")
        if let reason = mismatch(format, converters.value) { wrong.append(("format.class", reason)) }
        if format == ConnectClasses.parquetFormat, read.text("s3.compression.type").lowercased() == "gzip" {
            wrong.append(("s3.compression.type", "Parquet has a compression of its own: set parquet.codec"))
        }
        if read.bool("store.kafka.keys") {
            wrong += side("keys.format.class", read, converters.key)
        }
        if read.bool("store.kafka.headers") {
            let isBytes = read.text("headers.format.class") == ConnectClasses.byteArrayFormat
            wrong += side("headers.format.class", read, .json(schemas: false))
            if isBytes { wrong.append(("headers.format.class", "headers are no single bytes: choose JSON")) }
        }
        if read.text("behavior.on.null.values").lowercased() == "write", !read.bool("store.kafka.keys") {
            wrong.append(
                (
                    "behavior.on.null.values",
                    "store.kafka.keys must be true to write the keys of records without a value"
                ))
        }
        if read.text("schema.compatibility").uppercased() != "NONE",
            converters.value != .json(schemas: true)
        {
            wrong.append(
                (
                    "schema.compatibility",
                    "only values with schemas can be compatible: use JsonConverter with schemas.enable=true"
                ))
        }
        return wrong
    }

    private static func side(
        _ name: String, _ read: ConfigReader, _ converter: Converters.Converter
    ) -> [(String, String)] {
        let format = read.text(name)
        if format == ConnectClasses.avroFormat { return [(name, ConnectClasses.avroReason)] }
        if format == ConnectClasses.parquetFormat {
            return [(name, "keys and headers are stored as JSON or as bytes")]
        }
        return mismatch(format, converter).map { [(name, $0)] } ?? []
    }

    /// Why a format cannot hold what a converter gives; nil if it can.
    private static func mismatch(_ format: String, _ converter: Converters.Converter) -> String? {
        switch (format, converter) {
        case (ConnectClasses.byteArrayFormat, .json), (ConnectClasses.byteArrayFormat, .string):
            "ByteArrayFormat needs the ByteArrayConverter"
        case (ConnectClasses.parquetFormat, .string), (ConnectClasses.parquetFormat, .bytes):
            "Parquet needs values with fields: use the JsonConverter"
        default: nil
        }
    }
}
