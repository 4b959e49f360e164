/// When each post of a run is due.
package struct Pacing: Sendable, Equatable {
    /// Posts a second; nil means that every post is due at once.
    package var rate: Double?

    package init(rate: Double?) {
        self.rate = rate
    }

    /// How long after the start of the run a post is due.
    ///
    /// The schedule does not move when a post is late: later ones catch up, so that the mean rate holds.
    package func dueTime(ofPost number: Int) -> Duration {
        guard let rate, rate > 0 else { return .zero }
        return .seconds(Double(number) / rate)
    }
}
