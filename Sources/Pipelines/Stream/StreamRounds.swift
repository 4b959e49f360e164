import Synchronization

/// Decides when what was read is committed, and when tables are tended.
struct StreamRounds {
    private let settings: StreamSettings
    /// When the last record came.
    private var lastRecord: Int64
    private var lastSnapshot: Int64
    /// How long nothing must have come before tables are tended although they had few commits.
    private static let quietMilliseconds: Int64 = 3_000

    init(_ settings: StreamSettings, now: Int64) {
        self.settings = settings
        lastRecord = now
        lastSnapshot = now
    }

    /// - Parameters:
    ///   - waitingSince: since when something is read that is not committed.
    ///   - isAsked: whether somebody waits for what is read.
    func isCutDue(
        waitingSince: Int64?, rows: Int, isFull: Bool, isAsked: Bool, now: Int64
    ) -> Bool {
        guard let waitingSince else { return false }
        return isAsked || isFull || rows >= settings.maxRowsPerCommit
            || now - waitingSince >= settings.freshnessMilliseconds
    }

    mutating func recordsCame(now: Int64) { lastRecord = now }

    /// Whether what observers know is to be written down with this cut.
    mutating func takesSnapshot(now: Int64) -> Bool {
        guard now - lastSnapshot >= settings.snapshotIntervalMilliseconds else { return false }
        lastSnapshot = now
        return true
    }

    func isUpkeepDue(commits: Int, now: Int64) -> Bool {
        commits >= settings.commitsPerUpkeep || commits > 0 && now - lastRecord > Self.quietMilliseconds
    }
}

/// A task that runs beside the loop, one at a time.
final class TaskSlot: Sendable {
    private enum State: UInt8, AtomicRepresentable { case free, busy, done }
    private let state = Atomic(State.free)

    var isFree: Bool { state.load(ordering: .acquiring) == .free }
    func begin() { state.store(.busy, ordering: .releasing) }
    /// Said by the task itself, last.
    func finish() { state.store(.done, ordering: .releasing) }

    /// True once for each task that has ended.
    func takeDone() -> Bool {
        state.compareExchange(expected: .done, desired: .free, ordering: .acquiringAndReleasing).exchanged
    }
}
