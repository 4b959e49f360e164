/// How long the answers to logins are held back, so that passwords cannot be guessed in haste.
///
/// The first wrong login of a user from a host is answered after `base`, each further one after twice the time, up to
/// `longest`. One answer follows the other, right ones too: many connections at once guess no faster than one. After
/// `forgottenAfter` without a wrong login, or after a right one, all is as new.
package struct FailureDelays: Sendable {
    package enum Answer: Equatable, Sendable {
        case after(milliseconds: Int64)
        /// So many logins wait that this one is refused, whatever it showed.
        case refused(milliseconds: Int64)
    }

    private struct Key: Hashable {
        var host: String
        var user: String
    }

    private struct Entry {
        var failures: Int
        var blockedUntil: Int64
        var last: Int64
    }

    static let longest: Int64 = 5_000
    static let longestWait: Int64 = 30_000
    static let forgottenAfter: Int64 = 600_000
    static let maxEntries = 10_000
    /// Longer names share an entry with others that begin alike.
    static let maxNameLength = 128

    private let base: Int64
    private var entries: [Key: Entry] = [:]

    /// - Parameter base: milliseconds; 0 turns everything off.
    package init(base: Int64) {
        self.base = base
    }

    /// Books the end of a login, and says when to answer it.
    ///
    /// - Parameter now: milliseconds of a clock that never goes back.
    package mutating func answer(host: String, user: String, failed: Bool, at now: Int64) -> Answer {
        guard base > 0 else { return .after(milliseconds: 0) }
        let key = Key(host: host, user: String(user.prefix(Self.maxNameLength)))
        var entry = entries[key] ?? Entry(failures: 0, blockedUntil: now, last: now)
        if now - entry.last >= Self.forgottenAfter {
            entry = Entry(failures: 0, blockedUntil: now, last: now)
        }
        let wait = max(0, entry.blockedUntil - now)
        guard wait <= Self.longestWait else { return .refused(milliseconds: Self.longestWait) }
        guard failed else {
            entries[key] = nil
            return .after(milliseconds: wait)
        }
        let step = min(Self.longest, base << Int64(min(entry.failures, 16)))
        entry.failures += 1
        entry.blockedUntil = now + wait + step
        entry.last = now
        if entries[key] == nil, entries.count >= Self.maxEntries { makeRoom(at: now) }
        entries[key] = entry
        return .after(milliseconds: wait + step)
    }

    /// Forgets what is old; if nothing is, the half that failed least.
    private mutating func makeRoom(at now: Int64) {
        entries = entries.filter { now - $0.value.last < Self.forgottenAfter }
        guard entries.count >= Self.maxEntries else { return }
        let order = entries.sorted { ($0.value.failures, $0.value.last) < ($1.value.failures, $1.value.last) }
        for (key, _) in order.prefix(Self.maxEntries / 2) { entries[key] = nil }
    }
}
