package import StreamModel
import Synchronization

/// What came of a wish for fresh tables.
package struct FlushedTables: Sendable {
    package struct Table: Sendable {
        package var name: String
        /// Nil if the table was not written to since it is known.
        package var version: Int64?
    }

    package var tables: [Table]
    /// Why not everything is in the tables; nil if it is.
    package var failure: String?
}

/// Those who wait until the tables hold what was acknowledged before they asked.
final class FlushRequests: Sendable {
    private struct Request: Sendable {
        var id: Int
        var wanted: [SourceID: Int64]
        var done: CheckedContinuation<String?, Never>
    }

    private struct State: Sendable {
        var requests: [Request] = []
        var nextID = 0
        var failure: String?
    }

    /// The most that may wait at once.
    static let maxWaiting = 1000
    private let state = Mutex(State())

    /// Whether somebody waits for what was read up to these positions.
    func isWaiting(for positions: [SourceID: Int64]) -> Bool {
        state.withLock { state in
            state.requests.contains { Self.isReached($0.wanted, by: positions) }
        }
    }

    /// Answers those whose records are in the tables.
    func answer(_ values: StreamCounters.Values) {
        guard let durable = values.durable else { return }
        let done = state.withLock { state in
            let done = state.requests.filter { Self.isReached($0.wanted, by: durable) }
            state.requests.removeAll { Self.isReached($0.wanted, by: durable) }
            return done
        }
        for request in done { request.done.resume(returning: nil) }
    }

    /// Answers all, now and later.
    func fail(_ reason: String) {
        let waiting = state.withLock { state in
            state.failure = reason
            defer { state.requests = [] }
            return state.requests
        }
        for request in waiting { request.done.resume(returning: reason) }
    }

    static func isReached(_ wanted: [SourceID: Int64], by positions: [SourceID: Int64]) -> Bool {
        wanted.allSatisfy { positions[$0.key] ?? 0 >= $0.value }
    }

    /// Waits for positions; returns why they were not reached, or nil.
    ///
    /// - Parameter entered: called once the wait is known to others.
    func wait(for wanted: [SourceID: Int64], entered: () -> Void) async -> String? {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let refusal = state.withLock { state -> String? in
                    if let failure = state.failure { return failure }
                    guard state.requests.count < Self.maxWaiting else { return "too many wait already" }
                    guard !Task.isCancelled else { return Self.timeOver }
                    state.requests.append(Request(id: id, wanted: wanted, done: continuation))
                    return nil
                }
                if let refusal { continuation.resume(returning: refusal) } else { entered() }
            }
        } onCancel: {
            let request = state.withLock { state -> Request? in
                guard let index = state.requests.firstIndex(where: { $0.id == id }) else { return nil }
                return state.requests.remove(at: index)
            }
            request?.done.resume(returning: Self.timeOver)
        }
    }

    static let timeOver = "the time is over"
}

extension StreamJob {
    /// Has everything committed that was acknowledged before the call.
    ///
    /// - Parameter timeout: after it the answer tells why not.
    package func flush(within timeout: Duration) async -> FlushedTables {
        if setup.counters.current.phase == .off {
            return flushed("tables are not kept up to date: \(status().detail)")
        }
        var wanted: [SourceID: Int64] = [:]
        for (source, range) in ranges() where range.start < range.end { wanted[source] = range.end.rawValue }
        let goal = wanted
        if FlushRequests.isReached(goal, by: setup.counters.current.durable ?? [:]) { return flushed(nil) }
        let failure = await withTaskGroup(of: String?.self) { group in
            group.addTask { [flushes, wake] in
                await flushes.wait(for: goal) { wake.withLock(wakes: true) { $0.flushes += 1 } }
            }
            group.addTask {
                try? await ContinuousClock().sleep(for: timeout)
                return FlushRequests.timeOver
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return flushed(failure.map { reason in setup.counters.current.error ?? reason })
    }

    private func flushed(_ failure: String?) -> FlushedTables {
        let tables = setup.counters.current.tables.map {
            FlushedTables.Table(name: $0.name, version: $0.version)
        }
        return FlushedTables(tables: tables, failure: failure)
    }

    /// The offsets of all partitions that are read.
    private func ranges() -> [(SourceID, OffsetRange)] {
        setup.reader.partitions().compactMap { partition in
            guard setup.tableIndex(partition.topic) != nil,
                let topic = setup.reader.topicID(of: partition.topic),
                let range = try? setup.reader.range(of: partition, in: topic)
            else { return nil }
            return (SourceID(topic: topic, partition: partition.partition), range)
        }
    }
}

/// What others ask of the job while it runs.
extension StreamJob {
    /// The offset from which on the log must keep records, since not every table has them yet; nil for a topic that
    /// is not read.
    package func heldOffset(of partition: TopicPartition) -> Offset? {
        let values = setup.counters.current
        guard values.phase != .off, setup.tableIndex(partition.topic) != nil,
            let topic = setup.reader.topicID(of: partition.topic)
        else { return nil }
        let source = SourceID(topic: topic, partition: partition.partition)
        let durable = values.durable?[source] ?? 0
        return Offset(min(durable, values.observed.map { $0[source] ?? 0 } ?? durable))
    }

    package func status() -> PartStatus {
        let values = setup.counters.current
        if values.phase == .off {
            let reason =
                setup.settings.isEnabled
                ? "off: DuckDB's library is missing; run pinline doctor" : "off: stream.enabled is false"
            return PartStatus(part: "tables", isReady: true, detail: reason)
        }
        if let error = values.error ?? values.fault {
            return PartStatus(part: "tables", isReady: false, detail: error)
        }
        return PartStatus(part: "tables", isReady: true, detail: values.phase.rawValue)
    }

    package func samples() -> [MetricSample] {
        let values = setup.counters.current
        var lags = [Int64](repeating: 0, count: values.tables.count)
        for partition in setup.reader.partitions() {
            guard let table = setup.tableIndex(partition.topic),
                let topic = setup.reader.topicID(of: partition.topic),
                let range = try? setup.reader.range(of: partition, in: topic)
            else { continue }
            let source = SourceID(topic: topic, partition: partition.partition)
            let position = max(values.durable?[source] ?? 0, range.start.rawValue)
            lags[table] += max(0, range.end.rawValue - position)
        }
        return setup.counters.samples(lags: lags)
    }
}
