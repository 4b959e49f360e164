/// A time as calendars and clocks show it.
struct CivilTime: Equatable {
    var year: Int64
    var month: Int
    var day: Int
    /// 1 for Monday to 7.
    var weekday: Int
    var dayOfYear: Int
    /// By ISO 8601: weeks begin on Monday, the first holds the year's first Thursday.
    var weekYear: Int64
    var week: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int

    /// Milliseconds of a day.
    static let day: Int64 = 86_400_000

    /// - Parameter local: milliseconds since 1970-01-01T00:00 on the same clock.
    init(local: Int64) {
        let days = local.flooredDivision(by: Self.day)
        let rest = Int(local - days * Self.day)
        (year, month, day) = Self.date(days)
        weekday = Int((days + 3) - (days + 3).floored(to: 7)) + 1
        let first = Self.days(year, 1, 1)
        dayOfYear = Int(days - first) + 1
        // The week belongs to the year of its Thursday.
        let thursday = days + Int64(4 - weekday)
        weekYear = Self.date(thursday).0
        week = Int((thursday - Self.days(weekYear, 1, 1)) / 7) + 1
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1000 % 60
        millisecond = rest % 1000
    }

    /// The date of a day, counted from 1970-01-01; by eras of 400 years from March on, so that leap days come last.
    private static func date(_ days: Int64) -> (Int64, Int, Int) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let inEra = shifted - era * 146_097
        let yearOfEra = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146_096) / 365
        let inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * inYear + 2) / 153
        let day = Int(inYear - (153 * shiftedMonth + 2) / 5) + 1
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Days from 1970-01-01 to a date.
    static func days(_ year: Int64, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredDivision(by: 400)
        let yearOfEra = shifted - era * 400
        let inYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + inYear - 719_468
    }

    static func daysInMonth(_ year: Int64, _ month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}
