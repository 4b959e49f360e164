/// The rows of a comma-separated text (RFC 4180), without blanks around fields, empty rows left out.
enum CSVRows {
    struct Row: Equatable {
        /// Where it begins, from 1.
        var line: Int
        var fields: [String]
    }

    static func parse(_ text: String) -> [Row] {
        var reader = Reader()
        // The files of AWS begin with a byte order mark.
        for scalar in text.unicodeScalars where scalar != "\u{FEFF}" { reader.take(scalar) }
        return reader.finish()
    }

    private struct Reader {
        private var rows: [Row] = []
        private var fields: [String] = []
        private var field = ""
        private var isQuoted = false
        /// A quote within a quoted field: its end, or the first of two that stand for one.
        private var sawQuote = false
        private var line = 1
        private var firstLine = 1

        mutating func take(_ scalar: Unicode.Scalar) {
            if scalar == "\n" { line += 1 }
            if isQuoted {
                if sawQuote {
                    sawQuote = false
                    if scalar == "\"" { return field.unicodeScalars.append(scalar) }
                    isQuoted = false
                } else if scalar == "\"" {
                    sawQuote = true
                    return
                } else {
                    return field.unicodeScalars.append(scalar)
                }
            }
            switch scalar {
            case "\"" where field.isEmpty: isQuoted = true
            case ",": endField()
            case "\n", "\r": endRow()
            default: field.unicodeScalars.append(scalar)
            }
        }

        private mutating func endField() {
            var trimmed = Substring(field)
            while trimmed.last == " " || trimmed.last == "\t" { trimmed.removeLast() }
            fields.append(String(trimmed.drop { $0 == " " || $0 == "\t" }))
            field = ""
        }

        private mutating func endRow() {
            endField()
            if fields != [""] { rows.append(Row(line: firstLine, fields: fields)) }
            fields = []
            firstLine = line
        }

        mutating func finish() -> [Row] {
            endRow()
            return rows
        }
    }
}
