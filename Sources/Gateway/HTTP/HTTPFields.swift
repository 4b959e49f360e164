import NIOCore

/// The headers of a request as they came; looked up when somebody asks for one.
struct HTTPFields: Sendable, Equatable {
    /// Header lines, each with its line end; they were checked when the head was parsed.
    private let lines: ByteBuffer

    init(_ lines: ByteBuffer = ByteBuffer()) {
        self.lines = lines
    }

    /// The value of a header, without blanks at its ends; the values of a repeated one are joined by `, `.
    ///
    /// - Parameter name: in lower case.
    subscript(_ name: String) -> String? {
        var found: String?
        forEach { field, value in
            guard Self.equal(field, name) else { return }
            let text = String(decoding: value, as: UTF8.self).trimmingBlanks
            found = found.map { $0 + ", " + text } ?? text
        }
        return found
    }

    /// All headers in their order, names in lower case.
    var all: [(name: String, value: String)] {
        var fields: [(String, String)] = []
        forEach { name, value in
            fields.append(
                (
                    String(decoding: name, as: UTF8.self).lowercased(),
                    String(decoding: value, as: UTF8.self).trimmingBlanks
                ))
        }
        return fields
    }

    private func forEach(
        _ body: (_ name: Slice<UnsafeRawBufferPointer>, _ value: Slice<UnsafeRawBufferPointer>) -> Void
    ) {
        lines.withUnsafeReadableBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: 0x0D) ?? bytes.count
                if let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")) {
                    body(bytes[start..<colon], bytes[(colon + 1)..<end])
                }
                start = end + 2
            }
        }
    }

    private static func equal(_ field: Slice<UnsafeRawBufferPointer>, _ name: String) -> Bool {
        guard field.count == name.utf8.count else { return false }
        return zip(field, name.utf8).allSatisfy { byte, expected in
            (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == expected
        }
    }
}
