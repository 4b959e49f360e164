import Dashboard
import Logging
import Pipelines
import Sinks

/// Compares tables and bucket of a running server.
struct AgreementParts: AgreementSource {
    let sink: ObjectSink
    /// Has everything committed to tables that was acknowledged before; why not, if not.
    let flushTables: @Sendable () async -> String?
    let pipeline: PipelineFolder
    let folder: DataFolder
    let logger: Logger

    private static let timeout = Duration.seconds(60)
    /// Acknowledging comes first: the engine takes little of the machine.
    private static let settings = BatchSettings(threads: 1, memoryLimit: "512MB")

    func flushBucket(within timeout: Duration) async -> Bool { await sink.flush(within: timeout) }

    func agreement() async throws -> String {
        guard await sink.flush(within: Self.timeout) else {
            throw SettingsError("the bucket does not get all records: /readyz says what the sink waits for")
        }
        if let reason = await flushTables() {
            throw SettingsError("the tables do not get all records: \(reason)")
        }
        let catalog = try DeltaCatalog(data: folder.path, logger: logger)
        let tables = try await TablesJob(pipeline: pipeline, catalog: catalog, settings: Self.settings).run()
        let bucket = try await BatchJob(
            pipeline: pipeline, bucket: .folder(folder.bucket), settings: Self.settings
        ).run()
        return TablesAgreement(tables: tables, bucket: bucket).json
    }
}
