/// A configuration of the S3 sink whose values were checked.
package struct S3SinkConfiguration: Sendable {
    package enum NullBehavior: String, Sendable { case ignore, fail, write }
    package enum Format: Sendable, Equatable { case json, bytes, parquet }
    package enum Affix: String, Sendable { case none = "NONE", prefix = "PREFIX", suffix = "SUFFIX" }
    package enum PartitionerKind: Sendable, Equatable { case plain, fields, time }

    /// Every key that was given, for those that concern the store.
    package var given: [String: String]
    package var format: Format
    package var flushSize: Int
    package var rotateInterval: Int64
    package var rotateScheduleInterval: Int64
    package var rotatesOnPartitionChange: Bool
    package var compatibility: SchemaCompatibility
    package var schemaCacheSize: Int
    package var retryBackoff: Int64
    package var offsetDigits: Int
    package var parquetCodec: ParquetCodec
    package var decimalsAreNumbers: Bool
    package var conditionalWrites: Bool
    package var nullBehavior: NullBehavior
    package var reportsNulls: Bool
    package var tombstonePartition: String
    package var keysFormat: Format?
    package var headersFormat: Format?
    package var gzipLevel: Int?
    package var bytesExtension: String
    package var bytesSeparator: [UInt8]
    package var schemaAffix: Affix
    package var tagsOffsets: Bool
    package var tags: [(String, String)]
    package var topicsDirectory: String
    package var directoryDelimiter: String
    package var fileDelimiter: String
    package var partitioner: PartitionerKind
    package var fields: [String]
    package var duration: Int64
    package var pathFormat: String
    package var locale: String
    package var timezone: String
    package var extractor: TimestampExtractor.Kind
    package var timestampField: String
    package var maxOpenFiles: Int?
    package var converters: Converters
    package var errors: ErrorHandling

    /// - Throws: every finding, if there are any.
    package init(_ configuration: [String: String]) throws(ConfigurationError) {
        let findings = S3SinkFindings.all(in: configuration)
        guard findings.isEmpty else { throw ConfigurationError(findings) }
        let read = ConfigReader(configuration, S3SinkKeys.definition)
        given = configuration
        format = Self.format(read.text("format.class"))
        flushSize = Int(read.integer("flush.size"))
        rotateInterval = read.integer("rotate.interval.ms")
        rotateScheduleInterval = read.integer("rotate.schedule.interval.ms")
        rotatesOnPartitionChange = read.bool("rotate.file.on.partition.change")
        compatibility =
            SchemaCompatibility(rawValue: read.text("schema.compatibility").uppercased()) ?? .none
        schemaCacheSize = Int(read.integer("schemas.cache.config"))
        retryBackoff = read.integer("retry.backoff.ms")
        offsetDigits = Int(read.integer("filename.offset.zero.pad.width"))
        parquetCodec = ParquetCodec(rawValue: read.text("parquet.codec").lowercased()) ?? .snappy
        decimalsAreNumbers = read.text("json.decimal.format").uppercased() == "NUMERIC"
        conditionalWrites = read.bool("enable.conditional.writes")
        nullBehavior = NullBehavior(rawValue: read.text("behavior.on.null.values").lowercased()) ?? .fail
        reportsNulls = read.bool("report.null.values.to.dlq")
        tombstonePartition = read.text("tombstone.encoded.partition")
        keysFormat = read.bool("store.kafka.keys") ? Self.format(read.text("keys.format.class")) : nil
        headersFormat =
            read.bool("store.kafka.headers") ? Self.format(read.text("headers.format.class")) : nil
        let isCompressed = read.text("s3.compression.type").lowercased() == "gzip"
        gzipLevel = isCompressed ? Int(read.integer("s3.compression.level")) : nil
        bytesExtension = Self.withDot(read.text("format.bytearray.extension"))
        bytesSeparator = Array(Self.unescaped(configuration["format.bytearray.separator"] ?? "\n").utf8)
        schemaAffix = Affix(rawValue: read.text("s3.schema.partition.affix.type").uppercased()) ?? .none
        tagsOffsets = read.bool("s3.object.tagging")
        tags = Self.tags(read.text("s3.object.tagging.key.value.pairs"))
        topicsDirectory = read.text("topics.dir")
        directoryDelimiter = read.text("directory.delim")
        fileDelimiter = read.text("file.delim")
        (partitioner, duration, pathFormat) = Self.partitioner(read, read.text("directory.delim"))
        fields = ConfigText.list(read.text("partition.field.name"))
        locale = read.text("locale")
        timezone = read.text("timezone")
        extractor = TimestampExtractor.Kind(read.text("timestamp.extractor")) ?? .wallclock
        timestampField = read.text("timestamp.field")
        let limit = Int(read.integer("partitioner.max.open.files"))
        maxOpenFiles = limit > 0 ? limit : nil
        converters = Converters(configuration)
        errors = ErrorHandling(configuration)
    }

    private static func format(_ name: String) -> Format {
        switch name {
        case ConnectClasses.parquetFormat: .parquet
        case ConnectClasses.byteArrayFormat: .bytes
        default: .json
        }
    }

    private static func partitioner(
        _ read: ConfigReader, _ delimiter: String
    ) -> (PartitionerKind, Int64, String) {
        let daily = "'year'=YYYY\(delimiter)'month'=MM\(delimiter)'day'=dd"
        return switch read.text("partitioner.class") {
        case ConnectClasses.fieldPartitioner: (.fields, -1, "")
        case ConnectClasses.timeBasedPartitioner:
            (.time, read.integer("partition.duration.ms"), read.text("path.format"))
        case ConnectClasses.hourlyPartitioner: (.time, 3_600_000, daily + "\(delimiter)'hour'=HH")
        case ConnectClasses.dailyPartitioner: (.time, 86_400_000, daily)
        default: (.plain, -1, "")
        }
    }

    private static func tags(_ text: String) -> [(String, String)] {
        ConfigText.list(text).map { pair in
            let parts = pair.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }

    private static func withDot(_ text: String) -> String {
        text.isEmpty || text.hasPrefix(".") ? text : "." + text
    }

    /// With the escapes of a Java string undone that a separator may have.
    private static func unescaped(_ text: String) -> String {
        var plain = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "\\", let escape = rest.popFirst() else {
                plain.append(character)
                continue
            }
            switch escape {
            case "n": plain.append("\n")
            case "r": plain.append("\r")
            case "t": plain.append("\t")
            case "0": plain.append("\0")
            default: plain.append(escape)
            }
        }
        return plain
    }
}

