package import Logging
package import ObjectStore
package import StreamModel

/// The S3 sink as a connector: every key and rule of Confluent's, with objects that are stored exactly once.
package struct S3SinkConnector: SinkConnector {
    package let className = ConnectClasses.connector
    package let version = "10.5.13"
    private let parts: S3SinkParts

    /// - Parameters:
    ///   - spool: a folder for what is not in the store yet.
    ///   - stores: opens the store that a configuration names.
    ///   - parquet: writes Parquet files; nil refuses configurations that ask for them.
    package init(
        reader: any TopicReader, appender: any RecordAppender, positions: ConnectorPositions, spool: String,
        stores: @escaping @Sendable (S3SinkConfiguration) throws -> SinkStore,
        parquet: (any ParquetWriting)? = nil, clock: WallClock = .system, logger: Logger
    ) {
        parts = S3SinkParts(
            reader: reader, appender: appender, positions: positions, spool: spool, stores: stores,
            parquet: parquet, clock: clock, logger: logger)
    }

    package var definition: ConfigDefinition { S3SinkKeys.definition }

    package func findings(in configuration: [String: String]) -> [String: [String]] {
        var findings = S3SinkFindings.between(configuration)
        if configuration["format.class"]?.trimmedBlanks == ConnectClasses.parquetFormat,
            parts.parquet?.isAvailable != true
        {
            findings["format.class", default: []].append(
                ConfigChecks.invalid(
                    "format.class", ConnectClasses.parquetFormat,
                    "Parquet files are written by DuckDB's library, which is not there: see pinline doctor"))
        }
        return findings
    }

    package func makeTask(_ context: SinkTaskContext) throws -> any SinkTask {
        let findings = findings(in: context.configuration)
        guard findings.isEmpty else { throw ConfigurationError(findings) }
        return try S3SinkTask(context, try S3SinkConfiguration(context.configuration), parts)
    }
}

/// What the connector's tasks work with.
struct S3SinkParts: Sendable {
    var reader: any TopicReader
    var appender: any RecordAppender
    var positions: ConnectorPositions
    var spool: String
    var stores: @Sendable (S3SinkConfiguration) throws -> SinkStore
    var parquet: (any ParquetWriting)?
    var clock: WallClock
    var logger: Logger
    /// Passed between two steps; a test throws here what a crash would do.
    var fault: @Sendable (String) throws -> Void = { FaultPoint.pass($0) }
}

/// An open store, and where it is as its users are told.
package struct SinkStore: Sendable {
    package var store: any ObjectStore
    package var location: String

    package init(_ store: any ObjectStore, location: String) {
        self.store = store
        self.location = location
    }
}

/// Writes Parquet files.
package protocol ParquetWriting: Sendable {
    /// Whether what it needs is there; a configuration that asks for Parquet is refused otherwise.
    var isAvailable: Bool { get }

    /// Makes a Parquet file of a file of JSON lines; blocks.
    func writeParquet(jsonLines: String, to path: String, codec: ParquetCodec) throws
}
