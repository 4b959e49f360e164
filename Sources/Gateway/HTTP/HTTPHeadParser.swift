/// Reads request line and headers (RFC 9112), strictly: whatever two servers could understand differently is refused.
struct HTTPHeadParser {
    private static let maxHeaders = 128

    private let bytes: UnsafeRawBufferPointer
    private let lastTarget: String
    private var head = HTTPRequestHead()
    private var contentLength: Int?
    private var isChunked = false
    private var hasHost = false

    /// Parses a head.
    ///
    /// - Parameters:
    ///   - bytes: the head without the blank line that ends it, but with the line end before.
    ///   - lastTarget: the target of the request before, whose text is used again if it is the same.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, lastTarget: String = ""
    ) throws(HTTPFault) -> HTTPRequestHead {
        var parser = HTTPHeadParser(bytes, lastTarget)
        return try parser.parse()
    }

    private init(_ bytes: UnsafeRawBufferPointer, _ lastTarget: String) {
        self.bytes = bytes
        self.lastTarget = lastTarget
    }

    private mutating func parse() throws(HTTPFault) -> HTTPRequestHead {
        var start = 0
        var count = 0
        while start < bytes.count {
            let end = try lineEnd(from: start)
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if count == 0 { try parseRequestLine(line) } else { try parseHeader(line) }
            count += 1
            guard count <= Self.maxHeaders else {
                throw HTTPFault(431, "more than \(Self.maxHeaders) headers")
            }
            start = end + 2
        }
        return try finish()
    }

    /// The position of the CR that ends a line; control characters within it are refused.
    private func lineEnd(from start: Int) throws(HTTPFault) -> Int {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x7F {
                if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { return index }
                guard byte == 0x09 else {
                    throw HTTPFault(400, "a control character in the head of the request")
                }
            }
            index += 1
        }
        throw HTTPFault(400, "a line of the head does not end in CR LF")
    }

    private mutating func parseRequestLine(_ line: UnsafeRawBufferPointer) throws(HTTPFault) {
        let fault = HTTPFault(400, "the request line is not 'METHOD target HTTP/1.1'")
        guard let first = line.firstIndex(of: 0x20), let last = line.lastIndex(of: 0x20), first > 0,
            last > first + 1
        else { throw fault }
        let method = line[..<first]
        guard method.allSatisfy(isTokenByte) else { throw fault }
        let target = line[first + 1..<last]
        guard target.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPFault(400, "the request target holds characters that must be percent-encoded")
        }
        let version = UnsafeRawBufferPointer(rebasing: line[(last + 1)...])
        if version.isText("HTTP/1.0") {
            head.isVersion10 = true
            head.keepsAlive = false
        } else if !version.isText("HTTP/1.1") {
            guard version.starts(with: "HTTP/".utf8) else { throw fault }
            throw HTTPFault(505, "only HTTP/1.1 is spoken here")
        }
        head.method = HTTPMethod(UnsafeRawBufferPointer(rebasing: method))
        head.target = text(UnsafeRawBufferPointer(rebasing: target), lastTarget)
    }

    private mutating func parseHeader(_ line: UnsafeRawBufferPointer) throws(HTTPFault) {
        guard line.first != 0x20, line.first != 0x09 else {
            throw HTTPFault(400, "a header is folded over several lines")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            line[..<colon].allSatisfy(isTokenByte)
        else { throw HTTPFault(400, "a header line is not 'Name: value'") }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let value = trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
        switch name.count {
        case 4 where equal(name, "host"):
            guard !hasHost else { throw HTTPFault(400, "more than one Host header") }
            hasHost = true
        case 6 where equal(name, "accept"):
            head.accept = head.accept.map { $0 + "," + text(value) } ?? text(value, MediaType.kafkaV2)
        case 6 where equal(name, "expect"):
            guard equal(value, "100-continue") else {
                throw HTTPFault(417, "only 'Expect: 100-continue' is known")
            }
            head.expectsContinue = true
        case 10 where equal(name, "connection"): parseConnection(value)
        case 12 where equal(name, "content-type"):
            guard head.contentType == nil else { throw HTTPFault(400, "more than one Content-Type header") }
            head.contentType = text(value, MediaType.kafkaJSONV2)
        case 14 where equal(name, "content-length"): try parseContentLength(value)
        case 15 where equal(name, "idempotency-key"): head.hasIdempotencyKey = true
        case 17 where equal(name, "transfer-encoding"):
            guard !isChunked, equal(value, "chunked") else {
                throw HTTPFault(501, "the only transfer coding understood is a single 'chunked'")
            }
            isChunked = true
        default: break
        }
    }

    private mutating func parseConnection(_ value: UnsafeRawBufferPointer) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            let option = trimmed(UnsafeRawBufferPointer(rebasing: option))
            if equal(option, "close") { head.keepsAlive = false }
        }
    }

    private mutating func parseContentLength(_ value: UnsafeRawBufferPointer) throws(HTTPFault) {
        guard contentLength == nil else { throw HTTPFault(400, "more than one Content-Length header") }
        guard (1...18).contains(value.count), value.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
            throw HTTPFault(400, "the Content-Length is not a number")
        }
        contentLength = value.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func finish() throws(HTTPFault) -> HTTPRequestHead {
        guard hasHost || head.isVersion10 else { throw HTTPFault(400, "the Host header is missing") }
        if isChunked {
            guard contentLength == nil else {
                throw HTTPFault(400, "both Transfer-Encoding and Content-Length are given")
            }
            guard !head.isVersion10 else { throw HTTPFault(400, "HTTP/1.0 has no Transfer-Encoding") }
            head.body = .chunked
        } else {
            head.body = .exactly(contentLength ?? 0)
        }
        return head
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The text of the bytes; `expected` itself where they are the same, which saves making a new one.
    private func text(_ bytes: UnsafeRawBufferPointer, _ expected: String) -> String {
        let isExpected =
            expected.utf8.withContiguousStorageIfAvailable { expected in
                bytes.hasBytes(expected.baseAddress, count: expected.count)
            } ?? false
        return isExpected ? expected : text(bytes)
    }

    /// Without blanks and tabs at both ends.
    private func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Compares without regard to case; `lowercase` is ASCII in lower case.
    private func equal(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let lower = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
            guard lower == lowercase.utf8Start[index] else { return false }
        }
        return true
    }
}

/// Letters, digits and the marks that a token of HTTP may hold.
@inline(__always)
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"),
        UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"),
        UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        true
    default: false
    }
}
