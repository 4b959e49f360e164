import Logging
import StreamModel

/// What the writers of one task share; used by the thread that reads alone.
final class WritingTools {
    let configuration: S3SinkConfiguration
    let names: ObjectNames
    let spool: SpoolFolder
    let parquet: (any ParquetWriting)?
    let zone: ZoneOffsets
    let logger: Logger
    var partitioner: Partitioner
    var keyReader: ValueReader
    var valueReader: ValueReader
    /// Of all open files together.
    var bytesInMemory = 0

    /// Bytes of open files in memory at which they are written to the spool, however small they are.
    static let maxBytesInMemory = 32 << 20

    init(
        _ configuration: S3SinkConfiguration, names: ObjectNames, spool: SpoolFolder,
        parquet: (any ParquetWriting)?,
        logger: Logger
    ) throws(ConfigurationError) {
        self.configuration = configuration
        self.names = names
        self.spool = spool
        self.parquet = parquet
        self.logger = logger
        partitioner = try Partitioner(configuration)
        let name = configuration.timezone.isEmpty ? "UTC" : configuration.timezone
        guard let zone = ZoneOffsets(identifier: name) else {
            throw ConfigurationError([
                "timezone": [ConfigChecks.invalid("timezone", name, "The datetime zone id is not recognised")]
            ])
        }
        self.zone = zone
        let limit = configuration.schemaCacheSize
        let numeric = configuration.decimalsAreNumbers
        keyReader = ValueReader(
            configuration.converters.key, schemaLimit: limit, decimalsAreNumbers: numeric)
        valueReader = ValueReader(
            configuration.converters.value, schemaLimit: limit, decimalsAreNumbers: numeric)
    }

    /// Whether keys must be read: they are stored, or reading them can fail.
    var readsKeys: Bool {
        if case .json = configuration.converters.key { return true }
        return configuration.keysFormat != nil
    }

    func makeFile(_ path: String, start: Offset, schema: ConnectSchema?, isTombstone: Bool) -> OpenFile {
        OpenFile(
            path: path, start: start, schema: schema, values: isTombstone ? nil : SpoolFile(in: spool),
            keys: configuration.keysFormat == nil ? nil : SpoolFile(in: spool),
            headers: configuration.headersFormat == nil ? nil : SpoolFile(in: spool))
    }

    /// A content as its object will have it: compressed, or turned into Parquet.
    func finish(
        _ file: SpoolFile, _ format: S3SinkConfiguration.Format
    ) throws -> SpoolContent {
        if format == .parquet { return try finishParquet(file) }
        let content = try file.finish()
        guard let level = configuration.gzipLevel else { return content }
        return try GzipEncoding.compress(content, level: level, in: spool)
    }

    private func finishParquet(_ file: SpoolFile) throws -> SpoolContent {
        guard let parquet else { throw SpoolError(description: "Parquet files cannot be written here") }
        try file.spill(always: true)
        guard let source = try file.finish().path else {
            throw SpoolError(description: "a Parquet file has no records")
        }
        let target = spool.makePath()
        do {
            try parquet.writeParquet(jsonLines: source, to: target, codec: configuration.parquetCodec)
        } catch {
            throw TaskFailure("a Parquet file cannot be made: \(error)")
        }
        SpoolDisk.delete(source)
        var checksum = Checksum()
        var size: Int64 = 0
        try SpoolDisk.read(target) { (piece) throws(SpoolError) in
            checksum.update(piece)
            size += Int64(piece.count)
        }
        return SpoolContent(place: .file(target), size: size, checksum: checksum.value)
    }
}
