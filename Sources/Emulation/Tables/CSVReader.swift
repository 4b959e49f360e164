/// Reads comma-separated records as RFC 4180 has them.
///
/// A field in quotes may hold commas, line breaks and doubled quotes; records end with LF, CRLF or CR; a
/// byte order mark and blank lines are skipped. A quote within an unquoted field stands for itself.
package struct CSVReader {
    package struct Failure: Error, Equatable {
        package var line: Int
        package var message: String
    }

    private let bytes: [UInt8]
    private var position = 0
    /// The line at which the record read last begins, counted from 1.
    package private(set) var recordLine = 0
    private var line = 1

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The fields of the next record; nil at the end.
    package mutating func next() throws(Failure) -> [[UInt8]]? {
        while position < bytes.count, skipLineBreak() {}
        guard position < bytes.count else { return nil }
        recordLine = line
        var fields: [[UInt8]] = []
        while true {
            fields.append(try field())
            guard position < bytes.count, !skipLineBreak() else { return fields }
            position += 1  // the comma
            if position == bytes.count {
                fields.append([])
                return fields
            }
        }
    }

    /// Reads up to, not over, the comma or line break that follows.
    private mutating func field() throws(Failure) -> [UInt8] {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count, !endsField(bytes[position]) { position += 1 }
            return Array(bytes[start..<position])
        }
        return try quotedField()
    }

    private mutating func quotedField() throws(Failure) -> [UInt8] {
        let startLine = line
        var field: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\"") else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                field.append(byte)
                continue
            }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                field.append(byte)
                position += 1
                continue
            }
            guard position == bytes.count || endsField(bytes[position]) else {
                throw Failure(line: line, message: "text follows a closing quote")
            }
            return field
        }
        throw Failure(line: startLine, message: "a quote is opened and never closed")
    }

    private func endsField(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private mutating func skipLineBreak() -> Bool {
        switch bytes[position] {
        case UInt8(ascii: "\n"): position += 1
        case UInt8(ascii: "\r"):
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
        default: return false
        }
        line += 1
        return true
    }
}
