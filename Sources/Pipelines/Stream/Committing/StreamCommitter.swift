import Logging
import QueryEngine
import StreamModel

/// Brings cuts into the tables, one after the other.
///
/// The order: dead letters, then of each table the hashes of the rows, and the commit of rows and positions; then the
/// positions of all, and what observers know. A cut that fails is tried again from where it failed.
final class StreamCommitter: @unchecked Sendable {
    // Unchecked: one cut is committed at a time, by a task that the stream job waits for.
    /// What the committer knows of a table.
    struct Target {
        var table: any StreamTable
        var state: StreamTableState
        /// Stands for the table and the columns that hashes are made of.
        var memoryID: String
        var file: SeenFile
        /// The generation that the file's last block is of.
        var generation: Int?
    }

    /// How far a cut has come.
    private struct Progress {
        var areLettersSent = false
        var hashedUnits = 0
        var committedUnits = 0
    }

    let setup: StreamSetup
    let session: StreamSession
    private(set) var targets: [Target]
    let stop: ThreadSignal<StreamJob.Wake>
    private(set) var settled: StreamPositions
    /// When hashes were made durable the last time.
    private var flushedAt: Int64 = 0
    private static let flushMilliseconds: Int64 = 30_000

    init(
        _ setup: StreamSetup, _ session: StreamSession, _ targets: [Target], settled: StreamPositions,
        stop: ThreadSignal<StreamJob.Wake>
    ) {
        self.setup = setup
        self.session = session
        self.targets = targets
        self.settled = settled
        self.stop = stop
    }

    /// Commits a cut, however often it takes.
    ///
    /// - Throws: if the job is to stop, or must begin again since a table is another one.
    func commit(_ cut: Cut) async throws {
        var progress = Progress()
        let start = ContinuousClock.now
        while true {
            do {
                try await attempt(cut, &progress)
                break
            } catch {
                try await wait(after: error)
            }
        }
        let seconds = (ContinuousClock.now - start).inSeconds
        setup.counters.update { values in
            values.error = nil
            values.commitSeconds += seconds
            values.lastCommitSeconds = seconds
        }
    }

    private func wait(after error: any Error) async throws {
        let message = "\(error)"
        let isNew = setup.counters.current.error != message
        if isNew { setup.logger.error("tables wait", metadata: ["error": "\(message)"]) }
        setup.counters.update { $0.error = message }
        if let failure = error as? StreamFailure, failure.code == .tableChanged { throw failure }
        let backoff = Duration.milliseconds(setup.settings.retryBackoffMilliseconds)
        let isStopping = try await session.commits.run { [stop] in
            stop.wait(timeout: backoff) { $0.isStopping ? true : nil } ?? false
        }
        if isStopping { throw StreamFailure(.stopped, message) }
    }

    private func attempt(_ cut: Cut, _ progress: inout Progress) async throws {
        if !progress.areLettersSent {
            try await setup.deadLetters?.send(cut.letters)
            progress.areLettersSent = true
            FaultPoint.pass("stream.after-letters")
        }
        for (index, unit) in cut.units.enumerated() where index >= progress.committedUnits {
            if index >= progress.hashedUnits {
                try write(unit, of: cut)
                progress.hashedUnits = index + 1
            }
            FaultPoint.pass("stream.after-hashes")
            try await commit(unit)
            progress.committedUnits = index + 1
        }
        FaultPoint.pass("stream.after-tables")
        try settle(cut)
        FaultPoint.pass("stream.after-positions")
    }

    // MARK: One table

    /// Writes down the hashes of rows that are about to be committed.
    private func write(_ unit: Cut.Unit, of cut: Cut) throws {
        let target = targets[unit.table]
        if target.generation != unit.generation {
            // So that a file tells all positions, whatever earlier ones are forgotten.
            let base = SeenFile.Block(
                cut: cut.number, time: unit.time, tableID: target.memoryID,
                positions: own(target.state.positions), hashes: [])
            try target.file.append(base, generation: unit.generation)
            targets[unit.table].generation = unit.generation
        }
        try target.file.append(
            SeenFile.Block(
                cut: cut.number, time: unit.time, tableID: target.memoryID, positions: named(unit.positions),
                hashes: unit.hashes), generation: unit.generation)
        for (table, generations) in cut.forgotten where table == unit.table {
            target.file.remove(generations)
            setup.logger.warning(
                "the oldest rows are forgotten: their repeats are not found any more",
                metadata: ["table": "\(setup.pipeline.definition.tables[table].name)"])
            setup.counters.update { $0.tables[table].forgotten += generations.count }
        }
    }

