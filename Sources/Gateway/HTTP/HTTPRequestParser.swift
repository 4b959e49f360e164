import NIOCore

/// Cuts a stream of bytes into requests; a pure state machine without I/O.
///
/// Own framing, since the hot route costs half of what a general pipeline costs; so it refuses whatever is not
/// plainly one request, above all everything that a proxy before it could read differently.
struct HTTPRequestParser {
    enum Step: Equatable {
        /// Nothing can be said before more bytes come.
        case needsMore
        /// The head is complete and its body is still to come: told once, so that `100 Continue` can be sent.
        case head(HTTPRequestHead)
        case request(HTTPRequestHead, body: ByteBuffer)
        /// The head of a request whose body is handed out as it comes: `bodyPart`s follow, then `bodyEnd`.
        case streamed(HTTPRequestHead)
        case bodyPart(ByteBuffer)
        case bodyEnd
        /// The request is refused. If the fault does not close the connection, its body is skipped by the next calls.
        case fault(HTTPFault)
    }

    private enum State {
        case head
        case fixedBody(HTTPRequestHead, count: Int)
        case fixedParts(remaining: Int)
        case chunkSize(HTTPRequestHead)
        case chunkBytes(HTTPRequestHead, remaining: Int)
        case chunkEnd(HTTPRequestHead)
        case trailers(HTTPRequestHead)
        case skipping(remaining: Int)
        case failed
    }

    private let maxHeadBytes: Int
    private let maxBodyBytes: Int
    /// Of which targets the bodies are handed out as they come; those have no limit as a whole.
    private let streams: @Sendable (HTTPRequestHead) -> Bool
    /// Whether the body under way is handed out as it comes.
    private var isStreaming = false
    private var state = State.head
    /// How far the end of the head has been looked for.
    private var scanned = 0
    private var chunks = ByteBuffer()
    private var trailerBytes = 0
    /// The target of the last head that was parsed.
    private(set) var lastTarget = ""

    init(
        maxHeadBytes: Int, maxBodyBytes: Int,
        streams: @escaping @Sendable (HTTPRequestHead) -> Bool = { _ in false }
    ) {
        self.maxHeadBytes = maxHeadBytes
        self.maxBodyBytes = maxBodyBytes
        self.streams = streams
    }

    /// Consumes what it can of `buffer`; to be called again until it says `needsMore`.
    mutating func next(_ buffer: inout ByteBuffer) -> Step {
        do throws(HTTPFault) {
            while true {
                if let step = try advance(&buffer) { return step }
            }
        } catch {
            if error.closes { state = .failed }
            return .fault(error)
        }
    }

    /// Whether a request has begun whose head is not complete.
    var isInHead: Bool { if case .head = state { true } else { false } }

    /// Nil if the state changed and there may be more to do.
    private mutating func advance(_ buffer: inout ByteBuffer) throws(HTTPFault) -> Step? {
        switch state {
        case .head: return try parseHead(&buffer)
        case .fixedBody(let head, let count):
            guard let body = buffer.readSlice(length: count) else {
                buffer.reserveCapacity(minimumWritableBytes: min(count - buffer.readableBytes, maxBodyBytes))
                return .needsMore
            }
            state = .head
            return .request(head, body: body)
        case .fixedParts(let remaining): return takePart(&buffer, remaining)
        case .chunkSize(let head): return try parseChunkSize(&buffer, head)
        case .chunkBytes(let head, let remaining): return takeChunk(&buffer, head, remaining)
        case .chunkEnd(let head):
            guard let end = buffer.readBytes(length: 2) else { return .needsMore }
            guard end == [0x0D, 0x0A] else { throw HTTPFault(400, "a chunk is longer than its size says") }
            state = .chunkSize(head)
            return nil
        case .trailers(let head): return try parseTrailer(&buffer, head)
        case .skipping(let remaining):
            let count = min(remaining, buffer.readableBytes)
            buffer.moveReaderIndex(forwardBy: count)
            state = remaining == count ? .head : .skipping(remaining: remaining - count)
            return remaining == count ? nil : .needsMore
        case .failed:
            buffer.clear()
            return .needsMore
        }
    }

