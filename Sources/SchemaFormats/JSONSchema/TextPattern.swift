/// A regular expression of JSON Schema: the part of ECMA-262 that needs no backtracking, so that no text takes more
/// steps than its length times that of the pattern.
struct TextPattern: Sendable {
    enum Step: Sendable {
        case scalar(Unicode.Scalar)
        case set([ClosedRange<UInt32>], isNegated: Bool)
        case start
        case end
        case boundary(isNegated: Bool)
        /// Goes on at both.
        case split(Int, Int)
        case jump(Int)
        case match
    }

    let text: String
    private let steps: [Step]

    var stepCount: Int { steps.count }

    /// Steps of one pattern, with its repetitions written out.
    static let maxSteps = 5_000

    /// - Throws: `.invalidSchema` for what is no pattern, or one that looks back or ahead.
    init(_ text: String) throws(SchemaFormatError) {
        self.text = text
        var reader = TextPatternReader(text)
        steps = try reader.read()
    }

    /// Whether the pattern is found anywhere in a text.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var current = Threads(count: steps.count)
        var next = Threads(count: steps.count)
        for place in 0...scalars.count {
            add(0, to: &current, scalars, place)
            if current.hasMatched { return true }
            guard place < scalars.count else { break }
            next.removeAll()
            for step in current.order where consumes(steps[step], scalars[place]) {
                add(step + 1, to: &next, scalars, place + 1)
            }
            swap(&current, &next)
        }
        return current.hasMatched
    }

    private struct Threads {
        var order: [Int] = []
        var isIn: [Bool]
        var hasMatched = false

        init(count: Int) { isIn = Array(repeating: false, count: count) }

        mutating func removeAll() {
            for step in order { isIn[step] = false }
            order.removeAll(keepingCapacity: true)
            hasMatched = false
        }
    }

    /// Takes in a step and those that are reached from it without a character.
    private func add(
        _ first: Int, to threads: inout Threads, _ scalars: [Unicode.Scalar], _ place: Int
    ) {
        var waiting = [first]
        while let step = waiting.popLast() {
            guard !threads.isIn[step] else { continue }
            threads.isIn[step] = true
            threads.order.append(step)
            switch steps[step] {
            case .match: threads.hasMatched = true
            case .jump(let target): waiting.append(target)
            case .split(let one, let other): waiting += [other, one]
            case .start: if place == 0 { waiting.append(step + 1) }
            case .end: if place == scalars.count { waiting.append(step + 1) }
            case .boundary(let isNegated):
                let before = place > 0 && Self.isWord(scalars[place - 1])
                let after = place < scalars.count && Self.isWord(scalars[place])
                if (before != after) != isNegated { waiting.append(step + 1) }
            case .scalar, .set: break
            }
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        TextPatternReader.word.contains { $0.contains(scalar.value) }
    }

    private func consumes(_ step: Step, _ scalar: Unicode.Scalar) -> Bool {
        switch step {
        case .scalar(let wanted): wanted == scalar
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar.value) } != isNegated
        default: false
        }
    }
}

/// Reads the text of a pattern.
struct TextPatternReader {
    private let text: String
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var steps: [TextPattern.Step] = []

    static let word: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    private static let digit: [ClosedRange<UInt32>] = [0x30...0x39]
    private static let space: [ClosedRange<UInt32>] = [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ]
    private static let lineEnd: [ClosedRange<UInt32>] = [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]
    /// Groups within groups.
    private static let maxDepth = 50

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    mutating func read() throws(SchemaFormatError) -> [TextPattern.Step] {
        try alternatives(depth: 0)
        guard place == scalars.count else { throw invalid("a ) is too many") }
        steps.append(.match)
        return steps
    }

    private func invalid(_ why: String) -> SchemaFormatError {
        SchemaFormatError(.invalidSchema, "the pattern \(text.prefix(100)) cannot be used: \(why)")
    }

