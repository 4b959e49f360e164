import Testing

@testable import Gateway

/// Requests that a proxy in front could read otherwise: each is refused, and the connection with it.
@Suite struct RequestSmugglingTests {
    /// Behind each stands a request that must not be seen.
    private static let hidden = "POST /topics/hidden HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"

    private static func head(_ lines: String) -> String { "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n" }

    private static let heads: [(String, Int)] = [
        // Two lengths
        (head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400),
        (head("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400),
        (head("Content-Length: 5\r\nContent-Length: 5\r\n"), 400),
        (head("Content-Length: 5\r\ncontent-length: 6\r\n"), 400),
        (head("Content-Length: 5, 5\r\n"), 400), (head("Content-Length: 5\r\nContent-Length: 0\r\n"), 400),
        // Lengths that are no plain numbers
        (head("Content-Length: +5\r\n"), 400), (head("Content-Length: -5\r\n"), 400),
        (head("Content-Length: 0x5\r\n"), 400),
        (head("Content-Length: 5f\r\n"), 400), (head("Content-Length: 5 \u{B}\r\n"), 400),
        (head("Content-Length:\r\n"), 400),
        (head("Content-Length: 1 0\r\n"), 400), (head("Content-Length: 5.0\r\n"), 400),
        (head("Content-Length: \u{FF15}\r\n"), 400),
        (head("Content-Length: 99999999999999999999\r\n"), 400),
        (head("Content-Length: 18446744073709551617\r\n"), 400),
        // Transfer codings
        (head("Transfer-Encoding: gzip, chunked\r\n"), 501),
        (head("Transfer-Encoding: chunked, gzip\r\n"), 501),
        (head("Transfer-Encoding: identity\r\n"), 501), (head("Transfer-Encoding: xchunked\r\n"), 501),
        (head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501),
        (head("Transfer-Encoding:\r\n"), 501),
        (head("Transfer-Encoding: \u{B}chunked\r\n"), 400), (head("Transfer-Encoding : chunked\r\n"), 400),
        (head("Transfer-Encoding\u{B}: chunked\r\n"), 400), (head("Transfer-Encoding: \"chunked\"\r\n"), 501),
        ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        // Lines
        (head("Content-Length: 0\r\n X: folded\r\n"), 400), (head("X: a\r\n\tfolded: b\r\n"), 400),
        (head(" X: a\r\n"), 400), (head("X: a\nContent-Length: 5\r\n"), 400),
        (head("X: a\rContent-Length: 5\r\n"), 400),
        (head("X: a\0b\r\n"), 400), (head("X\0: a\r\n"), 400), (head("X: a\u{7F}\r\n"), 400),
        (head("X : a\r\n"), 400),
        (head("X\t: a\r\n"), 400), (head("X a\r\n"), 400), (head(": a\r\n"), 400), (head("X(: a\r\n"), 400),
        (head("\u{E9}: a\r\n"), 400), (head("Content Length: 5\r\n"), 400),
        // Hosts
        ("POST / HTTP/1.1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400),
        // Request lines
        ("POST  / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("POST /  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST / HTTP/1.1 \r\nHost: a\r\n\r\n", 400), (" POST / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("POST / x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("POST /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("POST /\r\nHost: a\r\n\r\n", 400),
        ("/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("PO(ST / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("POST / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST / HTTP/1.1x\r\nHost: a\r\n\r\n", 505), ("POST / HTTP/1.10\r\nHost: a\r\n\r\n", 505),
        ("POST / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("POST / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\n", 505), ("\u{16}\u{3}\u{1}\r\n\r\n", 400),
        // Others
        (head("Expect: 200-ok\r\n"), 417), (head("Content-Type: a\r\nContent-Type: b\r\n"), 400),
    ]

    @Test(arguments: heads)
    func anAmbiguousHeadIsRefusedAndNothingBehindItIsRead(head: String, status: Int) {
        let text = head + "5\r\nhello\r\n0\r\n\r\n" + Self.hidden
        let whole = ParserFeeding.steps(text)
        #expect(whole.map(\.status) == [status])
        #expect(whole.map(\.closes) == [true])
        #expect(ParserFeeding.stepsByteByByte(text) == whole)
    }

    private static let chunkedBodies: [(String, Int)] = [
        ("g\r\n", 400), ("-1\r\n", 400), ("+1\r\na\r\n", 400), ("0x1\r\na\r\n", 400), ("1 0\r\n", 400),
        (" 1\r\na\r\n", 400),
        ("1 \r\na\r\n", 400), ("\t1\r\na\r\n", 400), ("\r\n", 400), (";x\r\n", 400), ("1_0\r\n", 400),
        ("1,0\r\n", 400),
        ("\u{FF11}\r\n", 400), ("FFFFFFFFFFFFFFFF\r\n", 400), ("10000000000000000\r\n", 400),
        ("8000000000000000\r\n", 400),
        ("7FFFFFFFFFFFFFF\r\n", 413), ("65\r\n", 413), ("1\na\n0\n\n", 400), ("1\n", 400),
        ("1\r\na\n0\r\n\r\n", 400),
        ("1\r\nab\r\n0\r\n\r\n", 400), ("2\r\na\r\n0\r\n\r\n", 400), ("1\r\na0\r\n\r\n", 400),
        ("0\r\n\n", 400),
        ("0\r\nX: y\n\r\n", 400), ("1;a\rb\r\na\r\n0\r\n\r\n", 400), ("1;a\0\r\na\r\n0\r\n\r\n", 400),
        ("0\r\nX: \ry\r\n\r\n", 400),
    ]

    @Test(arguments: chunkedBodies)
    func anAmbiguousChunkIsRefusedAndNothingBehindItIsRead(body: String, status: Int) {
        let text = Self.head("Transfer-Encoding: chunked\r\n") + body + Self.hidden
        let whole = ParserFeeding.steps(text)
        #expect(whole.map(\.status) == [status])
        #expect(whole.map(\.closes) == [true])
        #expect(ParserFeeding.stepsByteByByte(text) == whole)
    }

    @Test(arguments: ["\n", "\n\n", "GET / HTTP/1.1\nHost: a\n\n", "\r\r\n\n"])
    func bareLineFeedsEndNoHead(text: String) {
        #expect(ParserFeeding.steps(text).compactMap(\.head) == [])
        let followed = ParserFeeding.steps(text + Self.hidden)
        #expect(followed.compactMap(\.head) == [])
        #expect(followed.map(\.closes) == [true])
    }

    @Test func blanksBeforeAChunkExtensionAreAllowedAsTheStandardHasIt() {
        let text = Self.head("Transfer-Encoding: chunked\r\n") + "1 \t; x=y\r\na\r\n0\r\n\r\n"
        #expect(ParserFeeding.steps(text).map(\.body) == ["a"])
    }

    @Test func anyBytesAtAllAreRefusedOrReadTheSameWayWhole() {
        let seeds =
            Self.heads.map(\.0)
            + Self.chunkedBodies.map { Self.head("Transfer-Encoding: chunked\r\n") + $0.0 }
        for seed in 0..<4_000 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            var bytes = Array(((seeds.randomElement(using: &chance) ?? "") + Self.hidden).utf8)
            for _ in 0..<Int.random(in: 0...3, using: &chance) {
                let place = Int.random(in: 0..<bytes.count, using: &chance)
                bytes[place] =
                    [0x0A, 0x0D, 0x20, 0x3A, 0x30, UInt8.random(in: 0...255, using: &chance)]
                    .randomElement(using: &chance) ?? 0
            }
            let text = bytes
            let whole = ParserFeeding.steps([text])
            #expect(ParserFeeding.steps(text.map { [$0] }) == whole, "seed \(seed)")
        }
    }
}
