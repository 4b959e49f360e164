import QueryEngine
import Synchronization

/// The kept state: a version, what is known of all, then a part with an identity for each cube, join and table of rates.
/// Parts whose identity is not that of the pipeline's files are passed over: what they count begins anew.
extension LiveMetrics {
    private static let stateVersion: UInt64 = 1

    /// Writing takes its time, and rows must count meanwhile.
    package func state() -> @Sendable () -> [UInt8] {
        let state = counts.withLock { $0 }
        return { Self.bytes(of: state) }
    }

    private static func bytes(of state: LiveState) -> [UInt8] {
        var writer = LiveStateWriter()
        writer.number(stateVersion)
        writer.signed(state.records)
        writer.signed(state.countedAt ?? -1)
        writer.count(state.cubes.count)
        for cube in state.cubes {
            writer.number(cube.identity)
            writer.part { cube.write(to: &$0) }
        }
        writer.count(state.joins.count)
        for (index, join) in state.joins.enumerated() {
            writer.number(join.identity)
            writer.part { join.write(to: &$0, types: state.columnTypes[index] ?? [:]) }
        }
        writer.count(state.rates.count)
        for (table, rates) in zip(state.tables, state.rates) {
            writer.number(rates.identity(of: table))
            writer.part { rates.write(to: &$0) }
        }
        return writer.bytes
    }

    /// - Throws: if it is no state; nothing has changed then.
    package func restore(_ bytes: [UInt8]?) throws {
        var fresh = LiveState(like: emptyState)
        if let bytes {
            var reader = LiveStateReader(bytes[...])
            try fresh.read(&reader, version: Self.stateVersion)
        }
        counts.withLock { state in
            fresh.version = state.version &+ 1
            state = fresh
        }
    }
}

extension LiveState {
    fileprivate init(like other: LiveState) { self = other }

    fileprivate mutating func read(_ reader: inout LiveStateReader, version: UInt64) throws(PipelineError) {
        let found = try reader.number()
        guard found == version else {
            throw PipelineError(
                .invalidFile,
                "The kept state of the live metrics is of version \(found), not \(version); they begin anew.")
        }
        records = try reader.signed()
        let counted = try reader.signed()
        countedAt = counted < 0 ? nil : counted
        let cubeParts = try reader.parts()
        for index in cubes.indices {
            guard var part = cubeParts[cubes[index].identity] else { continue }
            try cubes[index].read(&part)
        }
        let joinParts = try reader.parts()
        for index in joins.indices {
            guard var part = joinParts[joins[index].identity] else { continue }
            columnTypes[index] = try joins[index].read(&part)
        }
        let rateParts = try reader.parts()
        for index in rates.indices {
            guard var part = rateParts[rates[index].identity(of: tables[index])] else { continue }
            try rates[index].read(&part)
        }
        guard reader.isAtEnd else { throw LiveStateReader.damage }
    }
}

extension LiveStateWriter {
    fileprivate mutating func part(_ body: (inout LiveStateWriter) -> Void) {
        var writer = LiveStateWriter()
        body(&writer)
        part(writer)
    }
}

extension LiveStateReader {
    fileprivate mutating func parts() throws(PipelineError) -> [UInt64: LiveStateReader] {
        var parts: [UInt64: LiveStateReader] = [:]
        for _ in 0..<(try count()) { parts[try number()] = try part() }
        return parts
    }
}

extension JoinMemory {
    fileprivate var identity: UInt64 {
        LiveValue.hash("\(join.name) \(join.parts)")
    }

    fileprivate func write(to writer: inout LiveStateWriter, types: [Int: [TableSourceType]]) {
        writer.signed(forgotten)
        for (index, part) in parts.enumerated() {
            let known = types[index] ?? []
            writer.count(known.count)
            for type in known { writer.number(type.stateNumber) }
            let rows = part.inOrder
            writer.count(rows.count)
            for row in rows {
                writer.signed(row.time)
                writer.value(row.key)
                for value in row.values { writer.value(value) }
            }
        }
    }

