import NIOCore

/// Writes values as JSON: bytes in base64, times as seconds with milliseconds as decimals.
enum JSONOutput {
    static func write(_ value: OutputValue, to buffer: inout ByteBuffer) {
        switch value {
        case .bool(let value): buffer.writeStaticString(value ? "true" : "false")
        case .integer(let value): buffer.writeString(String(value))
        case .string(let text): write(text, to: &buffer)
        case .sequenceNumber(let number):
            buffer.writeStaticString("\"")
            number.write(to: &buffer)
            buffer.writeStaticString("\"")
        case .bytes(let bytes):
            buffer.writeStaticString("\"")
            bytes.withUnsafeBytes { BufferBase64.encode($0, into: &buffer) }
            buffer.writeStaticString("\"")
        case .time(let milliseconds): write(seconds: milliseconds, to: &buffer)
        case .list(let elements):
            buffer.writeStaticString("[")
            for (place, element) in elements.enumerated() {
                if place > 0 { buffer.writeStaticString(",") }
                write(element, to: &buffer)
            }
            buffer.writeStaticString("]")
        case .object(let members):
            buffer.writeStaticString("{")
            for (place, (name, value)) in members.enumerated() {
                if place > 0 { buffer.writeStaticString(",") }
                write(name, to: &buffer)
                buffer.writeStaticString(":")
                write(value, to: &buffer)
            }
            buffer.writeStaticString("}")
        }
    }

    private static func write(seconds milliseconds: Int64, to buffer: inout ByteBuffer) {
        let magnitude = milliseconds.magnitude
        let rest = magnitude % 1000
        buffer.writeString((milliseconds < 0 ? "-" : "") + String(magnitude / 1000))
        guard rest > 0 else { return }
        buffer.writeString("." + String(repeating: "0", count: 3 - String(rest).count) + String(rest))
    }

    static func write(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("\"")
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            buffer.writeString(text)
        } else {
            for byte in text.utf8 { writeEscaped(byte, to: &buffer) }
        }
        buffer.writeStaticString("\"")
    }

    private static func writeEscaped(_ byte: UInt8, to buffer: inout ByteBuffer) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
        case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
        case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
        case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            buffer.writeString("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: buffer.writeInteger(byte)
        }
    }
}
