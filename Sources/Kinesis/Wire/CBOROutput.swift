import NIOCore

/// Writes values as CBOR: bytes as byte strings, times as milliseconds since 1970 under tag 1.
enum CBOROutput {
    static func write(_ value: OutputValue, to buffer: inout ByteBuffer) {
        switch value {
        case .bool(let value): buffer.writeInteger(value ? 0xF5 : 0xF4 as UInt8)
        case .integer(let value): write(value, to: &buffer)
        case .string(let text): write(text, to: &buffer)
        case .sequenceNumber(let number): write(number.description, to: &buffer)
        case .bytes(let bytes):
            writeHead(2, UInt64(bytes.count), to: &buffer)
            buffer.writeBytes(bytes)
        case .time(let milliseconds):
            writeHead(6, 1, to: &buffer)
            write(milliseconds, to: &buffer)
        case .list(let elements):
            writeHead(4, UInt64(elements.count), to: &buffer)
            for element in elements { write(element, to: &buffer) }
        case .object(let members):
            writeHead(5, UInt64(members.count), to: &buffer)
            for (name, value) in members {
                write(name, to: &buffer)
                write(value, to: &buffer)
            }
        }
    }

    private static func write(_ value: Int64, to buffer: inout ByteBuffer) {
        if value >= 0 {
            writeHead(0, UInt64(value), to: &buffer)
        } else {
            writeHead(1, UInt64(-1 - value), to: &buffer)
        }
    }

    private static func write(_ text: String, to buffer: inout ByteBuffer) {
        writeHead(3, UInt64(text.utf8.count), to: &buffer)
        buffer.writeString(text)
    }

    private static func writeHead(_ majorType: UInt8, _ argument: UInt64, to buffer: inout ByteBuffer) {
        let type = majorType << 5
        switch argument {
        case 0..<24: buffer.writeInteger(type | UInt8(argument))
        case 24...0xFF:
            buffer.writeInteger(type | 24)
            buffer.writeInteger(UInt8(argument))
        case 0x100...0xFFFF:
            buffer.writeInteger(type | 25)
            buffer.writeInteger(UInt16(argument))
        case 0x1_0000...0xFFFF_FFFF:
            buffer.writeInteger(type | 26)
            buffer.writeInteger(UInt32(argument))
        default:
            buffer.writeInteger(type | 27)
            buffer.writeInteger(argument)
        }
    }
}
