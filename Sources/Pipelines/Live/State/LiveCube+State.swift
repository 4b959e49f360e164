extension LiveCube {
    /// Two cubes with the same identity count the same.
    var identity: UInt64 {
        let windows = windows.map { "\($0.milliseconds)/\($0.paneMilliseconds)" }.joined(separator: ",")
        let shape = "\(source.by) \(source.shape.group) \(source.shape.measures)"
        return LiveValue.hash("\(source.metric) \(source.stem) \(source.sql) \(shape) \(windows)")
    }

    func write(to writer: inout LiveStateWriter) {
        writer.signed(firstRow ?? .min)
        var numbers: [UInt32: Int] = [:]
        let used = (0..<UInt32(keys.capacity)).filter { keys.isUsed($0) }
        writer.count(used.count)
        for (place, key) in used.enumerated() {
            numbers[key] = place
            for value in keys.keys[Int(key)] { writer.value(value) }
            details[Int(key)].write(to: &writer)
        }
        for set in rollups.indices {
            var members: [UInt32: Int] = [:]
            for (place, key) in used.enumerated() { members[rollupNumbers[set][Int(key)]] = place }
            let known = members.filter { !rollupHistories[set][Int($0.key)].isEmpty }
            writer.count(known.count)
            for (number, member) in known {
                writer.count(member)
                for history in rollupHistories[set][Int(number)] {
                    writer.pairs(history.times, history.values)
                }
            }
        }
        for window in sums {
            writer.count(window.panes.count)
            for pane in window.panes {
                writer.signed(pane.begin)
                writer.signed(pane.error)
                writer.count(pane.keys.count)
                for key in pane.keys { writer.count(numbers[key] ?? 0) }
                for sum in pane.sums { writer.signed(sum) }
            }
        }
    }

    /// Takes up what was kept; the cube must be empty.
    mutating func read(_ reader: inout LiveStateReader) throws(PipelineError) {
        let first = try reader.signed()
        firstRow = first == .min ? nil : first
        let width = source.by.count + source.shape.group.count
        let count = try reader.count()
        for place in 0..<count {
            var key: [LiveValue] = []
            for _ in 0..<width { key.append(try reader.value()) }
            guard Int(number(of: key)) == place else { throw LiveStateReader.damage }
            details[place] = try KeyDetails(&reader, source.shape, windows: windows.count)
        }
        for set in rollups.indices {
            for _ in 0..<(try reader.count()) {
                let member = try reader.number()
                guard member < UInt64(count) else { throw LiveStateReader.damage }
                rollupHistories[set][Int(rollupNumbers[set][Int(member)])] = try reader.histories(
                    source.shape)
            }
        }
        for index in sums.indices {
            let stride = sums[index].stride
            let window = windows[index]
            let panes = try reader.list { (reader) throws(PipelineError) in
                try SumPane(&reader, stride: stride, keys: count, window: window)
            }
            guard zip(panes, panes.dropFirst()).allSatisfy({ $0.begin < $1.begin }) else {
                throw LiveStateReader.damage
            }
            sums[index].restore(panes)
            for key in panes.lazy.flatMap(\.keys) { keys.retain(key) }
        }
        guard (0..<UInt32(count)).allSatisfy({ keys.isUsed($0) }), reader.isAtEnd else {
            throw LiveStateReader.damage
        }
    }
}

extension SumPane {
    fileprivate init(
        _ reader: inout LiveStateReader, stride: Int, keys count: Int, window: LiveWindow
    ) throws(PipelineError) {
        let begin = try reader.time()
        guard window.pane(of: begin) == begin else { throw LiveStateReader.damage }
        let error = try reader.signed()
        let keys = try reader.list { (reader) throws(PipelineError) -> UInt32 in
            let key = try reader.number()
            guard key < UInt64(count) else { throw LiveStateReader.damage }
            return UInt32(key)
        }
        var sums: [Int64] = []
        for _ in 0..<keys.count * stride { sums.append(try reader.signed()) }
        guard
            let pane = SumPane(
                begin: begin, error: error, keys: keys, sums: sums, stride: stride)
        else { throw LiveStateReader.damage }
        self = pane
    }
}

extension KeyDetails {
    fileprivate func write(to writer: inout LiveStateWriter) {
        writer.count(histories.isEmpty && extremes.isEmpty && seen.isEmpty ? 0 : 1)
        for history in histories { writer.pairs(history.times, history.values) }
        for extreme in extremes { writer.pairs(extreme.panes, extreme.values) }
        for seen in seen {
            writer.signed(seen.forgotUntil)
            writer.count(seen.times.count)
            for (fingerprint, time) in seen.times {
                writer.number(fingerprint)
                writer.signed(time)
            }
        }
    }

    fileprivate init(
        _ reader: inout LiveStateReader, _ shape: LiveShape, windows: Int
    ) throws(PipelineError) {
        self.init()
        guard try reader.number() > 0 else { return }
        self = KeyDetails(shape, windows: windows)
        histories = try reader.histories(shape)
        for index in extremes.indices {
            let (panes, values) = try reader.pairs()
            guard let extreme = SlidingExtreme(panes: panes, values: values) else {
                throw LiveStateReader.damage
            }
            extremes[index] = extreme
        }
        for index in seen.indices {
            let forgotUntil = try reader.signed()
            var times: [UInt64: Int64] = [:]
            for _ in 0..<(try reader.count()) { times[try reader.number()] = try reader.time() }
            seen[index] = SeenValues(times: times, forgotUntil: forgotUntil)
        }
    }
}

extension LiveStateWriter {
    fileprivate mutating func pairs(_ times: [Int64], _ values: [Int64]) {
        count(times.count)
        for (time, value) in zip(times, values) {
            signed(time)
            signed(value)
        }
    }
}

extension LiveStateReader {
    /// One for each measure merged by `last`.
    fileprivate mutating func histories(_ shape: LiveShape) throws(PipelineError) -> [ValueHistory] {
        var histories: [ValueHistory] = []
        for _ in 0..<shape.measures.count(where: { $0.merge == .last }) {
            let (times, values) = try pairs()
            guard let history = ValueHistory(times: times, values: values) else { throw Self.damage }
            histories.append(history)
        }
        return histories
    }

    fileprivate mutating func pairs() throws(PipelineError) -> (times: [Int64], values: [Int64]) {
        var times: [Int64] = []
        var values: [Int64] = []
        for _ in 0..<(try count()) {
            times.append(try time())
            values.append(try signed())
        }
        return (times, values)
    }
}
