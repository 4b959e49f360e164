/// Requests that their senders may repeat, since they carry an `Idempotency-Key`.
package struct IdempotencySettings: Sendable, Equatable {
    /// `gateway.idempotency.window.ms` (milliseconds, default: 86400000, 0: the header is not looked at): for how long a
    /// request with the same key is the same request.
    package var windowMilliseconds: Int64 = 86_400_000
    /// `gateway.idempotency.max.keys` (default: 100000): keys that are remembered; past it the oldest are forgotten.
    package var maxKeys = 100_000

    package init() {}
}
