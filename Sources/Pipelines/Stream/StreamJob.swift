import Logging
import ObjectStore
import QueryEngine
import ServiceLifecycle
import StreamModel
import Synchronization

/// Keeps a pipeline's tables up to date: each record of its topics and streams becomes a row, exactly once.
///
/// One task reads micro-batches, cleans them and lets an observer see new rows; another one commits what has gathered,
/// so that neither waits for the other. Nothing is loaded before there is a record to read.
package final class StreamJob: Service, StatusSource, MetricSource {
    /// Why the job's loop may have to wake up.
    struct Wake: Sendable {
        var isStopping = false
        var flushes = 0
    }

    let setup: StreamSetup
    let wake = ThreadSignal(Wake())
    let thread = BackgroundThread(name: "stream-job", niceness: StreamEngine.niceness)
    let flushes = FlushRequests()
    /// The longest wait for records; a stop is seen after it at the latest.
    static let idleTime = Duration.milliseconds(200)

    package init(_ setup: StreamSetup) {
        self.setup = setup
    }

    package func run() async throws {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await runUntilStopped()
            } onGracefulShutdown: { [wake] in
                wake.withLock(wakes: true) { $0.isStopping = true }
            }
        } onCancel: { [wake] in
            wake.withLock(wakes: true) { $0.isStopping = true }
        }
        setup.counters.update { if $0.phase != .off { $0.phase = .stopped } }
        flushes.fail("the server is stopping")
    }

    var isStopping: Bool { wake.withLock { $0.isStopping } }

    private func runUntilStopped() async {
        guard isAvailable else { return }
        do {
            try prepare()
        } catch {
            setup.counters.update { $0.error = "\(error)" }
        }
        while !isStopping {
            do {
                try await waitForFirstRecord()
                guard !isStopping else { return }
                setup.counters.update { $0.phase = .recovering }
                let (worker, committer) = try await recover()
                setup.counters.update {
                    $0.phase = .running
                    $0.error = nil
                }
                try await work(worker, committer)
            } catch {
                guard !isStopping else { return }
                setup.logger.error("the stream job waits and begins again", metadata: ["error": "\(error)"])
                setup.counters.update { $0.error = "\(error)" }
                await pause(.milliseconds(setup.settings.retryBackoffMilliseconds))
            }
        }
    }

    /// Whether there is an engine; without one everything else works.
    private var isAvailable: Bool {
        guard setup.settings.isEnabled else {
            setup.counters.update { $0.phase = .off }
            return false
        }
        let search = DuckDBLibrary.locate(configured: setup.library)
        guard search.found == nil else { return true }
        setup.logger.warning(
            "tables are not kept up to date", metadata: ["reason": "\(search.missingError.message)"])
        setup.counters.update { $0.phase = .off }
        return false
    }

    // MARK: Before the first record

    /// Takes up what was written down, as far as no engine is needed for it.
    private func prepare() throws {
        let written = StreamPositions.read(setup.positionsPath).flatMap { $0.stream == setup.name ? $0 : nil }
        let snapshot = ObserverSnapshot.read(setup.snapshotPath)
        setup.counters.update { values in
            values.durable = written?.next ?? [:]
            values.observed = setup.observer == nil ? nil : snapshot?.next ?? written?.next ?? [:]
            for index in values.tables.indices {
                values.tables[index].version = written?.tables[values.tables[index].name]?.version
            }
        }
        try setup.observer?.restore(written == nil ? nil : snapshot?.state)
    }

    private func waitForFirstRecord() async throws {
        let values = setup.counters.current
        let tableIndex = setup.tableIndex
        let positions = [values.durable ?? [:]] + (values.observed.map { [$0] } ?? [])
        var generation = UInt64.max
        while !isStopping {
            let current = setup.reader.waitForAppend(after: .max, timeout: .zero)
            if current != generation {
                generation = current
                for position in positions
                where RecordFeed.hasRecords(setup.reader, past: position, of: tableIndex) { return }
            }
            try await waitForAppend(after: current, timeout: Self.idleTime)
            // Under load to other topics each append would wake the job, some thousand times a second.
            await pause(.milliseconds(setup.settings.batchIntervalMilliseconds))
        }
    }

    func waitForAppend(after generation: UInt64, timeout: Duration) async throws {
        let reader = setup.reader
        _ = try await thread.run { reader.waitForAppend(after: generation, timeout: timeout) }
    }

    /// Waits; a stop or someone who wants tables to be fresh ends the wait.
    func pause(_ time: Duration) async {
        let known = wake.withLock { $0.flushes }
        _ = try? await thread.run { [wake] in
            wake.wait(timeout: time) { $0.isStopping || $0.flushes != known ? true : nil }
        }
    }
}