    // MARK: Head

    private mutating func parseHead(_ buffer: inout ByteBuffer) throws(HTTPFault) -> Step? {
        // Empty lines before a request line are skipped, as RFC 9112 asks.
        while scanned == 0, buffer.readableBytes >= 2,
            buffer.getInteger(at: buffer.readerIndex, as: UInt16.self) == 0x0D0A
        {
            buffer.moveReaderIndex(forwardBy: 2)
        }
        guard let length = endOfHead(buffer) else {
            // The blank line at the end, of which a part may be here, does not count.
            guard buffer.readableBytes < maxHeadBytes + 2 else {
                throw HTTPFault(
                    431, "the headers are larger than \(maxHeadBytes) bytes (gateway.max.header.bytes)")
            }
            return .needsMore
        }
        guard length <= maxHeadBytes else {
            throw HTTPFault(
                431, "the headers are larger than \(maxHeadBytes) bytes (gateway.max.header.bytes)")
        }
        scanned = 0
        var head = try parseHead(buffer, length)
        lastTarget = head.target
        head.fields = HTTPFields(fields(of: head, in: buffer, length: length))
        buffer.moveReaderIndex(forwardBy: length + 2)
        return try begin(head, buffer)
    }

    /// The header lines: a part of the buffer if the request is all there, otherwise a copy.
    ///
    /// More is written to a buffer that has only one owner without copying what it holds.
    private func fields(of head: HTTPRequestHead, in buffer: ByteBuffer, length: Int) -> ByteBuffer {
        let view = buffer.readableBytesView.prefix(length)
        let lines = view[(view.firstIndex(of: 0x0A).map { $0 + 1 } ?? view.endIndex)...]
        if case .exactly(let count) = head.body, buffer.readableBytes >= length + 2 + count {
            return ByteBuffer(lines)
        }
        return ByteBuffer(bytes: lines)
    }

