import NIOCore

/// Points in time as text: `2021-02-05T19:14:42.123Z`.
enum RFC3339 {
    /// Milliseconds since 1970; nil if the text is no time, or none of the years 0 to 9999.
    ///
    /// What is finer than a millisecond is cut off.
    static func milliseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
        var reader = TimeReader(text: text)
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), reader.skip(":"),
            let second = reader.digits(2), let fraction = reader.fraction(), let offset = reader.offset(),
            reader.isAtEnd, (1...12).contains(month), (1...days(of: month, year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
        return seconds * 1000 + fraction
    }

    /// The text of a time, with milliseconds if there are any.
    static func write(_ milliseconds: Int64, to buffer: inout ByteBuffer) {
        let seconds = milliseconds.floorQuotient(1000)
        let days = seconds.floorQuotient(86_400)
        let (year, month, day) = date(days)
        let second = seconds - days * 86_400, fraction = milliseconds - seconds * 1000
        write(year, 4, to: &buffer)
        for (mark, number) in [("-", month), ("-", day), ("T", second / 3600)] as [(StaticString, Int64)] {
            buffer.writeStaticString(mark)
            write(number, 2, to: &buffer)
        }
        for number in [second / 60 % 60, second % 60] {
            buffer.writeStaticString(":")
            write(number, 2, to: &buffer)
        }
        if fraction > 0 {
            buffer.writeStaticString(".")
            write(fraction, 3, to: &buffer)
        }
        buffer.writeStaticString("Z")
    }

    private static func write(_ number: Int64, _ count: Int, to buffer: inout ByteBuffer) {
        var scale: Int64 = 1
        for _ in 1..<count { scale *= 10 }
        if number >= 0 {
            while scale > 1, number < scale {
                buffer.writeStaticString("0")
                scale /= 10
            }
        }
        buffer.writeDecimal(number)
    }

    // MARK: The calendar

    private static func days(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 of a date in the Gregorian calendar: years begin in March, so that the leap day is last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.floorQuotient(400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.floorQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}

/// Steps through the text of a time.
private struct TimeReader {
    let text: UnsafeRawBufferPointer
    private var position = 0

    init(text: UnsafeRawBufferPointer) {
        self.text = text
    }

    var isAtEnd: Bool { position == text.count }

    mutating func skip(_ letter: Unicode.Scalar) -> Bool {
        guard position < text.count, UInt32(text[position]) == letter.value else { return false }
        position += 1
        return true
    }

    /// Just so many digits.
    mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= text.count else { return nil }
        var number: Int64 = 0
        for byte in text[position..<position + count] {
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        position += count
        return number
    }

    /// Milliseconds; none without a point.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        var milliseconds: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            if count < 3 { milliseconds = milliseconds * 10 + digit }
            count += 1
        }
        guard (1...9).contains(count) else { return nil }
        while count < 3 {
            milliseconds *= 10
            count += 1
        }
        return milliseconds
    }

    /// Minutes east of Greenwich.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64 = skip("-") ? -1 : 1
        guard sign < 0 || skip("+"), let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24,
            minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension Int64 {
    /// The quotient rounded down, for times before 1970.
    fileprivate func floorQuotient(_ divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
