/// Phrases in one block of bytes, so that copying one is a single append.
struct PhraseList: Sendable {
    private let bytes: [UInt8]
    private let ends: [Int]
    private let lengths: [Int]

    /// Takes phrases that are separated by line breaks or semicolons; blanks around them are dropped.
    init(_ text: String) {
        self.init(phrases: PhraseList.split(text))
    }

    init(phrases: [String]) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for phrase in phrases {
            bytes.append(contentsOf: phrase.utf8)
            ends.append(bytes.count)
        }
        self.bytes = bytes
        self.ends = ends
        lengths = phrases.map { $0.unicodeScalars.count }
    }

    var count: Int { ends.count }

    /// The same phrases with ASCII capitals made small, for use within a sentence.
    var lowercased: PhraseList {
        PhraseList(phrases: indices.map { String(decoding: utf8(at: $0), as: UTF8.self).lowercased() })
    }

    var indices: Range<Int> { 0..<ends.count }

    @inline(__always)
    func append(_ index: Int, to text: inout TextBuffer) {
        text.append(utf8(at: index), characters: lengths[index])
    }

    @inline(__always)
    func utf8(at index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    static func split(_ text: String) -> [String] {
        text.split { $0 == "\n" || $0 == ";" }
            .map { part in
                let head = part.drop { $0 == " " }
                return String(head.reversed().drop { $0 == " " }.reversed())
            }
            .filter { !$0.isEmpty }
    }
}

/// Text as bytes with its number of characters (Unicode scalars), which is what descriptions are cut by.
struct TextBuffer {
    private(set) var bytes: [UInt8] = []
    private(set) var characters = 0

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        characters = 0
    }

    @inline(__always)
    mutating func append(_ part: ArraySlice<UInt8>, characters count: Int) {
        bytes.append(contentsOf: part)
        characters += count
    }

    mutating func append(ascii byte: UInt8) {
        bytes.append(byte)
        characters += 1
    }

    mutating func append(_ number: Int) {
        let before = bytes.count
        bytes.appendDecimal(number)
        characters += bytes.count - before
    }

    mutating func append(_ literal: String) {
        bytes.append(contentsOf: literal.utf8)
        characters += literal.unicodeScalars.count
    }

    /// Makes the ASCII letter at a place of `bytes` a capital, if one is there.
    mutating func capitalise(at place: Int) {
        guard place < bytes.count, (97...122).contains(bytes[place]) else { return }
        bytes[place] -= 32
    }

    /// Replaces ASCII letters by the bold ones beyond the basic plane that some like to write in.
    mutating func useFancyLetters() {
        let plain = bytes
        bytes.removeAll(keepingCapacity: true)
        for byte in plain {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): append(scalar: 0x1D5D4 + UInt32(byte - 65))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): append(scalar: 0x1D5EE + UInt32(byte - 97))
            default: bytes.append(byte)
            }
        }
    }

    private mutating func append(scalar: UInt32) {
        for shift: UInt32 in [12, 6, 0] {
            if shift == 12 { bytes.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18)) }
            bytes.append(0x80 | UInt8(truncatingIfNeeded: (scalar >> shift) & 0x3F))
        }
    }

    /// Drops what follows the first `limit` characters, and blanks that then stand at the end.
    mutating func cut(to limit: Int) {
        while characters > limit || bytes.last == UInt8(ascii: " ") {
            guard let last = bytes.popLast() else { return }
            if last & 0xC0 != 0x80 { characters -= 1 }
        }
    }
}
