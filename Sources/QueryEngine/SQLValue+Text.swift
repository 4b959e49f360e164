extension SQLValue {
    /// The value as people read it; NULL is empty.
    ///
    /// Timestamps are ISO 8601 in UTC (`2020-08-28T03:52:47Z`), whole doubles have no point, lists and structures
    /// are JSON.
    package var text: String {
        switch self {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): Self.text(of: value)
        case .decimal(let value): value.description
        case .text(let value): value
        case .blob(let bytes): Self.hexadecimal(bytes)
        case .timestamp(let microseconds): CivilTime.timestampText(microseconds)
        case .date(let days): CivilTime.dateText(Int64(days))
        case .time(let microseconds): CivilTime.timeText(microseconds)
        case .list, .structure: json
        }
    }

    /// The value as JSON.
    package var json: String {
        var output = ""
        appendJSON(to: &output)
        return output
    }

    /// Appends the value as JSON; a double that is no number becomes null.
    package func appendJSON(to output: inout String) {
        switch self {
        case .null: output += "null"
        case .bool, .integer, .decimal: output += text
        case .double(let value): output += value.isFinite ? Self.text(of: value) : "null"
        case .text, .blob, .timestamp, .date, .time: Self.appendJSONString(text, to: &output)
        case .list(let values):
            output += "["
            for (index, value) in values.enumerated() {
                if index > 0 { output += ", " }
                value.appendJSON(to: &output)
            }
            output += "]"
        case .structure(let fields):
            output += "{"
            for (index, field) in fields.enumerated() {
                if index > 0 { output += ", " }
                Self.appendJSONString(field.name, to: &output)
                output += ": "
                field.value.appendJSON(to: &output)
            }
            output += "}"
        }
    }

    /// Appends a text as a JSON string.
    package static func appendJSONString(_ text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }

    private static func text(of value: Double) -> String {
        guard value.magnitude < 1e15, value == value.rounded(.towardZero) else { return "\(value)" }
        return String(Int64(value))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Dates and times of the proleptic Gregorian calendar, in UTC.
package enum CivilTime {
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The moment, as in `2020-08-28T03:52:47Z`, with a fraction if there is one.
    package static func timestampText(_ microseconds: Int64) -> String {
        guard microseconds != Int64.max, microseconds != -Int64.max else {
            return microseconds > 0 ? "infinity" : "-infinity"
        }
        let (days, rest) = split(microseconds)
        return dateText(days) + "T" + timeText(rest) + "Z"
    }

    /// The day, as in `2020-08-28`.
    package static func dateText(_ days: Int64) -> String {
        guard days != Int64(Int32.max), days != -Int64(Int32.max) else {
            return days > 0 ? "infinity" : "-infinity"
        }
        let (year, month, day) = civil(days)
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
    }

    /// The time of day, as in `03:52:47`, with a fraction if there is one.
    package static func timeText(_ microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        let clock =
            padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2)
        let fraction = microseconds % 1_000_000
        guard fraction > 0 else { return clock }
        var digits = padded(fraction, 6)
        while digits.hasSuffix("0") { digits.removeLast() }
        return clock + "." + digits
    }

    private static func split(_ microseconds: Int64) -> (days: Int64, rest: Int64) {
        var (days, rest) = microseconds.quotientAndRemainder(dividingBy: microsecondsPerDay)
        if rest < 0 {
            days -= 1
            rest += microsecondsPerDay
        }
        return (days, rest)
    }

    /// Days since 1970-01-01 to year, month and day; years are counted from March, so that leap days come last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}
