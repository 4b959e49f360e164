/// How long a task waits before it begins again by itself: twice as long after each failure, up to a limit.
struct RestartPauses: Sendable, Equatable {
    let first: Duration
    let longest: Duration
    private var next: Duration

    init(first: Duration, longest: Duration) {
        self.first = min(first, longest)
        self.longest = longest
        next = self.first
    }

    init(_ settings: ConnectSettings) {
        self.init(
            first: .milliseconds(settings.retryBackoffMilliseconds),
            longest: .milliseconds(settings.maxRetryBackoffMilliseconds))
    }

    /// The pause after a failure.
    ///
    /// - Parameter time: how long the task had worked; one that did so for longer than the longest pause is taken
    ///   for sound again.
    mutating func failed(afterWorkingFor time: Duration) -> Duration {
        if time > longest { next = first }
        defer { next = min(next * 2, longest) }
        return next
    }
}
