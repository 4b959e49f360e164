import Logging
import ObjectStore
import QueryEngine
import StreamModel
import Synchronization

/// Where the stream job begins after a start.
extension StreamJob {
    /// Opens the engine and the tables, and finds out what these hold.
    func recover() async throws -> (StreamWorker, StreamCommitter) {
        for folder in [setup.folder, setup.folder + "/scratch"] { try LocalFiles.makeFolder(folder) }
        let session = try await StreamSession(
            library: setup.library, memoryBytes: setup.settings.engineMemoryBytes,
            spillFolder: setup.folder + "/spill", thread: thread)
        let cleaners = try await makeCleaners(session)
        var targets: [StreamCommitter.Target] = []
        for cleaner in cleaners.list {
            let name = cleaner.definition.name
            let table = try setup.makeTable(name, session.upkeep)
            let state = try await table.open(like: cleaner.select, on: session.batches)
            // Rows with other columns have other hashes.
            let memoryID = ([state.id] + cleaner.columns.map(\.name)).joined(separator: "/")
            let file = SeenFile(folder: setup.folder, table: name)
            targets.append(.init(table: table, state: state, memoryID: memoryID, file: file))
        }
        var begin = try beginning(targets.map(\.state))
        for (index, target) in targets.enumerated() {
            let memory = RowMemory(
                file: target.file, state: target.state, stream: setup.name, tableID: target.memoryID,
                seed: begin.seeds[index],
                limits: SeenRows.Limits(
                    maxBytes: setup.settings.maxRepeatsBytes,
                    windowMilliseconds: setup.settings.repeatsWindowMilliseconds < 0
                        ? nil : setup.settings.repeatsWindowMilliseconds))
            let observedCut = begin.observedCut
            let isWhole = try await thread.run { try memory.load(observedUpTo: observedCut) }
            if !isWhole {
                setup.logger.notice(
                    "the rows of a table are read to know its repeats",
                    metadata: ["table": "\(cleaners.list[index].definition.name)"])
                let select = try await target.table.select()
                let columns = cleaners.list[index].columns.map(\.name)
                let now = setup.clock.milliseconds
                try await thread.run { try memory.rebuild(select, columns, session, now: now) }
            }
            begin.begin.seen[index] = memory.seen
            begin.begin.unobserved[index] = memory.unobserved
            begin.begin.cut = max(begin.begin.cut, memory.lastCut)
        }
        let worker = StreamWorker(setup, session, cleaners.list, begin.begin)
        let committer = StreamCommitter(setup, session, targets, settled: begin.settled, stop: wake)
        return (worker, committer)
    }

    private func makeCleaners(_ session: StreamSession) async throws -> Cleaners {
        let pipeline = setup.pipeline
        return try await thread.run {
            var list: [TableCleaner] = []
            for (definition, cleaning) in zip(pipeline.definition.tables, pipeline.cleaning) {
                list.append(try TableCleaner(definition, cleaning, session))
            }
            return Cleaners(list)
        }
    }

    /// Carries what the stream's thread made to the task that waits for it.
    private final class Cleaners: @unchecked Sendable {
        // Unchecked: made by the thread, and handed on to a worker that lives there.
        let list: [TableCleaner]

        init(_ list: [TableCleaner]) {
            self.list = list
        }
    }

    private struct Begin {
        var begin: StreamBeginning
        var settled: StreamPositions
        var seeds: [UInt64]
        /// The cut up to which an observer knows everything.
        var observedCut: Int64
    }

    private func beginning(_ states: [StreamTableState]) throws -> Begin {
        let names = setup.pipeline.definition.tables.map(\.name)
        let written = StreamPositions.read(setup.positionsPath)
        let isValid =
            written?.stream == setup.name
            && zip(names, states).allSatisfy { name, state in
                written?.tables[name].map { $0.id == state.id && $0.version <= state.version } ?? false
            }
        let settled = isValid ? written ?? StreamPositions() : StreamPositions()
        let known = states.map { state in
            Self.positions(state.positions, of: setup.name).merging(settled.next) { max($0, $1) }
        }
        var next = Self.least(known)
        var observedCut = Int64.max
        if let observer = setup.observer {
            let snapshot = ObserverSnapshot.read(setup.snapshotPath)
            if let snapshot, isValid, snapshot.cut <= settled.cut {
                try observer.restore(snapshot.state)
                observedCut = snapshot.cut
                // A topic that came after the snapshot is read from its beginning.
                for (source, offset) in next { next[source] = min(offset, snapshot.next[source] ?? 0) }
            } else {
                try observer.restore(nil)
            }
        }
        let seeds = states.map { Self.seed(of: $0.id) }
        var begin = StreamBeginning(
            cut: settled.cut, next: next, known: known,
            seen: states.map { _ in SeenRows(.init(maxBytes: setup.settings.maxRepeatsBytes)) },
            unobserved: states.map { _ in [] }, seeds: seeds)
        // Letters count for the log, whatever became of the tables.
        begin.letters = written?.stream == setup.name ? written?.next ?? [:] : [:]
        begin.lettersSent = try setup.deadLetters?.sent(past: written?.letters ?? [:]) ?? []
        setup.counters.update { values in
            values.durable = Self.least(known)
            values.observed = setup.observer == nil ? nil : next
            for index in states.indices { values.tables[index].version = states[index].version }
        }
        return Begin(begin: begin, settled: settled, seeds: seeds, observedCut: observedCut)
    }

    /// The positions that a table has of this stream.
    static func positions(_ named: [String: Int64], of stream: String) -> [SourceID: Int64] {
        var positions: [SourceID: Int64] = [:]
        for (name, offset) in named where name.hasPrefix(stream + "/") {
            if let source = SourceID(name: name.dropFirst(stream.count + 1)) { positions[source] = offset }
        }
        return positions
    }

    /// What every table has of each source.
    static func least(_ tables: [[SourceID: Int64]]) -> [SourceID: Int64] {
        var least: [SourceID: Int64] = [:]
        for source in Set(tables.flatMap(\.keys)) {
            least[source] = tables.map { $0[source] ?? 0 }.min() ?? 0
        }
        return least
    }

    /// Differs from table to table, so that nobody can make rows whose hashes meet in all of them.
    static func seed(of tableID: String) -> UInt64 {
        tableID.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
