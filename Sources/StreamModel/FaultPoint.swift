import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Places where a process can be told to die, so that tests can prove what it does after a crash between two steps.
///
/// `PINLINE_FAULT=<name>` kills the process the first time it passes the point of that name, `<name>:<n>` the n-th
/// time. Without it, passing a point costs a load and a comparison.
package enum FaultPoint {
    private final class Armed: Sendable {
        let name: String
        let left: Atomic<Int>

        init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1)
            guard let name = parts.first, let count = parts.count > 1 ? Int(parts[1]) : 1 else { return nil }
            self.name = String(name)
            left = Atomic(count)
        }
    }

    private static let armed = getenv("PINLINE_FAULT").flatMap { Armed(String(cString: $0)) }

    /// Goes on, or ends the process as `kill -9` would.
    @inline(__always)
    package static func pass(_ name: @autoclosure () -> String) {
        if let armed { pass(name(), armed) }
    }

    private static func pass(_ name: String, _ armed: Armed) {
        guard armed.name == name, armed.left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        kill(getpid(), SIGKILL)
    }
}
