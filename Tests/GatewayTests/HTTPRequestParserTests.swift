import NIOCore
import Testing

@testable import Gateway

@Suite struct HTTPRequestParserTests {
    /// Streams of requests, and what the parser must find: a body, or a status (and the end of the connection).
    private static let streams: [(String, [String])] = [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", [""]),
        ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", [""]),
        ("POST /topics/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", ["hello"]),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", [""]),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell", []),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabPOST / HTTP/1.1\r\nHost: a\r\ncontent-length:3\r\n\r\n"
                + "cde\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["ab", "cde", ""]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            ["abc0123456789"]
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", [""]),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n003;name=\"v a\"\r\na\r\n\r\n0\r\nX: y\r\n\r\n"
                + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["a\r\n", ""]
        ),
        ("POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", ["x"]),
        // Too large a body is refused and skipped.
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" + String(repeating: "x", count: 101)
                + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok", ["413", "ok"]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + String(repeating: "x", count: 100),
            [String(repeating: "x", count: 100)]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\nConnection: close\r\n\r\n"
                + String(repeating: "x", count: 101) + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["413 closes"]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\nExpect: 100-continue\r\n\r\n",
            ["413 closes"]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n60\r\n"
                + String(repeating: "x", count: 96)
                + "\r\n5\r\nxxxxx\r\n0\r\n\r\n", ["413 closes"]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n60\r\n"
                + String(repeating: "x", count: 96)
                + "\r\n4\r\nxxxx\r\n0\r\n\r\n", [String(repeating: "x", count: 100)]
        ),
        // After a fault that closes, nothing more is read.
        ("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["400 closes"]),
    ]

    private func described(_ steps: [HTTPRequestParser.Step]) -> [String] {
        steps.map { step in
            step.body ?? "\(step.status ?? 0)\(step.closes == true ? " closes" : "")"
        }
    }

    @Test(arguments: streams)
    func findsTheSameRequestsHoweverTheStreamIsCut(stream: String, expected: [String]) {
        let whole = ParserFeeding.steps(stream)
        #expect(described(whole) == expected)
        #expect(ParserFeeding.stepsByteByByte(stream) == whole)
        for seed in 0..<30 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            #expect(ParserFeeding.stepsInPieces(stream, &chance) == whole, "seed \(seed)")
        }
    }

    @Test func aLongStreamOfMixedRequestsIsCutTheSameWayAlways() {
        let requests = Self.streams.filter { !$0.1.isEmpty && !$0.1.joined().contains("closes") }
        for seed in 0..<200 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            let chosen = (0..<6).compactMap { _ in requests.randomElement(using: &chance) }
            let steps = ParserFeeding.stepsInPieces(chosen.map(\.0).joined(), &chance)
            #expect(described(steps) == chosen.flatMap(\.1), "seed \(seed)")
        }
    }

    @Test func theHeadersThatMatterAreRead() throws {
        let text =
            "POST /a/topics/b?x=1 HTTP/1.1\r\nHOST: a\r\nContent-Type:  application/json \t\r\nACCEPT: a/b\r\nAccept: c/d\r\n"
            + "expect: 100-Continue\r\nX-Other: \u{E9}\r\nContent-Length: 2\r\nConnection: foo , CLOSE\r\n\r\n{}"
        let head = try #require(ParserFeeding.steps(text).first?.head)
        #expect(head.method == .post)
        #expect(head.target == "/a/topics/b?x=1")
        #expect(head.contentType == "application/json")
        #expect(head.accept == "a/b,c/d")
        #expect(head.expectsContinue)
        #expect(!head.keepsAlive)
        #expect(head.fields["x-other"] == "\u{E9}")
        #expect(head.fields["accept"] == "a/b, c/d")
        #expect(head.fields["x-none"] == nil)
        #expect(head.fields.all.map(\.name).last == "connection")
    }

    @Test(
        arguments: [
            ("GET", .get), ("POST", .post), ("PUT", .put), ("DELETE", .delete), ("get", .other),
            ("PATCH", .patch), ("HEAD", .head), ("OPTIONS", .options), ("TRACE", .other), ("POSTX", .other),
        ] as [(String, HTTPMethod)])
    func methodsAreToldApart(text: String, method: HTTPMethod) {
        #expect(ParserFeeding.steps("\(text) / HTTP/1.1\r\nHost: a\r\n\r\n").first?.head?.method == method)
    }

    @Test(arguments: [
        ("1.1", "", true), ("1.1", "Connection: keep-alive\r\n", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: Keep-Alive, Close\r\n", false), ("1.1", "Connection: closed\r\n", true),
        ("1.0", "", false),
        // An answer that keeps such a connection would have to say so.
        ("1.0", "Connection: keep-alive\r\n", false),
    ])
    func connectionsAreKeptOrClosed(version: String, header: String, isKept: Bool) {
        let text = "GET / HTTP/\(version)\r\nHost: a\r\n\(header)\r\n"
        #expect(ParserFeeding.steps(text).first?.head?.keepsAlive == isKept)
    }

    @Test func theHeadIsToldOnceAndOnlyWhileTheBodyIsStillToCome() {
        var parser = HTTPRequestParser(maxHeadBytes: 300, maxBodyBytes: 100)
        var buffer = ByteBuffer(string: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        guard case .head = parser.next(&buffer) else { return #expect(Bool(false), "no head") }
        #expect(parser.next(&buffer) == .needsMore)
        buffer.writeString("a")
        #expect(parser.next(&buffer) == .needsMore)
        buffer.writeString("bPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nc")
        #expect(parser.next(&buffer).body == "ab")
        #expect(parser.next(&buffer).body == "c")
        #expect(parser.next(&buffer) == .needsMore)
    }

    // MARK: Limits

    /// A request whose head, with the blank line at its end, is this long.
    private func request(headBytes: Int) -> String {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
        return frame.replacing(
            "X: ", with: "X: " + String(repeating: "x", count: headBytes - frame.utf8.count))
    }

    @Test func aHeadUpToTheLimitIsReadAndALongerOneRefused() {
        for count in 290...310 {
            let text = request(headBytes: count)
            #expect(text.utf8.count == count)
            let whole = ParserFeeding.steps(text)
            // The blank line at the end does not count.
            #expect(
                whole.first?.status == (count - 2 > ParserFeeding.maxHeadBytes ? 431 : nil), "\(count) bytes")
            #expect(ParserFeeding.stepsByteByByte(text) == whole, "\(count) bytes")
        }
    }

    @Test func aHeadWithoutEndIsRefusedAtTheLimit() {
        let endless = "GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 1000)
        #expect(ParserFeeding.steps(endless).map(\.status) == [431])
        #expect(ParserFeeding.stepsByteByByte(endless).map(\.status) == [431])
        let line = String(repeating: "x", count: 1000)
        #expect(ParserFeeding.stepsByteByByte(line).map(\.status) == [431])
    }

    @Test func tooManyHeadersAreRefused() throws {
        for (count, isRefused) in [(127, false), (128, true)] {
            // One of them is Host.
            let text =
                "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: count - 1) + "\r\n"
            var parser = HTTPRequestParser(maxHeadBytes: 16_384, maxBodyBytes: 100)
            var buffer = ByteBuffer(string: text)
            #expect(parser.next(&buffer).status == (isRefused ? 431 : nil))
        }
    }

    @Test func chunkLinesAndTrailersHaveTheirLimits() {
        let start = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        for (length, isRefused) in [(1024, false), (1025, true)] {
            let size = "1;" + String(repeating: "x", count: length - 2)
            let text = start + size + "\r\na\r\n0\r\n\r\n"
            let whole = ParserFeeding.steps(text)
            #expect(whole.first?.status == (isRefused ? 400 : nil), "\(length) bytes")
            #expect(ParserFeeding.stepsByteByByte(text) == whole, "\(length) bytes")
        }
        let trailers = start + "0\r\n" + String(repeating: "X: y\r\n", count: 60) + "\r\n"
        #expect(ParserFeeding.steps(trailers).first?.status == 431)
        #expect(ParserFeeding.stepsByteByByte(trailers).first?.status == 431)
        let few = start + "0\r\n" + String(repeating: "X: y\r\n", count: 40) + "\r\n"
        #expect(ParserFeeding.steps(few).first?.body == "")
    }
}
