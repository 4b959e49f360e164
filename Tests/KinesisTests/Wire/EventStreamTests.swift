import NIOCore
import Testing

@testable import Kinesis

@Suite struct EventStreamTests {
    private func bytes(_ message: EventStreamMessage) -> String {
        var buffer = ByteBuffer()
        message.write(to: &buffer)
        return buffer.readableBytesView.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    @Test func theChecksumIsThatOfTheStandard() {
        #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.checksum($0) } == 0xCBF4_3926)
    }

    @Test func anEmptyMessageIsTheOneOfTheSpecification() {
        #expect(
            bytes(EventStreamMessage(headers: [], payload: ByteBuffer()))
                == "000000100000000005c248eb7d98c8ff")
    }

    @Test func aPayloadWithoutHeadersIsTheOneOfTheSpecification() {
        let message = EventStreamMessage(headers: [], payload: ByteBuffer(string: "{'foo':'bar'}"))
        #expect(bytes(message) == "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936")
    }

    @Test func anEventNamesItsTypeAndItsContent() {
        var buffer = ByteBuffer()
        EventStreamMessage.event("x", contentType: "y", ByteBuffer(string: "z")).write(to: &buffer)
        let text = String(decoding: buffer.readableBytesView, as: UTF8.self)
        #expect(text.contains(":event-type\u{7}\0\u{1}x"))
        #expect(text.contains(":message-type\u{7}\0\u{5}event"))
        #expect(buffer.getInteger(at: 0, as: UInt32.self) == UInt32(buffer.readableBytes))
    }
}
