import JSONText

/// Scans a line that is one flat JSON object into slots, in one pass, and gives up on everything else.
///
/// It takes the grammar of `JSONScanner`, but expects each member where the last row had it, so that a name costs one
/// comparison. Objects within objects, escaped names, names that occur twice, columns of other tables and anything
/// that is not JSON are left to the scanner, which decides alone what is valid.
struct RowParser {
    private let names: RowNames
    private let tokens: UnsafeMutablePointer<RowNames.Token>
    /// The token of each member, in the order of the last row.
    private let layout: UnsafeMutablePointer<Int>
    private static let maxMembers = 256

    init(_ table: TableDefinition, among tables: [TableDefinition]) {
        names = RowNames(table, among: tables)
        tokens = names.tokens
        layout = .allocate(capacity: Self.maxMembers)
        for index in 0..<Self.maxMembers { layout[index] = index < names.count ? index : 0 }
    }

    /// Frees the memory; the owner calls it once, at its end.
    func deallocate() {
        layout.deallocate()
    }

    /// Fills the slots; false if the line needs a closer look.
    @inline(__always)
    func parse(_ line: RawLine, into slots: RowSlots) -> Bool {
        slots.clear()
        var next = skipBlanks(line.start)
        guard next.pointee == UInt8(ascii: "{") else { return false }
        next = skipBlanks(next + 1)
        var member = 0
        while true {
            guard next.pointee == UInt8(ascii: "\""), member < Self.maxMembers else { return false }
            guard let token = token(member, at: next + 1) else { return false }
            next = skipBlanks(next + 1 + tokens[token].count)
            guard next.pointee == UInt8(ascii: ":") else { return false }
            next = skipBlanks(next + 1)
            guard let end = value(at: next, of: tokens[token].column, into: slots) else { return false }
            next = skipBlanks(end)
            member += 1
            if next.pointee == UInt8(ascii: ",") {
                next = skipBlanks(next + 1)
            } else {
                break
            }
        }
        guard next.pointee == UInt8(ascii: "}") else { return false }
        // The line's end is a line feed, which is no blank here.
        return skipBlanks(next + 1) == line.start + line.count
    }

    @inline(__always)
    private func token(_ member: Int, at name: UnsafePointer<UInt8>) -> Int? {
        let expected = layout[member]
        if RowNames.isToken(tokens[expected], at: name) { return expected }
        return learn(member, at: name)
    }

    @inline(never)
    private func learn(_ member: Int, at name: UnsafePointer<UInt8>) -> Int? {
        var length = 0
        while name[length] != UInt8(ascii: "\"") {
            // Escapes, control characters and what may be no UTF-8 are the scanner's.
            guard name[length] >= 0x20, name[length] < 0x80, name[length] != UInt8(ascii: "\\") else {
                return nil
            }
            length += 1
        }
        guard let token = names.find(name, length) else { return nil }
        layout[member] = token
        return token
    }

    /// Scans one value; returns where it ends, or nil if it needs a closer look.
    @inline(__always)
    private func value(
        at start: UnsafePointer<UInt8>, of column: Int, into slots: RowSlots
    ) -> UnsafePointer<UInt8>? {
        let kind: SlotKind
        let end: UnsafePointer<UInt8>
        var content = start
        switch start.pointee {
        case UInt8(ascii: "\""):
            guard let (close, escapes) = endOfString(start + 1) else { return nil }
            content = start + 1
            if column >= 0 {
                if slots.has(column) { return nil }
                slots.set(column, escapes ? .escapedString : .string, content, close - content)
            }
            return close + 1
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            guard let (close, isInteger) = endOfNumber(start) else { return nil }
            (kind, end) = (isInteger ? .integer : .number, close)
        case UInt8(ascii: "n"):
            guard isWord(start, 0x6C6C_756E, 4) else { return nil }  // "null"
            (kind, end) = (.null, start + 4)
        case UInt8(ascii: "t"):
            guard isWord(start, 0x6575_7274, 4) else { return nil }  // "true"
            (kind, end) = (.true, start + 4)
        case UInt8(ascii: "f"):
            guard isWord(start + 1, 0x6573_6C61, 4) else { return nil }  // "alse"
            (kind, end) = (.false, start + 5)
        default: return nil
        }
        if column >= 0 {
            if slots.has(column) { return nil }
            slots.set(column, kind, content, end - content)
        }
        return end
    }

    // MARK: Tokens. Every loop ends at the line feed behind the line at the latest.

    @inline(__always)
    private func skipBlanks(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var next = start
        while next.pointee == 0x20 || next.pointee == 0x0D || next.pointee == 0x09 { next += 1 }
        return next
    }

    @inline(__always)
    private func isWord(_ start: UnsafePointer<UInt8>, _ word: UInt32, _ count: Int) -> Bool {
        UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)) == word
    }

    /// The closing quote of a string that is valid JSON and UTF-8, and whether it holds escapes.
    @inline(__always)
    private func endOfString(
        _ start: UnsafePointer<UInt8>
    ) -> (close: UnsafePointer<UInt8>, escapes: Bool)? {
        var next = start
        var escapes = false
        var high: UInt64 = 0
        while true {
            let word = UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
            let special = specialBytes(word)
            if special == 0 {
                high |= word
                next += 8
                continue
            }
            let bits = UInt64(special.trailingZeroBitCount & ~7)
            high |= word & (1 << bits &- 1)
            next += Int(bits >> 3)
            if next.pointee == UInt8(ascii: "\"") { break }
            guard next.pointee == UInt8(ascii: "\\"), let length = escapeLength(next) else { return nil }
            escapes = true
            next += length
        }
        if high & 0x8080_8080_8080_8080 != 0 {
            guard JSONText.isUTF8(UnsafeRawBufferPointer(start: start, count: next - start)) else {
                return nil
            }
        }
        return (next, escapes)
    }

    @inline(__always)
    private func escapeLength(_ start: UnsafePointer<UInt8>) -> Int? {
        switch start[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            for index in 2..<6 {
                let byte = start[index]
                guard byte.isDigit || (byte | 0x20) &- UInt8(ascii: "a") < 6 else { return nil }
            }
            return 6
        default: return nil
        }
    }

    @inline(__always)
    private func endOfNumber(_ start: UnsafePointer<UInt8>) -> (end: UnsafePointer<UInt8>, isInteger: Bool)? {
        var next = start.pointee == UInt8(ascii: "-") ? start + 1 : start
        let first = next
        while next.pointee.isDigit { next += 1 }
        guard next > first, first.pointee != UInt8(ascii: "0") || next == first + 1 else { return nil }
        if next.pointee != UInt8(ascii: "."), next.pointee | 0x20 != UInt8(ascii: "e") { return (next, true) }
        if next.pointee == UInt8(ascii: ".") {
            next += 1
            let fraction = next
            while next.pointee.isDigit { next += 1 }
            guard next > fraction else { return nil }
        }
        if next.pointee | 0x20 == UInt8(ascii: "e") {
            next += 1
            if next.pointee == UInt8(ascii: "+") || next.pointee == UInt8(ascii: "-") { next += 1 }
            let exponent = next
            while next.pointee.isDigit { next += 1 }
            guard next > exponent else { return nil }
        }
        return (next, false)
    }
}

/// Marks quotes, backslashes and control characters of eight bytes; the lowest mark is exact.
@inline(__always)
private func specialBytes(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ 0x2222_2222_2222_2222
    let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let control = (word &- 0x2020_2020_2020_2020) & ~word
    return ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control) & 0x8080_8080_8080_8080
}
