import JSONText
import StreamModel

/// Names the folder of a record below its topic: the encoded partition.
struct Partitioner {
    private enum Rule {
        case plain
        case fields([FieldPath])
        case time(PathFormat, duration: Int64)
    }

    /// Nil unless folders are of times.
    let extractor: TimestampExtractor?
    private let rule: Rule
    private let delimiter: String
    private let affix: S3SinkConfiguration.Affix
    private var zone: ZoneOffsets
    /// The folder that was made last, and the time it is of: most records go where the one before went.
    private var last: (local: Int64, offset: Int64, path: String)?

    init(_ configuration: S3SinkConfiguration) throws(ConfigurationError) {
        delimiter = configuration.directoryDelimiter
        affix = configuration.schemaAffix
        let name = configuration.timezone.isEmpty ? "UTC" : configuration.timezone
        guard let zone = ZoneOffsets(identifier: name) else {
            throw ConfigurationError([
                "timezone": [
                    ConfigChecks.invalid("timezone", name, "The datetime zone id '\(name)' is not recognised")
                ]
            ])
        }
        self.zone = zone
        switch configuration.partitioner {
        case .plain:
            rule = .plain
            extractor = nil
        case .fields:
            rule = .fields(configuration.fields.map { FieldPath($0) })
            extractor = nil
        case .time:
            do throws(PathFormat.PatternError) {
                // Trailing delimiters would make names with nothing between two of them.
                var pattern = configuration.pathFormat
                while pattern.hasSuffix(delimiter) { pattern.removeLast(delimiter.count) }
                let format = try PathFormat(pattern, locale: configuration.locale, timezone: name)
                rule = .time(format, duration: configuration.duration)
            } catch {
                throw ConfigurationError([
                    "path.format": [
                        ConfigChecks.invalid("path.format", configuration.pathFormat, error.message)
                    ]
                ])
            }
            extractor = TimestampExtractor(configuration.extractor, field: configuration.timestampField)
        }
    }

    /// The encoded partition of a record.
    ///
    /// - Parameter time: what the extractor says, if there is one.
    mutating func path(
        of value: ConnectValue, partition: PartitionIndex, time: Int64?
    ) throws(PartitionError) -> String {
        let path =
            switch rule {
            case .plain: "partition=\(partition)"
            case .fields(let fields): try fieldPath(of: value, fields)
            case .time(let format, let duration): timePath(time ?? 0, format, duration)
            }
        guard affix != .none, let name = value.schema?.name else { return path }
        return affix == .prefix
            ? "schema_name=\(name)\(delimiter)\(path)" : "\(path)\(delimiter)schema_name=\(name)"
    }

    private func fieldPath(of value: ConnectValue, _ fields: [FieldPath]) throws(PartitionError) -> String {
        guard case .structured(let schema, let tree) = value, schema.kind == .struct else {
            throw PartitionError(
                "Error encoding partition: FieldPartitioner needs values that are structs, with schemas")
        }
        var parts: [String] = []
        for field in fields {
            let (value, schema) = try field.value(tree, schema)
            parts.append("\(field.name)=\(try Self.text(of: value, schema))")
        }
        return parts.joined(separator: delimiter)
    }

    private static func text(of value: JSONTree, _ schema: ConnectSchema) throws(PartitionError) -> String {
        switch schema.kind {
        case .int8, .int16, .int32, .int64:
            return value.isNull ? "null" : value.integer.map(String.init) ?? "null"
        case .string: return value.text ?? "null"
        case .boolean: return value.bool.map { String($0) } ?? "null"
        default:
            throw PartitionError(
                "Error encoding partition: type \(schema.kind.rawValue) is not supported as a partition key.")
        }
    }

    private mutating func timePath(_ time: Int64, _ format: PathFormat, _ duration: Int64) -> String {
        // Far beyond any calendar's use, and where no sum overflows.
        let time = min(max(time, -Self.farthest), Self.farthest)
        let offset = zone.offset(at: time)
        let local = (time + offset).floored(to: duration)
        if let last, last.local == local, last.offset == offset { return last.path }
        let start = zone.time(atLocal: local)
        let path = format.path(of: start, offset: zone.offset(at: start))
        last = (local, offset, path)
        return path
    }

    private static let farthest: Int64 = 900_000_000_000_000
}
