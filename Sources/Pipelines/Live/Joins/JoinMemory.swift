/// The rows of a join that wait for partners: for a time, and at most so many of each table.
struct JoinMemory: Sendable {
    struct Row: Sendable, Equatable {
        var time: Int64
        var key: LiveValue
        /// In the order of the part's columns.
        var values: [LiveValue]
    }

    let join: LiveJoin
    private(set) var parts: [Part]
    /// Rows that were forgotten before their time, since there were too many.
    private(set) var forgotten: Int64 = 0

    /// More joined rows than that from one row are left out: the key is none.
    static let maxMatches = 10_000

    struct Part: Sendable {
        fileprivate(set) var rows: [LiveValue: [Row]] = [:]
        /// Keys and times in the order of their coming; the first `gone` are forgotten.
        fileprivate var order: [(key: LiveValue, time: Int64)] = []
        fileprivate var gone = 0

        var count: Int { order.count - gone }

        fileprivate mutating func remember(_ row: Row) {
            rows[row.key, default: []].append(row)
            order.append((row.key, row.time))
        }

        fileprivate mutating func forgetFirst() {
            let key = order[gone].key
            gone += 1
            if rows[key]?.count == 1 { rows[key] = nil } else { rows[key]?.removeFirst() }
            guard gone > 1024, gone * 2 > order.count else { return }
            order.removeFirst(gone)
            gone = 0
        }

        /// Its rows in the order of their coming.
        var inOrder: [Row] {
            var used: [LiveValue: Int] = [:]
            return order[gone...].compactMap { entry in
                let place = used[entry.key, default: 0]
                used[entry.key] = place + 1
                guard let rows = rows[entry.key], place < rows.count else { return nil }
                return rows[place]
            }
        }
    }

    init(_ join: LiveJoin) {
        self.join = join
        parts = Array(repeating: Part(), count: join.parts.count)
    }

    /// The joined rows that new rows make with each other and with those that waited, each once; nothing changes.
    /// - Parameter new: for each part its new rows.
    /// - Returns: the key, the values of each part, and when the last partner arrived.
    func joined(_ new: [[Row]], now: Int64) -> [[LiveValue]] {
        let oldest = now - join.keepMilliseconds
        var earlier: [[LiveValue: [Row]]] = Array(repeating: [:], count: parts.count)
        var joined: [[LiveValue]] = []
        for part in parts.indices {
            for row in new[part] {
                append(row, of: part, earlier, oldest, to: &joined)
                earlier[part][row.key, default: []].append(row)
            }
        }
        return joined
    }

    /// Joins one row with what waited and with the new rows of the parts before its own.
    private func append(
        _ row: Row, of part: Int, _ earlier: [[LiveValue: [Row]]], _ oldest: Int64,
        to joined: inout [[LiveValue]]
    ) {
        guard row.key != .null else { return }
        var choices: [[Row]] = []
        var count = 1
        for other in parts.indices {
            guard other != part else {
                choices.append([row])
                continue
            }
            var partners = (parts[other].rows[row.key] ?? []).filter { $0.time >= oldest }
            if other < part { partners += earlier[other][row.key] ?? [] }
            count *= partners.count
            guard count > 0, count <= Self.maxMatches else { return }
            choices.append(partners)
        }
        var combined: [(time: Int64, values: [LiveValue])] = [(row.time, [row.key])]
        for partners in choices {
            combined = combined.flatMap { start in
                partners.map { (max(start.time, $0.time), start.values + $0.values) }
            }
        }
        joined += combined.map { $0.values + [.integer($0.time)] }
    }

    /// Remembers new rows and forgets those whose time is over.
    mutating func remember(_ new: [[Row]], now: Int64) {
        let oldest = now - join.keepMilliseconds
        for part in parts.indices {
            for row in new[part] where row.key != .null { parts[part].remember(row) }
            while parts[part].count > 0, parts[part].order[parts[part].gone].time < oldest {
                parts[part].forgetFirst()
            }
            while parts[part].count > join.maxRows {
                parts[part].forgetFirst()
                forgotten += 1
            }
        }
    }

    // MARK: State

    /// Takes up rows as they were kept.
    mutating func restore(_ rows: [[Row]], forgotten: Int64) {
        self.forgotten = forgotten
        for (part, rows) in zip(parts.indices, rows) {
            for row in rows { parts[part].remember(row) }
        }
    }
}
