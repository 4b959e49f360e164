import Foundation

/// What is asked of a cube.
struct CubeQuestion: Sendable {
    enum Order: Sendable {
        case measure(String)
        /// A score: the logarithms of measures, each as often as it weighs.
        case weighted([RecommendationRule.Weight])
    }

    /// The window's position.
    var window: Int
    /// The `by` columns that rows are told apart by, as bits.
    var set: Int
    /// Columns of the key and what they must be called.
    var filters: [(column: Int, text: String)] = []
    /// What decides the order, the greatest first.
    var order: Order
    var limit: Int
    var now: Int64
}

/// The first rows by rank.
struct CubeAnswer: Sendable {
    struct Row: Sendable {
        var key: [LiveValue]
        /// In the order of the shape's names.
        var measures: [LiveValue]
        /// What decided the row's rank.
        var rank: Double
        /// The first measure of the same group whatever its `by` columns and the filters.
        var overall: Int64
    }

    var rows: [Row] = []
    /// How many rows there are in all.
    var groups = 0
    /// The first measure over all rows.
    var total: Int64 = 0
    /// Distinct values were forgotten for want of room.
    var isShort = false
}

extension LiveCube {
    /// How strongly small counts are drawn to what is usual, in rows.
    static let smoothing = 10.0

    func rank(_ question: CubeQuestion) -> CubeAnswer {
        var ranking = CubeRanking(cube: self, question)
        return ranking.answer()
    }
}

/// Works out one answer: rolls keys up, ranks, and looks at the details of those that are shown.
private struct CubeRanking {
    let cube: LiveCube
    let question: CubeQuestion
    let stride: Int
    /// The sums of each rolled-up key.
    var totals: [Int64]
    /// The first sum of each rolled-up key without the filters.
    var overall: [Int64]
    /// The rolled-up keys that there are.
    var present: [UInt32] = []
    var keys: [UInt32] = []

    init(cube: LiveCube, _ question: CubeQuestion) {
        self.cube = cube
        self.question = question
        stride = cube.sums[question.window].stride
        let count = question.set == cube.fullSet ? cube.keys.capacity : cube.rollups[question.set].capacity
        totals = Array(repeating: 0, count: count * stride)
        overall = Array(repeating: 0, count: count)
    }

    var begin: Int64 { cube.windows[question.window].begin(at: question.now) }

    func rolledUp(_ key: Int) -> Int {
        question.set == cube.fullSet ? key : Int(cube.rollupNumbers[question.set][key])
    }

    mutating func answer() -> CubeAnswer {
        collect()
        var answer = CubeAnswer(groups: present.count)
        answer.total = present.reduce(0) { $0 &+ totals[Int($1) * stride] }
        let ranks = ranks()
        let chosen = chosen(by: ranks)
        var members: [Int: [Int]] = [:]
        for number in chosen { members[number] = [] }
        if question.set == cube.fullSet {
            for number in chosen { members[number] = [number] }
        } else {
            for key in keys { members[rolledUp(Int(key))]?.append(Int(key)) }
        }
        for number in chosen {
            let keys = members[number] ?? []
            let measures = cube.source.shape.names.map { measure($0, of: number, keys) }
            answer.isShort = answer.isShort || isShort(keys)
            answer.rows.append(
                .init(
                    key: rolledUpKey(number), measures: measures, rank: ranks[number],
                    overall: overall[number]))
        }
        return answer
    }

    private mutating func collect() {
        let sums = cube.sums[question.window]
        for key in 0..<cube.keys.capacity where sums.totals[key * stride] != 0 {
            let number = rolledUp(key)
            overall[number] &+= sums.totals[key * stride]
            guard question.filters.allSatisfy({ cube.keys.keys[key][$0.column].isCalled($0.text) }) else {
                continue
            }
            keys.append(UInt32(truncatingIfNeeded: key))
            if totals[number * stride] == 0 { present.append(UInt32(truncatingIfNeeded: number)) }
            for measure in 0..<stride {
                totals[number * stride + measure] &+= sums.totals[key * stride + measure]
            }
        }
    }

    private func rolledUpKey(_ number: Int) -> [LiveValue] {
        question.set == cube.fullSet ? cube.keys.keys[number] : cube.rollups[question.set].keys[number]
    }

    // MARK: Order

    /// By rolled-up key.
    private func ranks() -> [Double] {
        var ranks = Array(repeating: 0.0, count: overall.count)
        switch question.order {
        case .measure(let name): return values(of: name)
        case .weighted(let weights):
            for weight in weights where weight.factor > 0 {
                let values = values(of: weight.measure)
                for number in present.lazy.map({ Int($0) }) {
                    ranks[number] += weight.factor * log1p(max(0, values[number]))
                }
            }
            return ranks
        }
    }

    /// A measure of every rolled-up key.
    private func values(of name: String) -> [Double] {
        var values = Array(repeating: 0.0, count: overall.count)
        if let place = sumPlace(name) {
            for number in present.lazy.map({ Int($0) }) {
                values[number] = Double(totals[number * stride + place])
            }
            return values
        }
        var members: [[Int]] = Array(repeating: [], count: overall.count)
        for key in keys.lazy.map({ Int($0) }) { members[rolledUp(key)].append(key) }
        for number in present.lazy.map({ Int($0) }) {
            switch measure(name, of: number, members[number]) {
            case .integer(let value): values[number] = Double(value)
            case .double(let value): values[number] = value
            // Unknown values come last.
            default: values[number] = -.infinity
            }
        }
        return values
    }

