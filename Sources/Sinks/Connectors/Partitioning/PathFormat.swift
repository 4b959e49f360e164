import Foundation

/// A pattern of Joda-Time that makes paths of times.
///
/// Known are `y Y x w e E D M d a K h H k m s S Z`; text stands in quotes, and two quotes are one.
struct PathFormat {
    private enum Piece: Equatable {
        case text(String)
        case field(Character, Int)
    }

    private let pieces: [Piece]
    private let months: [String]
    private let shortMonths: [String]
    private let weekdays: [String]
    private let shortWeekdays: [String]
    private let halves: (String, String)
    private let zoneName: String

    private static let letters = Set("yYxweEDMdaKhHkmsSZ")

    /// - Throws: what is wrong with the pattern.
    init(_ pattern: String, locale: String, timezone: String) throws(PatternError) {
        pieces = try Self.pieces(pattern)
        zoneName = timezone
        var calendar = Calendar(identifier: .gregorian)
        calendar.locale = Locale(identifier: locale.replacingOccurrences(of: "-", with: "_"))
        months = calendar.monthSymbols
        shortMonths = calendar.shortMonthSymbols
        weekdays = calendar.weekdaySymbols
        shortWeekdays = calendar.shortWeekdaySymbols
        halves = (calendar.amSymbol, calendar.pmSymbol)
    }

    struct PatternError: Error {
        var message: String
    }

    /// What is wrong with a pattern; nil if nothing is.
    static func complaint(_ pattern: String) -> String? {
        do throws(PatternError) {
            _ = try pieces(pattern)
            return nil
        } catch {
            return error.message
        }
    }

    private static func pieces(_ pattern: String) throws(PatternError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = pattern[...]
        func add(_ text: String) {
            if case .text(let before)? = pieces.last {
                pieces[pieces.count - 1] = .text(before + text)
            } else {
                pieces.append(.text(text))
            }
        }
        while let character = rest.popFirst() {
            if character == "'" {
                add(quoted(&rest))
            } else if character.isASCII, character.isLetter {
                guard letters.contains(character) else {
                    throw PatternError(message: "Illegal pattern component: \(character)")
                }
                var count = 1
                while rest.first == character {
                    rest.removeFirst()
                    count += 1
                }
                guard count <= 20 else {
                    throw PatternError(message: "Too many pattern letters: \(character)")
                }
                pieces.append(.field(character, count))
            } else {
                add(String(character))
            }
        }
        return pieces
    }

    /// The text up to the closing quote; a text that is not closed ends with the pattern.
    private static func quoted(_ rest: inout Substring) -> String {
        if rest.first == "'" {
            rest.removeFirst()
            return "'"
        }
        var text = ""
        while let character = rest.popFirst() {
            guard character == "'" else {
                text.append(character)
                continue
            }
            guard rest.first == "'" else { break }
            rest.removeFirst()
            text.append("'")
        }
        return text
    }

    /// The path of a time.
    ///
    /// - Parameter offset: milliseconds east of Greenwich.
    func path(of time: Int64, offset: Int64) -> String {
        let civil = CivilTime(local: time &+ offset)
        var path = ""
        for piece in pieces {
            switch piece {
            case .text(let text): path += text
            case .field(let letter, let count): path += field(letter, count, civil, offset)
            }
        }
        return path
    }

    private func field(_ letter: Character, _ count: Int, _ time: CivilTime, _ offset: Int64) -> String {
        switch letter {
        case "y": return year(time.year, count)
        case "Y": return year(time.year > 0 ? time.year : 1 - time.year, count)
        case "x": return year(time.weekYear, count)
        case "M":
            guard count >= 3 else { return padded(Int64(time.month), count) }
            return (count == 3 ? shortMonths : months)[time.month - 1]
        case "E": return (count >= 4 ? weekdays : shortWeekdays)[time.weekday % 7]
        case "a": return time.hour < 12 ? halves.0 : halves.1
        case "S": return fraction(time.millisecond, count)
        case "Z": return zone(offset, count)
        default: return padded(number(letter, time), count)
        }
    }

    private func number(_ letter: Character, _ time: CivilTime) -> Int64 {
        let number =
            switch letter {
            case "w": time.week
            case "e": time.weekday
            case "D": time.dayOfYear
            case "d": time.day
            case "K": time.hour % 12
            case "h": (time.hour + 11) % 12 + 1
            case "H": time.hour
            case "k": (time.hour + 23) % 24 + 1
            case "m": time.minute
            default: time.second
            }
        return Int64(number)
    }

    /// Two letters stand for the last two digits.
    private func year(_ year: Int64, _ count: Int) -> String {
        count == 2 ? padded(abs(year) % 100, 2) : padded(year, count)
    }

    private func padded(_ number: Int64, _ count: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, count - digits.count)) + digits
    }

    private func fraction(_ millisecond: Int, _ count: Int) -> String {
        let digits = padded(Int64(millisecond), 3)
        return count <= 3 ? String(digits.prefix(count)) : digits + String(repeating: "0", count: count - 3)
    }

    private func zone(_ offset: Int64, _ count: Int) -> String {
        guard count < 3 else { return zoneName }
        let minutes = offset.magnitude / 60_000
        let hours = padded(Int64(minutes / 60), 2)
        return (offset < 0 ? "-" : "+") + hours + (count == 2 ? ":" : "") + padded(Int64(minutes % 60), 2)
    }
}
