/// When a request is sent again, and after how long.
package struct RetryPolicy: Sendable, Equatable {
    /// Why a request has to be sent again.
    package enum Cause: Sendable, Equatable {
        /// The server answered that it is busy; with its `Retry-After`, if it sent one.
        case busy(retryAfter: String?)
        /// No answer came; the records may or may not be stored.
        case noAnswer
    }

    /// How often one request is repeated before its records count as failed.
    package var maxRetries: Int
    package var firstDelay: Duration
    /// The longest wait of our own.
    package var maxDelay: Duration
    /// The longest wait that a `Retry-After` can ask for.
    package var maxRetryAfter: Duration

    package init(
        maxRetries: Int = 10, firstDelay: Duration = .milliseconds(100), maxDelay: Duration = .seconds(5),
        maxRetryAfter: Duration = .seconds(60)
    ) {
        self.maxRetries = maxRetries
        self.firstDelay = firstDelay
        self.maxDelay = maxDelay
        self.maxRetryAfter = maxRetryAfter
    }

    /// The wait before a request is sent again; nil if it is given up.
    ///
    /// Without `Retry-After` the wait doubles each time up to `maxDelay`, and is then shortened by up to
    /// half, so that senders which failed together do not come back together.
    ///
    /// - Parameter retriesSoFar: How often this request has been repeated already.
    package func delay(
        after cause: Cause, retriesSoFar: Int, chance: inout SplitMix64
    ) -> Duration? {
        guard retriesSoFar < maxRetries else { return nil }
        if case .busy(let text?) = cause, let seconds = Int(text), seconds >= 0 {
            return min(.seconds(min(seconds, 1 << 20)), maxRetryAfter)
        }
        var delay = firstDelay
        for _ in 0..<min(retriesSoFar, 30) where delay < maxDelay { delay *= 2 }
        delay = min(delay, maxDelay)
        return delay / 2 + delay * chance.below(1_000) / 2_000
    }
}
