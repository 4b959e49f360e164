#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension JSONScanner {
    /// Checks that a text is one JSON value, and appends the value in its compact form: no white space between
    /// tokens, UTF-8 instead of escapes wherever JSON allows it, the order of members and the spelling of numbers as
    /// sent.
    ///
    /// This is the form in which the S3 sink's JSON format stores a schemaless record. A lone surrogate, which has
    /// no UTF-8, stays an escape. What is appended is never longer than the text; nothing is appended if it throws.
    package mutating func appendCompact(
        _ text: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(JSONTextError) {
        reset(text)
        noteCuts()
        _ = try value()
        try finish()
        let start = output.count
        // No reserveCapacity: it would grow to just this size each time, and copy everything each time.
        output.append(contentsOf: text)
        guard let firstCut = cuts.first, let source = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return }
        let written = output.withUnsafeMutableBufferPointer { buffer -> Int in
            guard let target = buffer.baseAddress else { return 0 }
            var compaction = JSONCompaction(
                source: UnsafeBufferPointer(start: source, count: text.count), target: target + start,
                copied: firstCut)
            return compaction.run(cuts)
        }
        output.removeLast(text.count - written)
    }
}

/// Copies a text piece by piece, without what its compact form does not have.
private struct JSONCompaction {
    private let source: UnsafeBufferPointer<UInt8>
    private let target: UnsafeMutablePointer<UInt8>
    private var read: Int
    private var write: Int

    /// - Parameters:
    ///   - target: as large as the source.
    ///   - copied: how many bytes of the source are there already.
    init(source: UnsafeBufferPointer<UInt8>, target: UnsafeMutablePointer<UInt8>, copied: Int) {
        self.source = source
        self.target = target
        read = copied
        write = copied
    }

    /// Returns how many bytes the compact form has.
    mutating func run(_ cuts: [Int]) -> Int {
        for cut in cuts where cut >= read {
            copy(to: cut)
            if source[cut] == UInt8(ascii: "\\") { undoEscape() } else { skipWhitespace() }
        }
        copy(to: source.count)
        return write
    }

    private mutating func copy(to end: Int) {
        guard end > read, let base = source.baseAddress else { return }
        memcpy(target + write, base + read, end - read)
        write += end - read
        read = end
    }

    private mutating func skipWhitespace() {
        while read < source.count, source[read] <= 0x20 { read += 1 }
    }

    /// Both halves of a pair of surrogates are one escape.
    private mutating func undoEscape() {
        guard source[read + 1] == UInt8(ascii: "u") else {
            put(source[read + 1])
            read += 2
            return
        }
        let bytes = UnsafeRawBufferPointer(source)
        let (scalar, length) = JSONText.unicodeEscape(bytes, at: read + 2)
        guard let scalar else { return copy(to: read + 6) }
        read += 2 + length
        JSONText.forEachEscaped(scalar) { put($0) }
    }

    private mutating func put(_ byte: UInt8) {
        target[write] = byte
        write += 1
    }
}
