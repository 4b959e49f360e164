import QueryEngine

/// What one file of a metric has counted: for each key (its `by` and group columns), over each window.
struct LiveCube: Sendable {
    let source: LiveSource
    let windows: [LiveWindow]
    /// Keys are the values of `by`, then those of the group.
    var keys = KeyTable()
    /// For each set of `by` columns but all of them, as bits: the keys without the other `by` columns.
    var rollups: [KeyTable]
    /// For each such set: the rolled-up key of each key.
    var rollupNumbers: [[UInt32]]
    /// One for each window.
    var sums: [SlidingSums]
    /// By key: what is no sum.
    var details: [KeyDetails] = []
    /// For each such set, by rolled-up key: one for each measure merged by `last`.
    ///
    /// They cannot be told from those of the keys, which do not know when a value that stayed the same was seen again.
    var rollupHistories: [[[ValueHistory]]]
    /// The time of the first row ever, from which on there is a past.
    var firstRow: Int64?

    /// - Parameter maxEntries: the most entries of each window.
    init(source: LiveSource, windows: [LiveWindow], maxEntries: Int) {
        self.source = source
        self.windows = windows
        let stride = source.shape.measures.count { $0.merge == .sum }
        let sets = (1 << source.by.count) - 1
        rollups = Array(repeating: KeyTable(), count: sets)
        rollupNumbers = Array(repeating: [], count: sets)
        rollupHistories = Array(repeating: [], count: sets)
        sums = windows.map { SlidingSums(window: $0, stride: stride, maxEntries: maxEntries) }
    }

    /// All `by` columns, as bits.
    var fullSet: Int { rollups.count }

    // MARK: Rows

    /// - Parameters:
    ///   - now: no row is newer.
    mutating func add(_ row: LiveInput, now: Int64) {
        if firstRow.map({ row.time < $0 }) ?? true { firstRow = row.time }
        let key = number(of: row.key)
        for index in sums.indices {
            switch sums[index].add(key, at: row.time, now: now, row.sums) {
            case .outside, .none: break
            case .gained: keys.retain(key)
            case .replaced(let other):
                keys.retain(key)
                release(other)
            }
        }
        guard keys.isUsed(key) else { return forget(key) }
        if !row.others.isEmpty { addDetails(of: row, to: Int(key), now: now) }
    }

    mutating func advance(to now: Int64) {
        for index in sums.indices {
            var released: [UInt32] = []
            sums[index].advance(to: now) { released.append($0) }
            for key in released { release(key) }
        }
    }

    private mutating func release(_ key: UInt32) {
        if keys.release(key) { forgetRest(of: key) }
    }

    private mutating func forget(_ key: UInt32) {
        if keys.removeIfUnused(key) { forgetRest(of: key) }
    }

    private mutating func forgetRest(of key: UInt32) {
        details[Int(key)] = KeyDetails()
        for set in rollups.indices {
            let number = rollupNumbers[set][Int(key)]
            if rollups[set].release(number) { rollupHistories[set][Int(number)] = [] }
        }
    }

    /// A key's number, with room in every list; a new one is in every rolled-up list too.
    mutating func number(of values: [LiveValue]) -> UInt32 {
        let (key, isNew) = keys.intern(values)
        guard isNew else { return key }
        let index = Int(key)
        if index >= details.count {
            details.append(KeyDetails())
            for window in sums.indices { sums[window].reserve(keys.capacity) }
            for set in rollups.indices { rollupNumbers[set].append(0) }
        }
        for set in rollups.indices {
            let (number, _) = rollups[set].intern(rolledUp(values, to: set))
            rollups[set].retain(number)
            rollupNumbers[set][index] = number
            if Int(number) >= rollupHistories[set].count { rollupHistories[set].append([]) }
        }
        return key
    }

    func rolledUp(_ values: [LiveValue], to set: Int) -> [LiveValue] {
        source.by.indices.filter { set & 1 << $0 != 0 }.map { values[$0] } + values[source.by.count...]
    }

    private mutating func addDetails(of row: LiveInput, to key: Int, now: Int64) {
        guard let longest = windows.last else { return }
        let begin = longest.begin(at: now)
        if details[key].histories.isEmpty, details[key].extremes.isEmpty, details[key].seen.isEmpty {
            details[key] = KeyDetails(source.shape, windows: windows.count)
        }
        for other in row.others {
            switch other {
            case .last(let place, let value):
                details[key].histories[place].add(value, at: row.time, lookingBackTo: begin)
                for set in rollups.indices {
                    let number = Int(rollupNumbers[set][key])
                    if rollupHistories[set][number].isEmpty {
                        rollupHistories[set][number] = details[key].histories.map { _ in ValueHistory() }
                    }
                    rollupHistories[set][number][place].add(value, at: row.time, lookingBackTo: begin)
                }
            case .extreme(let place, let value):
                for (index, window) in windows.enumerated() where row.time >= window.begin(at: now) {
                    details[key].extremes[place * windows.count + index].add(
                        value, inPane: window.pane(of: row.time), begin: window.begin(at: now))
                }
            case .seen(let place, let fingerprint):
                details[key].seen[place].add(fingerprint, at: row.time, lookingBackTo: begin)
            }
        }
    }
}