    private func parseHead(_ buffer: ByteBuffer, _ length: Int) throws(HTTPFault) -> HTTPRequestHead {
        let result: Result<HTTPRequestHead, HTTPFault> = buffer.withUnsafeReadableBytes { bytes in
            do throws(HTTPFault) {
                return .success(
                    try HTTPHeadParser.parse(
                        UnsafeRawBufferPointer(rebasing: bytes[..<length]), lastTarget: lastTarget))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The length of the head with its last line end, but without the blank line; nil if it is not all there.
    private mutating func endOfHead(_ buffer: ByteBuffer) -> Int? {
        buffer.withUnsafeReadableBytes { bytes -> Int? in
            var index = max(scanned, 3)
            while index < bytes.count {
                // Looks at the byte that would be the last line feed; what it is tells how far to step.
                let byte = bytes[index]
                if byte == 0x0A {
                    if bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D {
                        return index - 1
                    }
                    index += 2
                } else {
                    index += byte == 0x0D ? 1 : 4
                }
            }
            scanned = max(bytes.count - 3, 0)
            return nil
        }
    }

    private mutating func begin(_ head: HTTPRequestHead, _ buffer: ByteBuffer) throws(HTTPFault) -> Step? {
        // Whether a request was there before can be told only of a whole one.
        isStreaming = head.body != .exactly(0) && !head.hasIdempotencyKey && streams(head)
        switch head.body {
        case .exactly(let count) where isStreaming:
            state = .fixedParts(remaining: count)
            return .streamed(head)
        case .exactly(let count) where count > maxBodyBytes:
            // A sender that waits for `100 Continue` gets the refusal instead, and sends no body.
            state = .skipping(remaining: count)
            throw HTTPFault(413, tooLarge, closes: head.expectsContinue || !head.keepsAlive)
        case .exactly(let count):
            state = .fixedBody(head, count: count)
            return buffer.readableBytes >= count ? nil : .head(head)
        case .chunked:
            chunks = ByteBuffer()
            trailerBytes = 0
            state = .chunkSize(head)
            return isStreaming ? .streamed(head) : .head(head)
        }
    }

    /// What is there of a body of known length.
    private mutating func takePart(_ buffer: inout ByteBuffer, _ remaining: Int) -> Step? {
        guard remaining > 0 else {
            state = .head
            return .bodyEnd
        }
        guard let part = buffer.readSlice(length: min(remaining, buffer.readableBytes)),
            part.readableBytes > 0
        else { return .needsMore }
        state = .fixedParts(remaining: remaining - part.readableBytes)
        return .bodyPart(part)
    }

    private var tooLarge: String {
        "the body is larger than \(maxBodyBytes) bytes (gateway.max.request.bytes)"
    }

    // MARK: Chunks

    private mutating func parseChunkSize(_ buffer: inout ByteBuffer, _ head: HTTPRequestHead)
        throws(HTTPFault) -> Step?
    {
        guard let line = try readLine(&buffer, limit: 1024) else { return .needsMore }
        guard let size = Self.chunkSize(line) else {
            throw HTTPFault(400, "a chunk size is not a hexadecimal number")
        }
        guard isStreaming || size <= maxBodyBytes - chunks.readableBytes else {
            throw HTTPFault(413, tooLarge)
        }
        state = size == 0 ? .trailers(head) : .chunkBytes(head, remaining: size)
        return nil
    }

    /// The number before an extension, from which blanks may part it; nil if it is none.
    private static func chunkSize(_ line: [UInt8]) -> Int? {
        var digits = line.prefix { $0 != UInt8(ascii: ";") }
        if digits.count < line.count {
            while let last = digits.last, last == 0x20 || last == 0x09 { digits.removeLast() }
        }
        guard (1...15).contains(digits.count), digits.first != UInt8(ascii: "+"),
            digits.first != UInt8(ascii: "-")
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private mutating func takeChunk(_ buffer: inout ByteBuffer, _ head: HTTPRequestHead, _ remaining: Int)
        -> Step?
    {
        guard var part = buffer.readSlice(length: min(remaining, buffer.readableBytes)) else {
            return .needsMore
        }
        let count = part.readableBytes
        state = count == remaining ? .chunkEnd(head) : .chunkBytes(head, remaining: remaining - count)
        if isStreaming { return count > 0 ? .bodyPart(part) : .needsMore }
        chunks.writeBuffer(&part)
        return count == remaining ? nil : .needsMore
    }

    private mutating func parseTrailer(_ buffer: inout ByteBuffer, _ head: HTTPRequestHead) throws(HTTPFault)
        -> Step?
    {
        guard let line = try readLine(&buffer, limit: maxHeadBytes) else { return .needsMore }
        trailerBytes += line.count + 2
        guard trailerBytes <= maxHeadBytes else { throw HTTPFault(431, "the trailers are too large") }
        guard line.isEmpty else { return nil }
        state = .head
        if isStreaming { return .bodyEnd }
        defer { chunks = ByteBuffer() }
        return .request(head, body: chunks)
    }

    /// A line without its CR LF; nil if it is not all there.
    private func readLine(_ buffer: inout ByteBuffer, limit: Int) throws(HTTPFault) -> [UInt8]? {
        let view = buffer.readableBytesView
        guard let end = view.prefix(limit + 2).firstIndex(of: 0x0A) else {
            guard view.count < limit + 2 else {
                throw HTTPFault(400, "a line of the chunked body is too long")
            }
            return nil
        }
        let line = Array(view[..<end])
        guard line.last == 0x0D else {
            throw HTTPFault(400, "a line of the chunked body does not end in CR LF")
        }
        guard line.dropLast().allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw HTTPFault(400, "a control character in a line of the chunked body")
        }
        buffer.moveReaderIndex(forwardBy: line.count + 1)
        return line.dropLast()
    }
}
