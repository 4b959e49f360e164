import Logging
import ObjectStore
import StreamModel

/// The loop: read, clean, show, and commit beside that.
extension StreamJob {
    private struct Slots {
        let commit = TaskSlot()
        let upkeep = TaskSlot()
    }

    /// How long a stop may read on.
    private static let lastReadMilliseconds: Int64 = 300

    func work(_ worker: StreamWorker, _ committer: StreamCommitter) async throws {
        let slots = Slots()
        try await withThrowingTaskGroup(of: Void.self) { group in
            var rounds = StreamRounds(setup.settings, now: setup.clock.milliseconds)
            while !isStopping {
                let generation = setup.reader.waitForAppend(after: .max, timeout: .zero)
                let now = setup.clock.milliseconds
                let hasMore = try await round(worker, generation, &rounds, now: now)
                for slot in [slots.commit, slots.upkeep] where slot.takeDone() { try await group.next() }
                if slots.commit.isFree, isCutDue(worker, rounds, now: now) {
                    var cut = try await thread.run { worker.cut(now: now) }
                    if rounds.takesSnapshot(now: now) { cut?.observed = setup.observer?.state() }
                    if let cut { start(cut, committer, slots.commit, &group) }
                }
                if slots.upkeep.isFree { startUpkeep(committer, rounds, slots.upkeep, &group, now: now) }
                if !hasMore || worker.isFull {
                    try await rest(worker, generation, isCommitting: !slots.commit.isFree, since: now)
                }
            }
            committer.interruptUpkeep()
            try await group.waitForAll()
            try await readLast(worker, &rounds)
        }
        try await finish(worker, committer)
    }

    /// Reads a micro-batch, unless too much waits already; returns whether there is more.
    private func round(
        _ worker: StreamWorker, _ generation: UInt64, _ rounds: inout StreamRounds, now: Int64
    ) async throws -> Bool {
        guard !worker.isFull else { return true }
        let round = try await thread.run { try worker.round(generation: generation, now: now) }
        if round.records > 0 {
            rounds.recordsCame(now: now)
            setup.counters.update { $0.batches += 1 }
        }
        if !round.tables.isEmpty { await observe(round.tables, worker) }
        let fault = worker.fault
        if setup.counters.current.fault != fault {
            if let fault { setup.logger.error("a partition waits", metadata: ["error": "\(fault)"]) }
            setup.counters.update { $0.fault = fault }
        }
        return round.hasMore
    }

    /// An observer that fails misses rows; tables do not.
    private func observe(_ tables: [String], _ worker: StreamWorker) async {
        guard let observer = setup.observer else { return }
        do {
            try await observer.observe(tables, on: worker.session.batches, positions: worker.offsets)
        } catch {
            if setup.counters.current.observerFailures == 0 {
                setup.logger.error("live metrics missed rows", metadata: ["error": "\(error)"])
            }
            setup.counters.update { $0.observerFailures += 1 }
        }
    }

    private func isCutDue(_ worker: StreamWorker, _ rounds: StreamRounds, now: Int64) -> Bool {
        rounds.isCutDue(
            waitingSince: worker.waitingSince, rows: worker.pendingRows, isFull: worker.isFull,
            isAsked: flushes.isWaiting(for: worker.positions), now: now)
    }

    private func start(
        _ cut: Cut, _ committer: StreamCommitter, _ slot: TaskSlot,
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) {
        slot.begin()
        group.addTask { [flushes, setup, wake] in
            defer {
                slot.finish()
                // So that the next cut need not wait for a record.
                wake.withLock(wakes: true) { $0.flushes += 1 }
            }
            try await committer.commit(cut)
            flushes.answer(setup.counters.current)
        }
    }

    private func startUpkeep(
        _ committer: StreamCommitter, _ rounds: StreamRounds, _ slot: TaskSlot,
        _ group: inout ThrowingTaskGroup<Void, any Error>, now: Int64
    ) {
        let due = setup.counters.current.tables.indices.filter { index in
            rounds.isUpkeepDue(commits: setup.counters.current.tables[index].commitsSinceUpkeep, now: now)
        }
        guard !due.isEmpty else { return }
        slot.begin()
        group.addTask {
            defer { slot.finish() }
            await committer.tend(due)
        }
    }

    /// Lets records gather, or waits for some.
    private func rest(
        _ worker: StreamWorker, _ generation: UInt64, isCommitting: Bool, since start: Int64
    ) async throws {
        let interval = setup.settings.batchIntervalMilliseconds
        let left = interval - (setup.clock.milliseconds - start)
        if left > 0 { await pause(.milliseconds(min(left, interval))) }
        guard !worker.isFull, !isStopping else { return }
        var timeout = Self.idleTime
        if let since = worker.waitingSince {
            let due = since + setup.settings.freshnessMilliseconds - setup.clock.milliseconds
            timeout = min(timeout, .milliseconds(max(isCommitting ? interval : 0, due)))
        }
        if timeout > .zero { try await waitForAppend(after: generation, timeout: timeout) }
    }

    /// Reads what came last, so that the next start finds nothing to do; a backlog is left to it.
    private func readLast(_ worker: StreamWorker, _ rounds: inout StreamRounds) async throws {
        let end = setup.clock.milliseconds + Self.lastReadMilliseconds
        var hasMore = true
        while hasMore, !worker.isFull, setup.clock.milliseconds < end {
            let generation = setup.reader.waitForAppend(after: .max, timeout: .zero)
            hasMore = try await round(worker, generation, &rounds, now: setup.clock.milliseconds)
        }
    }

    /// Commits what is left, and writes down where everything stands.
    private func finish(_ worker: StreamWorker, _ committer: StreamCommitter) async throws {
        let now = setup.clock.milliseconds
        if var cut = try await thread.run({ worker.cut(now: now) }) {
            cut.observed = setup.observer?.state()
            try await committer.commit(cut)
        } else if let observer = setup.observer {
            try committer.writeSnapshot(observer.state()())
        }
        committer.close()
        flushes.answer(setup.counters.current)
    }
}