/// Reads values that were checked; a key that is missing has its default.
struct ConfigReader {
    private let configuration: [String: String]
    private let definition: ConfigDefinition

    init(_ configuration: [String: String], _ definition: ConfigDefinition) {
        self.configuration = configuration
        self.definition = definition
    }

    func text(_ name: String) -> String {
        (configuration[name] ?? definition[name]?.defaultValue ?? "").trimmedBlanks
    }

    func integer(_ name: String) -> Int64 { Int64(text(name)) ?? 0 }

    func bool(_ name: String) -> Bool { text(name).lowercased() == "true" }
}

/// How Parquet files are compressed.
package enum ParquetCodec: String, Sendable, CaseIterable {
    case none, uncompressed, snappy, gzip, zstd

    static let names = allCases.map(\.rawValue)

    /// What names of files end with.
    var fileExtension: String {
        switch self {
        case .none, .uncompressed: ".parquet"
        case .snappy: ".snappy.parquet"
        case .gzip: ".gz.parquet"
        case .zstd: ".zstd.parquet"
        }
    }
}

/// Why a configuration cannot be run: what is wrong, by key.
package struct ConfigurationError: Error, CustomStringConvertible {
    package var findings: [String: [String]]

    package init(_ findings: [String: [String]]) {
        self.findings = findings
    }

    package var description: String {
        findings.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: "\n")
    }
}
