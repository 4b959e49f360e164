package import Dashboard
import DeltaFormat
import Logging
import ObjectStore
package import Pipelines
import ServiceLifecycle
import Sinks
import StreamModel

/// Puts together what keeps tables.
struct StreamParts {
    let settings: ServerSettings
    let pipeline: PipelineFolder
    let folder: DataFolder
    let observer: (any StreamObserver)?
    let logger: Logger

    func makeJob(reader: any TopicReader, appender: any RecordAppender) -> StreamJob {
        var logger = logger
        logger[metadataKey: "part"] = "tables"
        let store = DirectoryStore(root: folder.tables)
        let scratch = folder.stream + "/scratch"
        // Commits must not wait for it.
        var upkeep = DeltaSettings()
        upkeep.upkeep = .byCaller
        let definition = pipeline.definition
        return StreamJob(
            StreamSetup(
                settings: settings.stream, pipeline: pipeline, folder: folder.stream, reader: reader,
                appender: appender, deadLetterTopic: settings.sink.deadLetterTopic,
                sinkTakes: { definition.tableIndex(ofTopic: $0.rawValue) != nil },
                makeTable: { [logger, upkeep] name, engine in
                    DeltaStreamTable(
                        DeltaTable(
                            store: store, folder: name, engine: engine, scratch: scratch, settings: upkeep,
                            logger: logger))
                },
                observer: observer, logger: logger))
    }
}

extension StreamJob: TableFlushing {
    package func flushTables(within timeout: Duration) async -> TablesFlushed {
        let flushed = await flush(within: timeout)
        return TablesFlushed(tables: flushed.tables.map { ($0.name, $0.version) }, failure: flushed.failure)
    }
}

/// Services that neither wait for each other nor need to: they stop at the same time.
struct Together: Service {
    let services: [any Service]

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            try await group.waitForAll()
        }
    }
}
