/// How long to wait before a request is sent again: twice as long each time, with a random part.
///
/// The random part keeps many writers that were refused together from coming back together.
struct S3RetryPolicy: Sendable {
    var retries: Int
    var backoffMilliseconds: Int

    /// The longest wait, unless the store asks for more.
    static let maxMilliseconds = 20_000
    /// The longest wait that a store may ask for.
    static let maxAskedMilliseconds = 60_000

    /// Nil when the request is not to be sent again.
    ///
    /// - Parameters:
    ///   - failures: how often it has failed, from 1 on.
    ///   - asked: what the store asks for, in seconds.
    ///   - chance: from 0 to 1.
    func delay(after failures: Int, asked: Int?, chance: Double) -> Duration? {
        guard failures <= retries else { return nil }
        let doubled = Double(max(0, backoffMilliseconds)) * Double(1 << min(max(failures - 1, 0), 20))
        let most = min(doubled, Double(Self.maxMilliseconds))
        let own = Int(most * (0.5 + 0.5 * min(max(chance, 0), 1)))
        let (milliseconds, overflow) = max(0, asked ?? 0).multipliedReportingOverflow(by: 1000)
        let wanted = overflow ? Self.maxAskedMilliseconds : min(milliseconds, Self.maxAskedMilliseconds)
        return .milliseconds(max(own, wanted))
    }
}
