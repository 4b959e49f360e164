import ObjectStore
import StreamModel

/// The names of objects: `{topics.dir}/{topic}/{encoded partition}/{topic}+{partition}+{offset}{extension}`.
struct ObjectNames: Sendable {
    enum Part: CaseIterable, Sendable { case value, keys, headers }

    private let directory: String
    private let delimiter: String
    private let fileDelimiter: String
    private let digits: Int
    private let extensions: [Part: String]
    /// The longest part of a name, in bytes; nil for no limit.
    private let maxPartBytes: Int?

    init(_ configuration: S3SinkConfiguration, maxPartBytes: Int?) {
        delimiter = configuration.directoryDelimiter
        directory = configuration.topicsDirectory.isEmpty ? "" : configuration.topicsDirectory + delimiter
        fileDelimiter = configuration.fileDelimiter
        digits = configuration.offsetDigits
        extensions = [
            .value: Self.ending(configuration.format, configuration),
            .keys: ".keys" + (configuration.keysFormat.map { Self.ending($0, configuration) } ?? ""),
            .headers: ".headers" + (configuration.headersFormat.map { Self.ending($0, configuration) } ?? ""),
        ]
        self.maxPartBytes = maxPartBytes
    }

    private static func ending(
        _ format: S3SinkConfiguration.Format, _ configuration: S3SinkConfiguration
    ) -> String {
        let compressed = configuration.gzipLevel == nil ? "" : ".gz"
        return switch format {
        case .json: ".json" + compressed
        case .bytes: configuration.bytesExtension + compressed
        case .parquet: configuration.parquetCodec.fileExtension
        }
    }

    /// - Parameters:
    ///   - path: the encoded partition.
    ///   - life: which of the topics of one name this is, from 0; it is in the names of all but the first.
    func key(
        _ partition: TopicPartition, life: Int, path: String, offset: Offset, _ part: Part
    ) throws(PartitionError) -> ObjectKey {
        let text = String(offset.rawValue)
        let padded = String(repeating: "0", count: max(0, digits - text.count)) + text
        let stem = partition.topic.rawValue + (life == 0 ? "" : "~\(life)")
        let file = [stem, "\(partition.partition)", padded].joined(separator: fileDelimiter)
        let name =
            "\(directory)\(partition.topic)\(delimiter)\(path)\(delimiter)\(file)\(extensions[part] ?? "")"
        guard let key = ObjectKey(name), fits(name) else {
            throw PartitionError(
                "'\(name)' cannot be an object's name: it is too long, or has an unsafe part")
        }
        return key
    }

    private func fits(_ name: String) -> Bool {
        guard let maxPartBytes else { return true }
        return name.split(separator: "/").allSatisfy { $0.utf8.count <= maxPartBytes }
    }
}
