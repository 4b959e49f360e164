import Dashboard
import Logging
import Pipelines
import Sinks

/// Compares tables and bucket of a running server.
struct AgreementParts: AgreementSource {
    let sink: ObjectSink
    let pipeline: PipelineFolder
    let folder: DataFolder
    let logger: Logger

    /// Acknowledging comes first: the engine takes little of the machine.
    private static let settings = BatchSettings(threads: 1, memoryLimit: "512MB")

    func flushBucket(within timeout: Duration) async -> Bool { await sink.flush(within: timeout) }

    func agreement() async throws -> String {
        let catalog = try DeltaCatalog(data: folder.path, logger: logger)
        let tables = try await TablesJob(pipeline: pipeline, catalog: catalog, settings: Self.settings).run()
        let bucket = try await BatchJob(
            pipeline: pipeline, bucket: .folder(folder.bucket), settings: Self.settings
        ).run()
        return TablesAgreement(tables: tables, bucket: bucket).json
    }
}
