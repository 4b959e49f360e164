/// Seconds and a billionth of them, as Protobuf's Timestamp and Duration have them.
struct ProtoTime: Equatable {
    var seconds: Int64
    var nanos: Int32

    /// From the year 1 to the end of 9999.
    static let timestamps: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    static let durations: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

    // MARK: Timestamps

    /// RFC 3339 with `Z` or an offset.
    static func timestamp(_ text: String) -> ProtoTime? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]),
            let day = digits(bytes[8..<10]),
            let hour = digits(bytes[11..<13]), let minute = digits(bytes[14..<16]),
            let second = digits(bytes[17..<19]), year >= 1, (1...12).contains(month),
            (1...daysInMonth(month, year)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var rest = bytes[19...]
        var nanos: Int32 = 0
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let found = billionths(fraction) else { return nil }
            nanos = found
            rest = rest[fraction.endIndex...]
        }
        guard let offset = offset(Array(rest)) else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return timestamps.contains(seconds) ? ProtoTime(seconds: seconds, nanos: nanos) : nil
    }

    /// Seconds east of Greenwich.
    private static func offset(_ bytes: [UInt8]) -> Int64? {
        if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = digits(bytes[1..<3]),
            let minutes = digits(bytes[4..<6]), hours < 24, minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        switch bytes[0] {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }

    /// Nil for a time that no timestamp may tell.
    var timestampText: String? {
        guard Self.timestamps.contains(seconds), (0..<1_000_000_000).contains(nanos) else { return nil }
        let day = Int64((Double(seconds) / 86_400).rounded(.down))
        let second = seconds - day * 86_400
        let (year, month, date) = Self.date(day)
        let clock = [second / 3_600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(date, 2))"
            + "T\(clock.joined(separator: ":"))\(Self.fraction(nanos))Z"
    }

    // MARK: Durations

    static func duration(_ text: String) -> ProtoTime? {
        guard text.hasSuffix("s") else { return nil }
        let isNegative = text.hasPrefix("-")
        let parts = text.dropLast().dropFirst(isNegative ? 1 : 0)
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = digits(Array(parts[0].utf8)[...]), durations.contains(seconds) else { return nil }
        var nanos: Int32 = 0
        if parts.count > 1 {
            guard let found = billionths(Array(parts[1].utf8)[...]) else { return nil }
            nanos = found
        }
        return isNegative
            ? ProtoTime(seconds: -seconds, nanos: -nanos) : ProtoTime(seconds: seconds, nanos: nanos)
    }

    /// Nil for what no duration may be.
    var durationText: String? {
        guard Self.durations.contains(seconds), nanos.magnitude < 1_000_000_000,
            seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
        else { return nil }
        let sign = seconds < 0 || nanos < 0 ? "-" : ""
        return "\(sign)\(seconds.magnitude)\(Self.fraction(Int32(nanos.magnitude)))s"
    }

    // MARK: Parts

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard (1...12).contains(bytes.count),
            bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private static func billionths(_ bytes: ArraySlice<UInt8>) -> Int32? {
        guard bytes.count <= 9, let number = digits(bytes) else { return nil }
        return Int32(exactly: (bytes.count..<9).reduce(number) { found, _ in found * 10 })
    }

    /// None, three, six or nine digits.
    private static func fraction(_ nanos: Int32) -> String {
        if nanos == 0 { return "" }
        if nanos % 1_000_000 == 0 { return "." + padded(Int64(nanos) / 1_000_000, 3) }
        if nanos % 1_000 == 0 { return "." + padded(Int64(nanos) / 1_000, 6) }
        return "." + padded(Int64(nanos), 9)
    }

    private static func padded(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    private static func daysInMonth(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Days since 1970, of the Gregorian calendar; a year of this count begins in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let yearDay = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + yearDay - 719_468
    }

    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let eraDay = shifted - era * 146_097
        let eraYear = (eraDay - eraDay / 1_460 + eraDay / 36_524 - eraDay / 146_096) / 365
        let yearDay = eraDay - (365 * eraYear + eraYear / 4 - eraYear / 100)
        let part = (5 * yearDay + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (eraYear + era * 400 + (month <= 2 ? 1 : 0), month, yearDay - (153 * part + 2) / 5 + 1)
    }

    // MARK: Paths of field masks

    static func snakeCase(_ path: Substring) -> String {
        var found = ""
        for character in path {
            found += character.isUppercase ? "_" + character.lowercased() : String(character)
        }
        return found
    }
}
