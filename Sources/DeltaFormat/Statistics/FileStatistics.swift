import JSONText
import QueryEngine

/// What is known of a file's columns, as DuckDB tells it of a file that it wrote.
struct FileStatistics {
    var rows: Int64
    /// By path of names: a column, or members within it.
    var columns: [[String]: [String: String]]

    /// - Parameter value: the column `column_statistics` of `COPY … (RETURN_STATS)`.
    init(rows: Int64, _ value: SQLValue) {
        self.rows = rows
        columns = [:]
        for (name, entry) in value.pairs {
            var texts: [String: String] = [:]
            for (key, value) in entry.pairs { texts[key] = value.string }
            columns[Self.path(name)] = texts
        }
    }

    /// The names in `"a"."b"`.
    static func path(_ text: String) -> [String] {
        var names: [String] = []
        var name = ""
        var isQuoted = false
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                name.append("\"")
                rest = rest.dropFirst()
            case "\"": isQuoted.toggle()
            case "." where !isQuoted:
                names.append(name)
                name = ""
            default: name.append(character)
            }
        }
        return names + [name]
    }

    /// NULLs of a column of the file; nil if nothing is known of it.
    func nulls(in column: String) -> Int64? { columns[[column]]?["null_count"].flatMap { Int64($0) } }

    /// The member `stats` of an `add`.
    ///
    /// - Parameter fields: the columns that have statistics.
    func json(of fields: [DeltaField]) -> String {
        let bytes = JSONWriter.bytes { writer in
            writer.object { writer in
                writer.member("numRecords", rows)
                writer.member("minValues", object: { write(fields, [], .least, &$0) })
                writer.member("maxValues", object: { write(fields, [], .greatest, &$0) })
                writer.member("nullCount", object: { write(fields, [], .nulls, &$0) })
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private enum Kind { case least, greatest, nulls }

    private func write(_ fields: [DeltaField], _ path: [String], _ kind: Kind, _ writer: inout JSONWriter) {
        for field in fields {
            let place = path + [field.name]
            if case .structure(let members) = field.type {
                guard columns.keys.contains(where: { $0.starts(with: place) }) else { continue }
                writer.member(field.name, object: { write(members, place, kind, &$0) })
                continue
            }
            guard let known = columns[place] else { continue }
            switch kind {
            case .nulls:
                if let nulls = known["null_count"].flatMap({ Int64($0) }) { writer.member(field.name, nulls) }
            case .least:
                guard let text = known["min"] else { continue }
                StatisticsValue(text, field.type, isGreatest: false)?.write(field.name, to: &writer)
            case .greatest:
                guard let text = known["max"] else { continue }
                StatisticsValue(text, field.type, isGreatest: true)?.write(field.name, to: &writer)
            }
        }
    }
}

/// A bound of a column's values.
enum StatisticsValue: Equatable {
    case text(String)
    /// As JSON writes it.
    case number(String)

    /// Characters of texts that are kept.
    static let maxCharacters = 32

    /// - Parameters:
    ///   - text: as DuckDB writes it.
    ///   - isGreatest: rounds up where the value cannot be told exactly, and down otherwise.
    /// - Returns: nil if readers could not trust the bound.
    init?(_ text: String, _ type: DeltaType, isGreatest: Bool) {
        switch type {
        case .string:
            guard let bound = isGreatest ? Self.upperBound(text) : Self.lowerBound(text) else { return nil }
            self = .text(bound)
        case .long, .integer, .short, .byte:
            guard Int64(text) != nil else { return nil }
            self = .number(text)
        case .decimal, .float, .double:
            guard let number = Double(text), number.isFinite, let first = text.utf8.first,
                first == UInt8(ascii: "-") || (48...57).contains(first)
            else { return nil }
            self = .number(text)
        case .date:
            guard text.utf8.count == 10 else { return nil }
            self = .text(text)
        case .timestamp, .timestampWithoutZone:
            guard let moment = TimestampText.milliseconds(text, roundedUp: isGreatest) else { return nil }
            self = .text(TimestampText.text(moment) + (type == .timestamp ? "Z" : ""))
        default: return nil
        }
    }

    func write(_ name: String, to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.member(name, text)
        case .number(let digits):
            writer.key(name)
            writer.json(digits.utf8)
        }
    }

    static func lowerBound(_ text: String) -> String {
        var bound = String.UnicodeScalarView()
        bound.append(contentsOf: text.unicodeScalars.prefix(maxCharacters))
        return String(bound)
    }

    /// The text itself if it is short, else the least short one that is greater; nil if there is none.
    static func upperBound(_ text: String) -> String? {
        var scalars = Array(text.unicodeScalars.prefix(maxCharacters + 1))
        guard scalars.count > maxCharacters else { return text }
        scalars.removeLast()
        while let last = scalars.popLast() {
            // Surrogates are no characters.
            let next = last.value == 0xD7FF ? 0xE000 : last.value &+ 1
            guard let greater = Unicode.Scalar(next) else { continue }
            scalars.append(greater)
            var bound = String.UnicodeScalarView()
            bound.append(contentsOf: scalars)
            return String(bound)
        }
        return nil
    }
}

/// Moments as DuckDB writes them, such as `2020-01-01 00:49:00.123456+00`.
enum TimestampText {
    /// Milliseconds since 1970; nil for what is not between the years 1 and 9999.
    static func milliseconds(_ text: String, roundedUp: Bool) -> Int64? {
        let body = text.hasSuffix("+00") ? text.dropLast(3) : text[...]
        let halves = body.split(separator: " ")
        guard halves.count == 2, halves[0].utf8.count == 10 else { return nil }
        let date = halves[0].split(separator: "-").compactMap { Int64($0) }
        let clock = halves[1].split(whereSeparator: { $0 == ":" || $0 == "." })
        let numbers = clock.compactMap { Int64($0) }
        guard date.count == 3, (3...4).contains(numbers.count), numbers.count == clock.count else {
            return nil
        }
        var micros: Int64 = 0
        if clock.count == 4 {
            guard clock[3].utf8.count <= 6,
                let fraction = Int64(clock[3] + String(repeating: "0", count: 6 - clock[3].utf8.count))
            else { return nil }
            micros = fraction
        }
        let seconds =
            days(date[0], date[1], date[2]) * 86_400 + numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
        return seconds * 1000 + micros / 1000 + (roundedUp && micros % 1000 != 0 ? 1 : 0)
    }

    /// As in `2020-01-01T00:49:00.123`.
    static func text(_ milliseconds: Int64) -> String {
        var (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        if rest < 0 {
            seconds -= 1
            rest += 1000
        }
        let whole = CivilTime.timestampText(seconds &* 1_000_000).dropLast()
        let digits = String(rest)
        return whole + "." + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// Days since 1970; years are counted from March, so that leap days come last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
