package import Logging
package import QueryEngine
package import StreamModel

/// What the stream job is made of and works with.
package struct StreamSetup: Sendable {
    package var settings: StreamSettings
    package var pipeline: PipelineFolder
    /// DuckDB's library; nil looks for it in the usual places.
    package var library: String?
    /// Where the job keeps its files.
    package var folder: String
    package var reader: any TopicReader
    package var appender: any RecordAppender
    /// Where records go that belong to no table; nil drops them.
    package var deadLetterTopic: TopicName?
    /// Whether a topic's records that are no JSON are set aside by the sink.
    package var sinkTakes: @Sendable (TopicName) -> Bool
    /// Opens a table; the engine is for its upkeep.
    package var makeTable: @Sendable (_ name: String, _ engine: any SQLEngine) throws -> any StreamTable
    package var observer: (any StreamObserver)?
    package var clock: WallClock
    package var logger: Logger
    let counters: StreamCounters

    package init(
        settings: StreamSettings, pipeline: PipelineFolder, library: String? = nil, folder: String,
        reader: any TopicReader, appender: any RecordAppender, deadLetterTopic: TopicName?,
        sinkTakes: @escaping @Sendable (TopicName) -> Bool,
        makeTable: @escaping @Sendable (String, any SQLEngine) throws -> any StreamTable,
        observer: (any StreamObserver)? = nil, clock: WallClock = .system, logger: Logger
    ) {
        self.settings = settings
        self.pipeline = pipeline
        self.library = library
        self.folder = folder
        self.reader = reader
        self.appender = appender
        self.deadLetterTopic = deadLetterTopic
        self.sinkTakes = sinkTakes
        self.makeTable = makeTable
        self.observer = observer
        self.clock = clock
        self.logger = logger
        counters = StreamCounters(tables: pipeline.definition.tables.map(\.name))
    }

    /// What tables call the stream.
    var name: String { "pinline/\(pipeline.definition.name)" }
    var positionsPath: String { folder + "/positions" }
    var snapshotPath: String { folder + "/live.snapshot" }
    var deadLetters: DeadLetters? {
        deadLetterTopic.map { DeadLetters(topic: $0, reader: reader, appender: appender) }
    }

    /// The table whose rows a topic carries; nil for one that is not read.
    var tableIndex: @Sendable (TopicName) -> Int? {
        let tables = pipeline.definition.tables
        return { topic in
            tables.firstIndex { table in
                (table.topics + table.streams).contains { $0.matches(topic.rawValue) }
            }
        }
    }
}