    private func chosen(by ranks: [Double]) -> [Int] {
        func comes(_ left: UInt32, before right: UInt32) -> Bool {
            let (first, second) = (ranks[Int(left)], ranks[Int(right)])
            guard first == second else { return first > second }
            return [LiveValue].comes(rolledUpKey(Int(left)), before: rolledUpKey(Int(right)))
        }
        var heap = FirstFew(limit: question.limit)
        for number in present { heap.offer(number, before: comes) }
        return heap.numbers.sorted(by: comes).map { Int($0) }
    }

    // MARK: Measures

    private func sumPlace(_ name: String) -> Int? {
        cube.source.shape.measures.filter { $0.merge == .sum }.firstIndex { $0.name == name }
    }

    private func measure(_ name: String, of number: Int, _ keys: [Int]) -> LiveValue {
        if let place = sumPlace(name) { return .integer(totals[number * stride + place]) }
        let shape = cube.source.shape
        if let growth = shape.growth, name == growth + LiveShape.growthSuffix {
            return change(of: growth, keys).map { .integer($0) } ?? .null
        }
        if shape.trend != nil, name == LiveShape.expected || name == LiveShape.score {
            return trend(name, of: number, keys)
        }
        guard let measure = shape.measures.first(where: { $0.name == name }) else { return .null }
        switch measure.merge {
        case .sum: return .null
        case .last:
            return history(of: name, keys)?.newest.map { .integer($0.value) } ?? .null
        case .max, .min:
            let value = extreme(of: name, keys)
            return value.map { .integer(measure.merge == .max ? $0 : $0 == .max ? .min : -$0) } ?? .null
        case .distinct: return .integer(Int64(distinct(of: name, keys)))
        }
    }

    /// The place of a measure among those that are merged in one of these ways.
    private func place(_ name: String, among merges: LiveShape.Merge...) -> Int? {
        cube.source.shape.measures.filter { merges.contains($0.merge) }.firstIndex { $0.name == name }
    }

    /// The history of a row, whose keys agree in what is asked for.
    private func history(of name: String, _ keys: [Int]) -> ValueHistory? {
        guard let key = keys.first, let place = place(name, among: .last) else { return nil }
        var set = question.set
        for filter in question.filters where filter.column < cube.source.by.count {
            set |= 1 << filter.column
        }
        if set == cube.fullSet { return cube.details[key].histories.element(at: place) }
        return cube.rollupHistories[set][Int(cube.rollupNumbers[set][key])].element(at: place)
    }

    /// The value now against the one at the window's begin, or the first one known.
    private func change(of name: String, _ keys: [Int]) -> Int64? {
        guard let history = history(of: name, keys), let newest = history.newest,
            let start = history.value(at: begin)
        else { return nil }
        return newest.value.subtractingReportingOverflow(start.value).partialValue
    }

    private func extreme(of name: String, _ keys: [Int]) -> Int64? {
        guard let place = place(name, among: .max, .min) else { return nil }
        let index = place * cube.windows.count + question.window
        return keys.compactMap { cube.details[$0].extremes.element(at: index)?.value(since: begin) }.max()
    }

    private func distinct(of name: String, _ keys: [Int]) -> Int {
        guard let place = place(name, among: .distinct) else { return 0 }
        let all = keys.compactMap { cube.details[$0].seen.element(at: place)?.times }
        if all.count == 1 { return all[0].count { $0.value >= begin } }
        var seen: Set<UInt64> = []
        for times in all {
            for (fingerprint, time) in times where time >= begin { seen.insert(fingerprint) }
        }
        return seen.count
    }

    private func isShort(_ keys: [Int]) -> Bool {
        keys.contains { key in cube.details[key].seen.contains { !$0.isExact(since: begin) } }
    }

    /// What was to be expected from the past, and how many times that there is, drawn to 1 where counts are small.
    private func trend(_ name: String, of number: Int, _ keys: [Int]) -> LiveValue {
        guard let trend = cube.source.shape.trend, let place = sumPlace(trend), let longest = cube.sums.last,
            question.window < cube.sums.count - 1
        else { return .null }
        let count = Double(totals[number * stride + place])
        let all = keys.reduce(Int64(0)) { $0 &+ longest.totals[$1 * stride + place] }
        let past = max(0, Double(all) - count)
        let pastBegin = max(longest.window.begin(at: question.now), cube.firstRow ?? question.now)
        let pastTime = Double(max(0, begin - pastBegin))
        let time = Double(max(1, question.now - begin))
        guard pastTime > 0 else { return name == LiveShape.score ? .double(1) : .null }
        if name == LiveShape.expected { return .double(rounded(past * time / pastTime)) }
        // Both counts over the shorter of the two times, so that a short past is not blown up.
        let span = min(time, pastTime)
        let score =
            (count * span / time + LiveCube.smoothing) / (past * span / pastTime + LiveCube.smoothing)
        return .double(rounded(score))
    }

    private func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
}

extension Array {
    fileprivate func element(at index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

/// The few that come first of many: a heap with the last of them on top.
private struct FirstFew {
    let limit: Int
    private(set) var numbers: [UInt32] = []

    init(limit: Int) { self.limit = limit }

    mutating func offer(_ number: UInt32, before comes: (UInt32, UInt32) -> Bool) {
        guard limit > 0 else { return }
        if numbers.count < limit {
            numbers.append(number)
            var place = numbers.count - 1
            while place > 0, comes(numbers[(place - 1) / 2], numbers[place]) {
                numbers.swapAt(place, (place - 1) / 2)
                place = (place - 1) / 2
            }
            return
        }
        guard comes(number, numbers[0]) else { return }
        numbers[0] = number
        var place = 0
        while true {
            var last = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < numbers.count && comes(numbers[last], numbers[child]) {
                last = child
            }
            guard last != place else { return }
            numbers.swapAt(place, last)
            place = last
        }
    }
}