/// What is kept of a key besides its sums.
struct KeyDetails: Sendable, Equatable {
    /// One for each measure merged by `last`.
    var histories: [ValueHistory] = []
    /// One for each measure merged by `max` or `min` and each window; values of `min` are negated.
    var extremes: [SlidingExtreme] = []
    /// One for each measure merged by `distinct`.
    var seen: [SeenValues] = []

    init() {}

    init(_ shape: LiveShape, windows: Int) {
        func count(_ merges: LiveShape.Merge...) -> Int { shape.measures.count { merges.contains($0.merge) } }
        histories = Array(repeating: ValueHistory(), count: count(.last))
        extremes = Array(repeating: SlidingExtreme(), count: count(.max, .min) * windows)
        seen = Array(repeating: SeenValues(), count: count(.distinct))
    }
}

/// One row of a file's result, ready to be counted.
struct LiveInput: Sendable {
    enum Other: Sendable, Equatable {
        case last(Int, Int64)
        case extreme(Int, Int64)
        case seen(Int, UInt64)
    }

    var time: Int64
    var key: [LiveValue]
    /// One for each measure merged by `sum`.
    var sums: [Int64]
    var others: [Other]

    /// The rows of a result.
    /// - Parameter now: rows cannot be newer.
    /// - Throws: what is wrong with the result, in words.
    static func rows(
        of result: QueryResult, for source: LiveSource, now: Int64
    ) throws(PipelineError) -> [LiveInput] {
        func place(_ name: String) throws(PipelineError) -> Int {
            let wanted = name.lowercased()
            guard let place = result.columns.firstIndex(where: { $0.name.lowercased() == wanted }) else {
                let columns = result.columns.map(\.name).joined(separator: ", ")
                throw PipelineError(
                    .invalidFile, "live/\(source.stem).sql has no column \(name); it has \(columns).")
            }
            return place
        }
        let time = try place(LiveJoin.arrival)
        let key = try (source.by + source.shape.group).map { (name) throws(PipelineError) in try place(name) }
        var plan: [Column] = []
        for measure in source.shape.measures {
            let kind = measure.merge == .min ? .max : measure.merge
            let index = plan.count { ($0.measure.merge == .min ? .max : $0.measure.merge) == kind }
            plan.append(Column(measure: measure, place: try place(measure.name), index: index))
        }
        var rows: [LiveInput] = []
        rows.reserveCapacity(result.rows.count)
        for row in result.rows {
            guard case .integer(let arrived) = row[time] else {
                throw PipelineError(
                    .invalidFile,
                    "live/\(source.stem).sql: arrived_at must be that of the row it reads, not \(row[time].json)."
                )
            }
            var input = LiveInput(
                time: min(arrived, now), key: key.map { LiveValue(row[$0]) }, sums: [], others: [])
            try input.add(plan, of: row, source)
            rows.append(input)
        }
        return rows
    }

    /// A measure, its column in the result, and its place among those that merge alike.
    private struct Column {
        var measure: LiveShape.Measure
        var place: Int
        var index: Int
    }

    private mutating func add(
        _ plan: [Column], of row: [SQLValue], _ source: LiveSource
    ) throws(PipelineError) {
        for column in plan {
            let value = row[column.place]
            guard value != .null else {
                if column.measure.merge == .sum { sums.append(0) }
                continue
            }
            if column.measure.merge == .distinct {
                others.append(.seen(column.index, LiveValue(value).fingerprint))
                continue
            }
            guard let number = LiveValue.number(value) else {
                throw PipelineError(
                    .invalidFile,
                    "live/\(source.stem).sql: \(column.measure.name) must be a whole number, not \(value.json); "
                        + "multiply and round it there.")
            }
            switch column.measure.merge {
            case .sum: sums.append(number)
            case .last: others.append(.last(column.index, number))
            case .max: others.append(.extreme(column.index, number))
            case .min: others.append(.extreme(column.index, number == .min ? .max : -number))
            case .distinct: break
            }
        }
    }
}