    private func commit(_ unit: Cut.Unit) async throws {
        let name = setup.pipeline.definition.tables[unit.table].name
        let positions = named(unit.positions)
        let version = try await targets[unit.table].table.append(
            select: "SELECT * FROM \(unit.pending)", on: session.commits, positions: positions)
        targets[unit.table].state.version = version
        targets[unit.table].state.positions.merge(positions) { $1 }
        setup.counters.update { values in
            values.tables[unit.table].commits += 1
            values.tables[unit.table].committedRows += unit.rows
            values.tables[unit.table].commitsSinceUpkeep += 1
            values.tables[unit.table].version = version
        }
        // What is left of it in memory is no reason to commit again.
        _ = try? await session.commits.execute("DROP TABLE IF EXISTS \(unit.pending)")
        setup.logger.debug("rows were committed", metadata: ["table": "\(name)", "version": "\(version)"])
    }

    private func named(_ positions: [SourceID: Int64]) -> [String: Int64] {
        Dictionary(positions.map { ($0.key.name(in: setup.name), $0.value) }) { $1 }
    }

    private func own(_ positions: [String: Int64]) -> [String: Int64] {
        positions.filter { $0.key.hasPrefix(setup.name + "/") }
    }

    // MARK: All tables

    /// Writes down that every table holds all up to the cut.
    private func settle(_ cut: Cut) throws {
        let now = setup.clock.milliseconds
        if now - flushedAt > Self.flushMilliseconds {
            for target in targets { target.file.flush() }
            flushedAt = now
        }
        let topics = Set(setup.reader.partitions().compactMap { setup.reader.topicID(of: $0.topic) })
        settled.stream = setup.name
        settled.cut = cut.number
        // Topics that are gone need no position.
        settled.next = cut.next.filter { topics.contains($0.key.topic) }
        settled.letters = setup.deadLetters?.ends() ?? [:]
        for (index, target) in targets.enumerated() {
            settled.tables[setup.pipeline.definition.tables[index].name] = .init(
                id: target.state.id, version: target.state.version)
        }
        try settled.write(setup.positionsPath)
        if let observed = cut.observed {
            try ObserverSnapshot(cut: cut.number, next: settled.next, state: observed()).write(
                setup.snapshotPath)
        }
        let next = settled.next
        setup.counters.update { values in
            values.durable = next
            if cut.observed != nil { values.observed = next }
        }
    }
}

/// Between cuts, and at the end.
extension StreamCommitter {
    /// Writes down what observers know, while nothing waits to be committed.
    func writeSnapshot(_ state: [UInt8]) throws {
        guard settled.cut > 0 else { return }
        try ObserverSnapshot(cut: settled.cut, next: settled.next, state: state).write(setup.snapshotPath)
    }

    /// Writes down for good what a clean stop leaves.
    func close() {
        for target in targets { target.file.flush() }
    }

    /// Tends tables: puts small files together, makes checkpoints.
    func tend(_ tables: [Int]) async {
        for index in tables {
            setup.counters.update { $0.tables[index].commitsSinceUpkeep = 0 }
            do {
                try await targets[index].table.tend()
            } catch {
                guard !stop.withLock({ $0.isStopping }) else { return }
                setup.logger.warning(
                    "the upkeep of a table failed and is tried again later",
                    metadata: [
                        "table": "\(setup.pipeline.definition.tables[index].name)", "error": "\(error)",
                    ])
            }
        }
    }

    /// Ends a statement of the upkeep, so that a stop need not wait for it.
    func interruptUpkeep() { session.upkeep.interrupt() }
}