    /// - Returns: the types of each part's columns, as far as they are known.
    fileprivate mutating func read(
        _ reader: inout LiveStateReader
    ) throws(PipelineError) -> [Int: [TableSourceType]] {
        let forgotten = try reader.signed()
        var types: [Int: [TableSourceType]] = [:]
        var rows: [[Row]] = []
        for (index, part) in join.parts.enumerated() {
            let known = try reader.list { (reader) throws(PipelineError) in
                try TableSourceType(stateNumber: try reader.number())
            }
            guard known.isEmpty || known.count == part.columns.count + 1 else { throw LiveStateReader.damage }
            if !known.isEmpty { types[index] = known }
            rows.append(
                try reader.list { (reader) throws(PipelineError) in
                    var row = Row(time: try reader.time(), key: try reader.value(), values: [])
                    for _ in part.columns { row.values.append(try reader.value()) }
                    return row
                })
        }
        guard reader.isAtEnd else { throw LiveStateReader.damage }
        restore(rows, forgotten: forgotten)
        return types
    }
}

extension TableSourceType {
    fileprivate var stateNumber: UInt64 {
        switch self {
        case .int64: 0
        case .double: 1
        case .text: 2
        }
    }

    fileprivate init(stateNumber: UInt64) throws(PipelineError) {
        switch stateNumber {
        case 0: self = .int64
        case 1: self = .double
        case 2: self = .text
        default: throw LiveStateReader.damage
        }
    }
}

extension LiveRates {
    fileprivate func identity(of table: String) -> UInt64 {
        LiveValue.hash("\(table) \(windows.map { "\($0.milliseconds)/\($0.paneMilliseconds)" })")
    }

    fileprivate func write(to writer: inout LiveStateWriter) {
        writer.signed(older)
        for window in panes {
            writer.count(window.count)
            for pane in window {
                writer.signed(pane.begin)
                writer.signed(pane.records)
                pane.latency.write(to: &writer)
                pane.lateness.write(to: &writer)
            }
        }
    }

    fileprivate mutating func read(_ reader: inout LiveStateReader) throws(PipelineError) {
        older = try reader.signed()
        for index in windows.indices {
            panes[index] = try reader.list { (reader) throws(PipelineError) in
                var pane = Pane(begin: try reader.time())
                pane.records = try reader.signed()
                pane.latency = try LogHistogram(&reader)
                pane.lateness = try LogHistogram(&reader)
                return pane
            }
            guard zip(panes[index], panes[index].dropFirst()).allSatisfy({ $0.begin < $1.begin }) else {
                throw LiveStateReader.damage
            }
        }
        guard reader.isAtEnd else { throw LiveStateReader.damage }
    }
}

extension LogHistogram {
    /// Runs of empty buckets are told by their length.
    fileprivate func write(to writer: inout LiveStateWriter) {
        writer.signed(greatest)
        let used = counts.indices.filter { counts[$0] > 0 }
        writer.count(used.count)
        var next = 0
        for bucket in used {
            writer.count(bucket - next)
            writer.number(UInt64(counts[bucket]))
            next = bucket + 1
        }
    }

    fileprivate init(_ reader: inout LiveStateReader) throws(PipelineError) {
        let greatest = try reader.signed()
        var counts: [UInt32] = []
        for _ in 0..<(try reader.count()) {
            let gap = try reader.number()
            guard gap < 4_096, counts.count < 4_096, let count = UInt32(exactly: try reader.number()) else {
                throw LiveStateReader.damage
            }
            counts.append(contentsOf: repeatElement(0, count: Int(gap)))
            counts.append(count)
        }
        guard let histogram = LogHistogram(counts: counts, greatest: greatest) else {
            throw LiveStateReader.damage
        }
        self = histogram
    }
}
