import Foundation

/// What a time zone's clocks show; a look-up a record would be too slow without what it remembers.
package struct ZoneOffsets {
    private enum Rule {
        /// Milliseconds east of Greenwich, always.
        case fixed(Int64)
        case zone(TimeZone)
    }

    private let rule: Rule
    private var known: [Int64: Int64] = [:]
    private var lastSlot = Int64.min
    private var lastOffset: Int64 = 0

    /// Clocks change at multiples of this, nearly always; a slot in which they do otherwise is not remembered.
    private static let slot: Int64 = 900_000
    private static let mostSlots = 10_000
    /// Times beyond this (about the year 30000) are taken as this.
    private static let farthest: Int64 = 900_000_000_000_000

    /// Nil for a zone that is not known: names such as `Europe/London`, `UTC`, or offsets such as `+01:00`.
    package init?(identifier: String) {
        if let offset = Self.offset(identifier) {
            rule = .fixed(offset)
        } else if let zone = TimeZone(identifier: identifier) {
            rule = .zone(zone)
        } else {
            return nil
        }
    }

    private static func offset(_ text: String) -> Int64? {
        if ["UTC", "GMT", "Z", "Etc/UTC"].contains(text) { return 0 }
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let hours = Int64(parts[0]), hours < 24, parts[0].count == 2,
            let minutes = parts.count > 1 ? Int64(parts[1]) : 0, (0..<60).contains(minutes)
        else { return nil }
        return (sign == "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000
    }

    /// Milliseconds to add to a time for what clocks show then.
    package mutating func offset(at time: Int64) -> Int64 {
        guard case .zone(let zone) = rule else {
            if case .fixed(let offset) = rule { return offset }
            return 0
        }
        let time = min(max(time, -Self.farthest), Self.farthest)
        let slot = time.flooredDivision(by: Self.slot)
        if slot == lastSlot { return lastOffset }
        let offset = known[slot] ?? look(time, slot, zone)
        if known[slot] != nil {
            lastSlot = slot
            lastOffset = offset
        }
        return offset
    }

    private mutating func look(_ time: Int64, _ slot: Int64, _ zone: TimeZone) -> Int64 {
        func ask(_ time: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1000))) * 1000
        }
        let first = ask(slot * Self.slot)
        guard first == ask(slot * Self.slot + Self.slot - 1) else { return ask(time) }
        if known.count >= Self.mostSlots { known.removeAll(keepingCapacity: true) }
        known[slot] = first
        return first
    }

    /// The time at which clocks show this; where they show it twice or never, one that is not earlier.
    package mutating func time(atLocal local: Int64) -> Int64 {
        let first = offset(at: local)
        let second = offset(at: local - first)
        if first == second { return local - first }
        let time = local - second
        return time + offset(at: time) == local ? time : local - min(first, second)
    }

    /// The beginning of the day that holds a time.
    package mutating func startOfDay(_ time: Int64) -> Int64 {
        let local = time + offset(at: time)
        return self.time(atLocal: local.floored(to: CivilTime.day))
    }

    /// The beginning of the day after the one that holds a time.
    package mutating func startOfNextDay(_ time: Int64) -> Int64 {
        let local = time + offset(at: time)
        return self.time(atLocal: local.floored(to: CivilTime.day) + CivilTime.day)
    }

    /// The next time at which a schedule is due: a multiple of its interval since midnight, the next midnight at the
    /// latest.
    package mutating func nextScheduled(after now: Int64, every interval: Int64) -> Int64 {
        let start = startOfDay(now)
        let end = startOfNextDay(now)
        let (next, overflows) = ((now - start) / interval + 1).multipliedReportingOverflow(by: interval)
        guard !overflows, next < end - start else { return end }
        return start + next
    }
}

extension Int64 {
    /// Division that rounds down.
    func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    /// The greatest multiple of a step that is not above; numbers at the edge stay as they are.
    func floored(to step: Int64) -> Int64 {
        let (product, overflows) = flooredDivision(by: step).multipliedReportingOverflow(by: step)
        return overflows ? self : product
    }
}
