/// Times in the texts of ISO 8601 that Joda's parser takes.
enum ISOTime {
    /// Milliseconds since 1970; nil for a text that is no such time.
    ///
    /// Without an offset it is UTC.
    /// Dates (`2024-05-01`, `2024-122`, `2024-W18-3`, `2024-05`, `2024`), then perhaps `T`, a time of day with a
    /// fraction of its last part, and an offset.
    static func milliseconds(_ text: some Collection<UInt8>) -> Int64? {
        var reader = Reader(rest: Array(text)[...])
        var days: Int64 = 0
        if reader.rest.first != UInt8(ascii: "T") {
            guard let date = reader.date() else { return nil }
            days = date
        }
        var time: Int64 = 0
        if reader.take("T"), !reader.rest.isEmpty {
            if !reader.isAtOffset {
                guard let part = reader.timeOfDay() else { return nil }
                time = part
            }
            guard let offset = reader.offset() else { return nil }
            time -= offset
        }
        guard reader.rest.isEmpty else { return nil }
        return days * CivilTime.day + time
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        var isAtOffset: Bool {
            [UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(rest.first ?? 0)
        }

        mutating func number(_ counts: ClosedRange<Int>) -> Int? {
            var value = 0
            var count = 0
            while count < counts.upperBound, let byte = rest.first, (48...57).contains(byte) {
                value = value * 10 + Int(byte - 48)
                rest.removeFirst()
                count += 1
            }
            return count >= counts.lowerBound ? value : nil
        }

        mutating func date() -> Int64? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let digits = number(1...9) else { return nil }
            let year = Int64(isNegative ? -digits : digits)
            guard take("-") else { return CivilTime.days(year, 1, 1) }
            if take("W") { return week(of: year) }
            let before = rest
            if let day = number(3...3) {
                let leap = CivilTime.daysInMonth(year, 2) == 29
                return (1...(leap ? 366 : 365)).contains(day)
                    ? CivilTime.days(year, 1, 1) + Int64(day - 1) : nil
            }
            rest = before
            guard let month = number(1...2), (1...12).contains(month) else { return nil }
            guard take("-") else { return CivilTime.days(year, month, 1) }
            guard let day = number(1...2), (1...CivilTime.daysInMonth(year, month)).contains(day) else {
                return nil
            }
            return CivilTime.days(year, month, day)
        }

        private mutating func week(of year: Int64) -> Int64? {
            guard let week = number(1...2), (1...53).contains(week) else { return nil }
            var weekday = 1
            if take("-") {
                guard let given = number(1...1), (1...7).contains(given) else { return nil }
                weekday = given
            }
            let fourth = CivilTime.days(year, 1, 4)
            let monday = fourth - ((fourth + 3) - (fourth + 3).floored(to: 7))
            return monday + Int64((week - 1) * 7 + weekday - 1)
        }

        mutating func timeOfDay() -> Int64? {
            guard let hour = number(1...2), hour < 24 else { return nil }
            if let part = fraction(of: 3_600_000) { return Int64(hour) * 3_600_000 + part }
            guard take(":") else { return Int64(hour) * 3_600_000 }
            guard let minute = number(1...2), minute < 60 else { return nil }
            let minutes = Int64(hour * 60 + minute) * 60_000
            if let part = fraction(of: 60_000) { return minutes + part }
            guard take(":") else { return minutes }
            guard let second = number(1...2), second < 60 else { return nil }
            return minutes + Int64(second) * 1000 + (fraction(of: 1000) ?? 0)
        }

        /// The fraction of a unit behind a point or comma; nil if there is none.
        private mutating func fraction(of unit: Int64) -> Int64? {
            guard let mark = rest.first, mark == UInt8(ascii: ".") || mark == UInt8(ascii: ","),
                let digit = rest.dropFirst().first, (48...57).contains(digit)
            else { return nil }
            rest.removeFirst()
            var part: Int64 = 0
            var scale = unit * 1_000_000
            while let byte = rest.first, (48...57).contains(byte) {
                scale /= 10
                part += Int64(byte - 48) * scale
                rest.removeFirst()
            }
            return part / 1_000_000
        }

        /// Milliseconds east of Greenwich; 0 without an offset, nil for one that is none.
        mutating func offset() -> Int64? {
            if rest.isEmpty || take("Z") { return 0 }
            let isNegative = take("-")
            guard isNegative || take("+"), let hours = number(2...2), hours < 24 else { return nil }
            _ = take(":")
            let minutes = rest.isEmpty ? 0 : number(2...2)
            guard let minutes, minutes < 60 else { return nil }
            let offset = Int64(hours * 60 + minutes) * 60_000
            return isNegative ? -offset : offset
        }
    }
}
