/// A time as messages of Kinesis write it: `Sun Nov 22 21:04:05 UTC 2026`.
struct UTCTime: Sendable, CustomStringConvertible {
    /// Milliseconds since 1970.
    var milliseconds: Int64

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    var description: String {
        let seconds = max(0, milliseconds) / 1000
        let day = seconds / 86_400
        let rest = seconds % 86_400
        let date = Self.civil(day: day)
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map(Self.padded).joined(separator: ":")
        return
            "\(Self.days[Int(day % 7)]) \(Self.months[date.month - 1]) \(Self.padded(date.day)) \(time) UTC "
            + "\(date.year)"
    }

    private static func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// The date of a day since 1970 (proleptic Gregorian; years begin in March, so that the leap day is the last).
    private static func civil(day: Int64) -> (year: Int64, month: Int, day: Int64) {
        let days = day + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
