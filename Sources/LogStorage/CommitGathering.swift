/// Decides whether a commit waits a moment for senders that are about to come back.
///
/// Senders that wait for their answers come back together after a commit. Without a pause, those that came in while
/// it flushed would start the next flush at once, and those just answered would share the one after it: twice the
/// flushes for the same records. So a commit waits until as many requests are there as senders were seen, those just
/// answered and those waiting then, but no longer than the last commit took, and not at all for a lone sender, or when
/// the first request comes so late that the others would have been back before it.
struct CommitGathering {
    /// The longest wait, however slow the disk is.
    static let longestWait = Duration.microseconds(500)

    /// Senders that need longer to come back do not come together.
    static let longestReturn = Duration.microseconds(500)

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
    ///
    /// - Parameter elapsed: the time since the last commit.
    func wait(having requestCount: Int, after elapsed: Duration) -> (requestCount: Int, limit: Duration)? {
        guard elapsed < Self.longestReturn, requestCount < senderCount else { return nil }
        return (senderCount, min(lastDuration, Self.longestWait))
    }
}
