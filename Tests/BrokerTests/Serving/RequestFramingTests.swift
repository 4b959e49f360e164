import KafkaWire
import NIOCore
import Testing

@testable import Broker

@Suite struct RequestFramingTests {
    private let framing = RequestFraming(maxRequestBytes: 1000, maxControlRequestBytes: 100)

    private func bytes(length: Int32, key: Int16? = nil, rest: Int = 0) -> ByteBuffer {
        var bytes = ByteBuffer(integer: length)
        if let key { bytes.writeInteger(key) }
        bytes.writeRepeatingByte(7, count: rest)
        return bytes
    }

    @Test func aRequestThatComesByteAfterByteIsWholeAtItsLast() throws {
        let whole = bytes(length: 12, key: 3, rest: 10)
        var received = ByteBuffer()
        for place in 0..<whole.readableBytes {
            #expect(framing.head(of: received) == .incomplete)
            var next = try #require(whole.getSlice(at: place, length: 1))
            framing.append(&next, to: &received)
        }
        #expect(framing.head(of: received) == .whole(apiKey: 3, byteCount: 12))
        #expect(framing.cut(12, from: &received)?.readableBytes == 12)
        #expect(received.readableBytes == 0)
    }

    @Test func aBareTokenMayBeEmptyAndIsBounded() {
        #expect(framing.tokenHead(of: bytes(length: 0)) == .whole(apiKey: 36, byteCount: 0))
        #expect(framing.tokenHead(of: bytes(length: 5, rest: 5)) == .whole(apiKey: 36, byteCount: 5))
        #expect(framing.tokenHead(of: bytes(length: 5, rest: 4)) == .incomplete)
        #expect(framing.tokenHead(of: ByteBuffer(bytes: [0, 0, 0])) == .incomplete)
        for length in [-1, Int32.min, Int32(LoginService.maxTokenBytes) + 1, .max] {
            guard case .refused = framing.tokenHead(of: bytes(length: length)) else {
                Issue.record("\(length) was taken")
                continue
            }
        }
    }

    @Test(arguments: [-1, 0, 7, Int32.min])
    func aLengthThatNoRequestHasIsRefused(length: Int32) {
        guard case .refused = framing.head(of: bytes(length: length)) else {
            Issue.record("\(length) was taken")
            return
        }
    }

    @Test(arguments: [1001, Int32.max])
    func aLengthAboveTheLimitIsRefusedBeforeAnythingElseIsThere(length: Int32) {
        guard case .refused(let reason) = framing.head(of: bytes(length: length)) else {
            Issue.record("\(length) was taken")
            return
        }
        #expect(reason.contains("kafka.max.request.bytes"))
    }

    @Test func onlyProduceMayBeLargerThanTheControlLimit() {
        #expect(framing.head(of: bytes(length: 101, key: 0)) == .incomplete)
        guard case .refused(let reason) = framing.head(of: bytes(length: 101, key: 3)) else {
            Issue.record("a large Metadata request was taken")
            return
        }
        #expect(reason.contains("kafka.max.control.request.bytes"))
    }

    @Test func whatComesLaterLeavesARequestThatWasCutOutAsItIs() throws {
        var received = bytes(length: 10, key: 0, rest: 8)
        var start = bytes(length: 10, key: 1, rest: 2)
        framing.append(&start, to: &received)
        let first = try #require(framing.cut(10, from: &received))
        var rest = ByteBuffer(repeating: 9, count: 6)
        framing.append(&rest, to: &received)
        #expect(first.getBytes(at: first.readerIndex, length: 10) == [0, 0, 7, 7, 7, 7, 7, 7, 7, 7])
        #expect(framing.head(of: received) == .whole(apiKey: 1, byteCount: 10))
        let second = try #require(framing.cut(10, from: &received))
        #expect(second.getBytes(at: second.readerIndex, length: 10) == [0, 1, 7, 7, 9, 9, 9, 9, 9, 9])
    }
}
