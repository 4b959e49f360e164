// JSON text of rows, appended byte by byte: no Foundation, no floating point, the same on every platform.
extension [UInt8] {
    @inline(__always)
    mutating func append(_ literal: StaticString) {
        literal.withUTF8Buffer { append(contentsOf: $0) }
    }

    mutating func appendDecimal(_ number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }

    /// Appends a number with leading zeros up to a width.
    mutating func appendDecimal(_ number: Int, width: Int) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends the low bits of a number as lower-case hex digits.
    mutating func appendHex(_ number: UInt64, digits: Int) {
        for position in stride(from: (digits - 1) * 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: (number >> UInt64(position)) & 0xF)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// Appends UTF-8 as a JSON string: only quotes, backslashes and control characters are escaped.
    mutating func appendJSONString(_ text: some Collection<UInt8>) {
        append(UInt8(ascii: "\""))
        let isPlain = text.withContiguousStorageIfAvailable { bytes in
            !bytes.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        }
        if isPlain == true {
            append(contentsOf: text)
        } else {
            appendEscaped(text)
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ text: some Collection<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\r"): append("\\r")
            case UInt8(ascii: "\t"): append("\\t")
            case 0..<0x20:
                append("\\u00")
                appendHex(UInt64(byte), digits: 2)
            default: append(byte)
            }
        }
    }

    /// Appends `YYYY-MM-DD HH:MM:SS` of seconds since 1970-01-01, UTC.
    mutating func appendTimestamp(_ seconds: Int) {
        let date = CivilDate(daysSinceEpoch: seconds / 86_400)
        appendDecimal(date.year, width: 4)
        append(UInt8(ascii: "-"))
        appendDecimal(date.month, width: 2)
        append(UInt8(ascii: "-"))
        appendDecimal(date.day, width: 2)
        append(UInt8(ascii: " "))
        appendDecimal(seconds % 86_400 / 3_600, width: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(seconds % 3_600 / 60, width: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(seconds % 60, width: 2)
    }

    /// Appends billionths of a degree as a decimal number of six significant digits.
    mutating func appendDegrees(billionths: Int) {
        if billionths < 0 { append(UInt8(ascii: "-")) }
        let magnitude = Int(billionths.magnitude)
        var decimals = 3
        var unit = 1_000_000
        while unit > 1, magnitude < unit * 100_000 {
            unit /= 10
            decimals += 1
        }
        var digits = (magnitude + unit / 2) / unit
        while decimals > 1, digits % 10 == 0 {
            digits /= 10
            decimals -= 1
        }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        appendDecimal(digits / scale)
        append(UInt8(ascii: "."))
        appendDecimal(digits % scale, width: decimals)
    }
}

/// Year, month and day of the proleptic Gregorian calendar.
struct CivilDate: Equatable {
    var year: Int
    var month: Int
    var day: Int

    /// Days are counted from 1970-01-01 and are not negative.
    init(daysSinceEpoch days: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
