/// Steps through ASN.1 in its distinguished encoding: enough to find a certificate's subject.
struct DERReader {
    struct Element: Equatable {
        var tag: UInt8
        /// Without tag and length.
        var content: ArraySlice<UInt8>
        /// Whole.
        var bytes: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next element; nil at the end, or where the bytes are no element.
    mutating func next() -> Element? {
        let whole = rest
        guard let tag = rest.popFirst(), tag & 0x1F != 0x1F, let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard length <= rest.count else { return nil }
        let content = rest.prefix(length)
        rest = rest.dropFirst(length)
        return Element(tag: tag, content: content, bytes: whole.prefix(whole.count - rest.count))
    }

    /// The next element if it has this tag.
    mutating func next(_ tag: UInt8) -> Element? {
        var copy = self
        guard let element = copy.next(), element.tag == tag else { return nil }
        self = copy
        return element
    }
}
