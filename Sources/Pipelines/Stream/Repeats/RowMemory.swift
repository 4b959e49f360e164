import QueryEngine
import Synchronization

/// Brings back what is known of a table's rows: from its files, or from the table itself.
///
/// Used by the stream's thread, then handed on.
final class RowMemory: @unchecked Sendable {
    // Unchecked: one thread loads it, and only then it is looked at.
    private let file: SeenFile
    private let state: StreamTableState
    private let stream: String
    /// Stands for the table and the columns that hashes are made of.
    private let tableID: String
    private let seed: UInt64
    private let limits: SeenRows.Limits
    private(set) var seen: SeenRows
    /// Rows of cuts that an observer does not know.
    private(set) var unobserved: Set<RowHash> = []
    private(set) var lastCut: Int64 = 0
    /// Hashes of one block of a file that is made anew.
    private static let blockRows = 100_000

    init(
        file: SeenFile, state: StreamTableState, stream: String, tableID: String, seed: UInt64,
        limits: SeenRows.Limits
    ) {
        self.file = file
        self.state = state
        self.stream = stream
        self.tableID = tableID
        self.seed = seed
        self.limits = limits
        seen = SeenRows(limits)
    }

    private var positions: [String: Int64] { state.positions.filter { $0.key.hasPrefix(stream + "/") } }

    /// Reads the files; false if the table has rows that they lack.
    ///
    /// - Parameter cut: what came after it counts as not observed.
    func load(observedUpTo cut: Int64) throws(PipelineError) -> Bool {
        var found: [String: Int64] = [:]
        var blocks = 0
        var isSound = true
        for generation in file.generations() {
            guard isSound else {
                file.remove([generation])
                continue
            }
            seen.resume(generation: generation)
            try file.read(generation) { block in
                isSound = isCommitted(block)
                guard isSound else { return false }
                blocks += 1
                seen.insert(block.hashes, at: block.time)
                if block.cut > cut { unobserved.formUnion(block.hashes) }
                lastCut = max(lastCut, block.cut)
                found.merge(block.positions) { max($0, $1) }
                return true
            }
        }
        if blocks == 0 { return state.files == 0 && positions.isEmpty }
        return positions.allSatisfy { found[$0.key] == $0.value }
    }

    private func isCommitted(_ block: SeenFile.Block) -> Bool {
        block.tableID == tableID
            && block.positions.allSatisfy { name, offset in state.positions[name] ?? -1 >= offset }
    }

    /// Reads the table.
    func rebuild(
        _ select: String, _ columns: [String], _ session: StreamSession, now: Int64
    ) throws {
        file.removeAll()
        seen = SeenRows(limits)
        unobserved = []
        let collector = Collector(seed: seed) { [self] hashes in keep(hashes, now: now) }
        try TableCleaner.visitRows(
            of: select, columns: columns.map { name in state.columns.contains(name) ? name : nil },
            as: "rows that are known", on: session, filter: collector)
        collector.finish()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private let failure = Mutex<PipelineError?>(nil)

    private func keep(_ hashes: [RowHash], now: Int64) {
        seen.insert(hashes, at: now)
        do throws(PipelineError) {
            try file.append(
                SeenFile.Block(cut: 0, time: now, tableID: tableID, positions: positions, hashes: hashes),
                generation: seen.current)
        } catch {
            failure.withLock { $0 = error }
        }
        file.remove(seen.advance(now: now))
    }

    /// Gathers hashes into blocks.
    private final class Collector: RowVisitor {
        let seed: UInt64
        private let keep: @Sendable ([RowHash]) -> Void
        private let waiting = Mutex<[RowHash]>([])

        init(seed: UInt64, keep: @escaping @Sendable ([RowHash]) -> Void) {
            self.seed = seed
            self.keep = keep
        }

        func visit(_ rows: UnsafeBufferPointer<RowHash>, wanted: UnsafeMutableBufferPointer<Bool>) {
            let full = waiting.withLock { waiting -> [RowHash]? in
                waiting += rows
                guard waiting.count >= RowMemory.blockRows else { return nil }
                defer { waiting = [] }
                return waiting
            }
            if let full { keep(full) }
        }

        /// Hands over the last ones; a block without rows tells that there are none.
        func finish() { keep(waiting.withLock { $0 }) }
    }
}
