import QueryEngine
import StreamModel

/// Reads, cleans and sorts out micro-batches; used by the stream's thread, one call after the other.
///
/// What it holds is gone with it: after an error another one begins where the tables stand.
final class StreamWorker: @unchecked Sendable {
    // Unchecked: every call comes through the stream's thread.
    /// What a round did.
    struct Round: Sendable {
        /// Tables with new rows for an observer.
        var tables: [String] = []
        var records = 0
        var hasMore = false
    }

    /// New rows of one table that wait to be committed.
    private struct Pending {
        var name: String
        var rows = 0
        var hashes: [RowHash] = []
        var sources: Set<Int> = []
    }

    let session: StreamSession
    let cleaners: [TableCleaner]
    var seen: [SeenRows]
    /// Rows that tables have and an observer has not seen yet, by table; empty once it has.
    var unobserved: [Set<RowHash>]
    private let setup: StreamSetup
    private let seeds: [UInt64]
    /// Below which offset each table has the rows of a source.
    private let known: [[SourceID: Int64]]
    private var knownBelow: [[Int64]]
    private var feed: RecordFeed
    private let sorter: RowSorter
    private let batch = RecordBatch()
    private var pending: [Pending?]
    private(set) var pendingBytes = 0
    private var letters: [StreamLetter] = []
    private let lettersBegun: [SourceID: Int64]
    private var lettersSent: Set<DeadLetters.Origin>
    private(set) var lastCut: Int64
    private var nextAtLastCut: [SourceID: Int64] = [:]
    /// Since when something waits to be committed.
    private(set) var waitingSince: Int64?
    private var generation: UInt64 = .max

    init(_ setup: StreamSetup, _ session: StreamSession, _ cleaners: [TableCleaner], _ begin: StreamBeginning)
    {
        self.setup = setup
        self.session = session
        self.cleaners = cleaners
        seen = begin.seen
        unobserved = begin.unobserved
        known = begin.known
        seeds = begin.seeds
        lettersBegun = begin.letters
        lettersSent = begin.lettersSent
        lastCut = begin.cut
        let definitions = setup.pipeline.definition.tables
        knownBelow = definitions.map { _ in [] }
        pending = definitions.map { _ in nil }
        sorter = RowSorter(definitions)
        feed = RecordFeed(
            setup.reader, begun: begin.next,
            retryMilliseconds: setup.settings.retryBackoffMilliseconds, table: setup.tableIndex)
    }

    var isFull: Bool { pendingBytes >= setup.settings.maxPendingBytes }
    var pendingRows: Int { pending.lazy.compactMap { $0?.rows }.max() ?? 0 }
    var positions: [SourceID: Int64] { feed.positions }
    var offsets: [TopicPartition: Offset] { feed.offsets }
    var fault: String? { feed.fault }

    // MARK: One round

    /// Works on what there is to read, up to one micro-batch.
    /// - Parameter generation: of the log; partitions are looked for when it has changed.
    func round(generation: UInt64, now: Int64) throws -> Round {
        batch.reset(keeping: setup.settings.maxBatchBytes)
        if generation != self.generation, feed.meet() { noteKnown() }
        self.generation = generation
        var round = Round()
        round.hasMore = feed.read(into: batch, maxBytes: setup.settings.maxBatchBytes, now: now)
        round.records = batch.entries.count
        if waitingSince == nil, feed.positions != nextAtLastCut { waitingSince = now }
        guard !batch.isEmpty else { return round }
        let knownBelow = knownBelow
        let sources = feed.sources
        sorter.sort(
            batch, topicTable: { sources[$0].table },
            isKnown: { knownBelow[$0][$1.source] > $1.offset })
        for failure in sorter.failures {
            setAside(failure.record, failure.reason, syntax: failure.syntax)
        }
        for table in cleaners.indices where try clean(table, now) {
            round.tables.append(cleaners[table].definition.name)
        }
        return round
    }

    private func noteKnown() {
        for table in known.indices {
            knownBelow[table] = feed.sources.map { known[table][$0.id] ?? 0 }
        }
    }

    /// Cleans a table's rows of the batch; true if an observer has something to see.
    private func clean(_ table: Int, _ now: Int64) throws -> Bool {
        let fresh = sorter.fresh[table]
        var new = 0
        var isFirst = true
        if !fresh.isEmpty {
            let seen = SeenBox(seen[table])
            let filter = RepeatFilter(seed: seeds[table]) { seen.rows.contains($0) }
            let (found, poison) = try cleaners[table].clean(fresh, of: batch, filter: filter, isFirst: true)
            isFirst = false
            for (row, message) in poison { setAside(poisoned: fresh.records[row], table, message) }
            if !found.new.isEmpty { try keep(found.new, table, now) }
            setup.counters.count(table: table, rows: found.new.count, repeats: found.repeats)
            new = found.new.count
        }
        let old = sorter.known[table]
        if !old.isEmpty, !unobserved[table].isEmpty {
            let unseen = unobserved[table]
            let filter = RepeatFilter(seed: seeds[table]) { !unseen.contains($0) }
            let (found, _) = try cleaners[table].clean(old, of: batch, filter: filter, isFirst: isFirst)
            isFirst = false
            unobserved[table].subtract(found.new)
            new += found.new.count
        }
        if isFirst { try cleaners[table].clear() }
        return new > 0
    }

