/// Decides whether a commit waits a moment for senders that are about to come back.
///
/// Senders that wait for their answers come back together after a commit. Without a pause, those that came in while
/// it flushed would start the next flush at once, and those just answered would share the one after it: twice the
/// flushes for the same records. So a commit waits until as many requests are there as senders were seen, those just
/// answered and those waiting then, but no longer than the last commit took, and not at all for a lone sender.
struct CommitGathering {
    /// The longest wait, however slow the disk is.
    static let longestWait = Duration.microseconds(500)

    private var senderCount = 0
    private var lastDuration = Duration.zero

    /// Takes note of a commit.
    ///
    /// - Parameters:
    ///   - requestCount: how many requests it answered.
    ///   - waitingCount: how many came in meanwhile.
    ///   - duration: how long writing and flushing took.
    mutating func committed(requestCount: Int, waitingCount: Int, took duration: Duration) {
        senderCount = requestCount + waitingCount
        lastDuration = duration
    }

    /// How many requests to wait for, and how long; nil if the commit should begin at once.
    func wait(having requestCount: Int) -> (requestCount: Int, limit: Duration)? {
        guard requestCount < senderCount else { return nil }
        return (senderCount, min(lastDuration, Self.longestWait))
    }
}
