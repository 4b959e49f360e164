/// Limits of the live metrics.
package struct LiveSettings: Sendable, Equatable {
    /// `live.max.bytes` (bytes, default: 268435456): the most memory for counts; up to it counts are exact, beyond it the
    /// rarest keys give way and answers tell how far they may be off.
    package var maxBytes = 268_435_456

    package init() {}

    /// What one count takes: its key's number, its sum, and its place while it is added to, in lists that grow by doubling.
    static let bytesPerEntry = 32
    /// The most rows of one answer.
    static let maxRows = 1_000
    static let defaultRows = 20
}