    private func keep(_ hashes: [RowHash], _ table: Int, _ now: Int64) throws {
        let isFirst = pending[table] == nil
        var current =
            pending[table]
            ?? Pending(name: "pending_\(lastCut + 1)_of_\(cleaners[table].definition.name)".quotedName)
        try cleaners[table].keep(in: current.name, isFirst: isFirst)
        pending[table] = nil
        current.rows += hashes.count
        current.hashes += hashes
        var last = -1
        for record in sorter.fresh[table].records where batch.entries[record].source != last {
            last = batch.entries[record].source
            current.sources.insert(last)
        }
        pending[table] = current
        seen[table].insert(hashes, at: now)
        pendingBytes += batch.byteCount * hashes.count / max(1, batch.entries.count)
    }

    // MARK: Setting aside

    private func setAside(_ record: Int, _ reason: SetAsideReason, syntax: String?) {
        // What is no JSON at all is the sink's to set aside where it takes the topic.
        let topic = feed.sources[batch.entries[record].source].partition.topic
        if syntax != nil, setup.sinkTakes(topic) { return }
        add(record, syntax.map { "not JSON: " + $0 } ?? reason.text)
        setup.counters.countSetAside(reason.text)
    }

    private func setAside(poisoned record: Int, _ table: Int, _ message: String) {
        add(record, "\(cleaners[table].definition.clean) cannot take it: \(message)")
        setup.counters.countSetAside("cleaning fails")
    }

    private func add(_ record: Int, _ reason: String) {
        let entry = batch.entries[record]
        let source = feed.sources[entry.source]
        guard entry.offset >= lettersBegun[source.id] ?? 0,
            lettersSent.remove(.init(source: source.id, offset: entry.offset)) == nil
        else { return }
        let letter = StreamLetter(
            source: source.id, partition: source.partition, offset: entry.offset,
            key: entry.key.map { Array(batch.bytes($0)) }, value: Array(batch.bytes(entry.value)),
            reason: reason)
        letters.append(letter)
        pendingBytes += letter.bytes
    }

    // MARK: Cutting

    /// Hands over what is to be committed; nil if nothing was read since the last cut.
    func cut(now: Int64) -> Cut? {
        let next = feed.positions
        guard next != nextAtLastCut || !letters.isEmpty else {
            waitingSince = nil
            return nil
        }
        var cut = Cut(number: lastCut + 1)
        cut.next = next
        cut.letters = letters
        for (table, pending) in pending.enumerated() {
            guard let pending else { continue }
            var positions: [SourceID: Int64] = [:]
            for source in pending.sources {
                positions[feed.sources[source].id] = feed.sources[source].next
            }
            cut.units.append(
                Cut.Unit(
                    table: table, pending: pending.name, rows: pending.rows, hashes: pending.hashes,
                    time: now, positions: positions, generation: seen[table].current))
            let forgotten = seen[table].advance(now: now)
            if !forgotten.isEmpty { cut.forgotten[table] = forgotten }
        }
        let memory = seen.map { (rows: $0.count, bytes: $0.bytes) }
        setup.counters.update { values in
            for (table, memory) in memory.enumerated() {
                values.tables[table].remembered = memory.rows
                values.tables[table].rememberedBytes = memory.bytes
            }
        }
        pending = pending.map { _ in nil }
        letters = []
        pendingBytes = 0
        lastCut = cut.number
        nextAtLastCut = next
        waitingSince = nil
        return cut
    }
}

/// Lets a filter look into rows that belong to the stream's thread, on which it runs.
private final class SeenBox: @unchecked Sendable {
    // Unchecked: filters are called by statements that the stream's thread waits for.
    let rows: SeenRows

    init(_ rows: SeenRows) {
        self.rows = rows
    }
}

/// Where a worker begins.
struct StreamBeginning {
    /// The last cut that was committed, or begun.
    var cut: Int64 = 0
    var next: [SourceID: Int64] = [:]
    /// By table.
    var known: [[SourceID: Int64]]
    var seen: [SeenRows]
    var unobserved: [Set<RowHash>]
    /// What the hashes of each table begin with.
    var seeds: [UInt64]
    /// Below these positions every letter was sent.
    var letters: [SourceID: Int64] = [:]
    /// Letters past them that were sent all the same.
    var lettersSent: Set<DeadLetters.Origin> = []
}