    private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        place += 1
        return true
    }

    private mutating func alternatives(depth: Int) throws(SchemaFormatError) {
        guard depth < Self.maxDepth else { throw invalid("its groups are nested too deeply") }
        let start = steps.count
        try sequence(depth: depth)
        guard next == "|" else { return }
        var branches = [Array(steps[start...])]
        steps.removeSubrange(start...)
        while take("|") {
            try sequence(depth: depth)
            branches.append(Array(steps[start...]))
            steps.removeSubrange(start...)
        }
        // Moved to where they come to lie, each behind a split and before a jump to the end.
        var end = start - 1
        for branch in branches { end += branch.count + 2 }
        end -= 1
        var at = start
        for (number, branch) in branches.enumerated() {
            let isLast = number == branches.count - 1
            if !isLast {
                steps.append(.split(at + 1, at + branch.count + 2))
                at += 1
            }
            steps += branch.map { Self.moved($0, by: at - start) }
            at += branch.count
            if !isLast {
                steps.append(.jump(end))
                at += 1
            }
        }
        try checkSize()
    }

    /// A step that was read for one place, at another one.
    private static func moved(_ step: TextPattern.Step, by distance: Int) -> TextPattern.Step {
        switch step {
        case .split(let one, let other): .split(one + distance, other + distance)
        case .jump(let target): .jump(target + distance)
        default: step
        }
    }

    private func checkSize() throws(SchemaFormatError) {
        guard steps.count <= TextPattern.maxSteps else { throw invalid("it is too long") }
    }

    private mutating func sequence(depth: Int) throws(SchemaFormatError) {
        while let scalar = next, scalar != "|", scalar != ")" {
            let start = steps.count
            try atom(depth: depth)
            try repetition(of: start)
            try checkSize()
        }
    }

    private mutating func atom(depth: Int) throws(SchemaFormatError) {
        guard let scalar = next else { return }
        place += 1
        switch scalar {
        case "(":
            if take("?") {
                guard take(":") else { throw invalid("it looks ahead or back, or names a group") }
            }
            try alternatives(depth: depth + 1)
            guard take(")") else { throw invalid("a ) is missing") }
        case "[": steps.append(try set())
        case ".": steps.append(.set(Self.lineEnd, isNegated: true))
        case "^": steps.append(.start)
        case "$": steps.append(.end)
        case "\\": steps.append(try escape())
        case "*", "+", "?": throw invalid("a \(scalar) has nothing to repeat")
        default: steps.append(.scalar(scalar))
        }
    }

    // MARK: Repetition

    private mutating func repetition(of start: Int) throws(SchemaFormatError) {
        guard let (low, high) = try count() else { return }
        _ = take("?")  // Whether few or many are preferred is the same for finding any.
        let body = Array(steps[start...])
        guard low * body.count <= TextPattern.maxSteps, (high ?? 0) * (body.count + 1) <= TextPattern.maxSteps
        else { throw invalid("it is too long") }
        steps.removeSubrange(start...)
        for _ in 0..<low {
            let distance = steps.count - start
            steps += body.map { Self.moved($0, by: distance) }
        }
        guard let high else {
            let loop = steps.count
            steps.append(.split(loop + 1, loop + body.count + 2))
            steps += body.map { Self.moved($0, by: loop + 1 - start) }
            return steps.append(.jump(loop))
        }
        let end = steps.count + (high - low) * (body.count + 1)
        for _ in low..<high {
            steps.append(.split(steps.count + 1, end))
            let distance = steps.count - start
            steps += body.map { Self.moved($0, by: distance) }
        }
    }

    /// How often what stands before is to be there; nil if nothing is said of it.
    private mutating func count() throws(SchemaFormatError) -> (low: Int, high: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = place
        guard take("{"), let low = number() else {
            place = start
            return nil
        }
        var high: Int? = low
        if take(",") { high = number() }
        guard take("}") else {
            place = start
            return nil
        }
        if let high, high < low { throw invalid("a repetition ends before it begins") }
        return (low, high)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = next, Self.digit[0].contains(scalar.value), digits.count < 9 {
            digits.unicodeScalars.append(scalar)
            place += 1
        }
        return Int(digits)
    }

    // MARK: Sets

    private mutating func set() throws(SchemaFormatError) -> TextPattern.Step {
        let isNegated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while !take("]") {
            let first = try member()
            guard first.count == 1, first[0].count == 1, next == "-", place + 1 < scalars.count,
                scalars[place + 1] != "]"
            else {
                ranges += first
                continue
            }
            place += 1
            let last = try member()
            guard last.count == 1, last[0].lowerBound >= first[0].lowerBound else {
                throw invalid("a range of characters ends before it begins")
            }
            ranges.append(first[0].lowerBound...last[0].upperBound)
        }
        return .set(ranges, isNegated: isNegated)
    }

    /// What one member of a set stands for.
    private mutating func member() throws(SchemaFormatError) -> [ClosedRange<UInt32>] {
        guard let scalar = next else { throw invalid("a ] is missing") }
        place += 1
        guard scalar == "\\" else { return [scalar.value...scalar.value] }
        if take("b") { return [0x08...0x08] }
        switch try escape() {
        case .scalar(let scalar): return [scalar.value...scalar.value]
        case .set(let ranges, false): return ranges
        case .set(let ranges, true): return Self.complement(of: ranges)
        default: throw invalid("a set has a boundary in it")
        }
    }

    private static func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var found: [ClosedRange<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges {
            if range.lowerBound > start { found.append(start...range.lowerBound - 1) }
            start = range.upperBound + 1
        }
        return found + [start...0x10FFFF]
    }

    /// What stands behind a backslash.
    private mutating func escape() throws(SchemaFormatError) -> TextPattern.Step {
        guard let scalar = next else { throw invalid("a \\ is at its end") }
        place += 1
        switch scalar {
        case "d": return .set(Self.digit, isNegated: false)
        case "D": return .set(Self.digit, isNegated: true)
        case "w": return .set(Self.word, isNegated: false)
        case "W": return .set(Self.word, isNegated: true)
        case "s": return .set(Self.space, isNegated: false)
        case "S": return .set(Self.space, isNegated: true)
        case "b": return .boundary(isNegated: false)
        case "B": return .boundary(isNegated: true)
        case "n": return .scalar("\n")
        case "r": return .scalar("\r")
        case "t": return .scalar("\t")
        case "f": return .scalar("\u{0C}")
        case "v": return .scalar("\u{0B}")
        case "0": return .scalar("\0")
        case "x": return .scalar(try hexadecimal(2))
        case "u": return .scalar(try hexadecimal(4))
        default:
            let isLetter = Self.word.contains { $0.contains(scalar.value) }
            guard !isLetter else { throw invalid("\\\(scalar) is not supported") }
            return .scalar(scalar)
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(SchemaFormatError) -> Unicode.Scalar {
        let digits = String(String.UnicodeScalarView(scalars[place...].prefix(count)))
        guard digits.unicodeScalars.count == count, digits.allSatisfy(\.isHexDigit),
            let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw invalid("a character has no \(count) hexadecimal digits") }
        place += count
        return scalar
    }
}
