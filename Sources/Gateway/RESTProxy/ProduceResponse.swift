import NIOCore
import StreamModel

/// The answers of the REST Proxy dialect as bytes.
enum RESTProxyAnswer {
    /// `{"offsets": [{"partition", "offset", "error_code": null, "error": null}, …], …}` in request order.
    static func write(
        _ receipt: AppendReceipt, recordCount: Int, keySchemaID: Int32? = nil, valueSchemaID: Int32? = nil,
        to buffer: inout ByteBuffer
    ) {
        buffer.writeStaticString(#"{"offsets":["#)
        switch receipt {
        case .run(let partition, let first):
            for delta in 0..<recordCount {
                write(partition, first.advanced(by: delta), isFirst: delta == 0, to: &buffer)
            }
        case .scattered(let offsets):
            for (place, offset) in offsets.enumerated() {
                write(offset.partition, offset.offset, isFirst: place == 0, to: &buffer)
            }
        }
        guard keySchemaID != nil || valueSchemaID != nil else {
            _ = buffer.writeStaticString(#"],"key_schema_id":null,"value_schema_id":null}"#)
            return
        }
        buffer.writeStaticString(#"],"key_schema_id":"#)
        buffer.writeString(keySchemaID.map(String.init) ?? "null")
        buffer.writeStaticString(#","value_schema_id":"#)
        buffer.writeString(valueSchemaID.map(String.init) ?? "null")
        buffer.writeStaticString("}")
    }

    private static func write(
        _ partition: PartitionIndex, _ offset: Offset, isFirst: Bool, to buffer: inout ByteBuffer
    ) {
        buffer.writeStaticString(isFirst ? #"{"partition":"# : #",{"partition":"#)
        buffer.writeDecimal(Int64(partition.rawValue))
        buffer.writeStaticString(#","offset":"#)
        buffer.writeDecimal(offset.rawValue)
        buffer.writeStaticString(#","error_code":null,"error":null}"#)
    }

    /// Writes an error: its code and its message.
    static func write(_ error: RESTProxyError, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"error_code":"#)
        buffer.writeDecimal(Int64(error.code.rawValue))
        buffer.writeStaticString(#","message":"#)
        buffer.writeJSONString(error.message)
        buffer.writeStaticString("}")
    }
}

extension ByteBuffer {
    /// Writes a number in decimal digits.
    mutating func writeDecimal(_ number: Int64) {
        if number >= 0, number < 10 {
            writeInteger(UInt8(ascii: "0") + UInt8(number))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var place = digits.count
            var rest = number.magnitude
            repeat {
                place -= 1
                digits[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                place -= 1
                digits[place] = UInt8(ascii: "-")
            }
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[place...]))
        }
    }

    mutating func writeJSONString(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): writeBytes([UInt8(ascii: "\\"), byte])
            case 0..<0x20: writeString("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: writeInteger(byte)
            }
        }
        writeInteger(UInt8(ascii: "\""))
    }
}
