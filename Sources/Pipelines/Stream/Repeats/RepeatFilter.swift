import QueryEngine
import Synchronization

/// Says of each cleaned row of a micro-batch whether it is new.
///
/// Nothing is remembered before the statement has ended well: `take` gives what it found.
final class RepeatFilter: RowVisitor {
    struct Found: Sendable {
        /// New rows, in their order.
        var new: [RowHash] = []
        var repeats = 0
    }

    private struct State: Sendable {
        var found = Found()
        var batch: Set<RowHash> = []
    }

    let seed: UInt64
    private let isKnown: @Sendable (RowHash) -> Bool
    private let state = Mutex(State())

    /// - Parameter isKnown: whether a row came before this statement.
    init(seed: UInt64, isKnown: @escaping @Sendable (RowHash) -> Bool) {
        self.seed = seed
        self.isKnown = isKnown
    }

    func visit(_ rows: UnsafeBufferPointer<RowHash>, wanted: UnsafeMutableBufferPointer<Bool>) {
        state.withLock { state in
            for (index, hash) in rows.enumerated() {
                if !isKnown(hash), state.batch.insert(hash).inserted {
                    state.found.new.append(hash)
                } else {
                    wanted[index] = false
                    state.found.repeats += 1
                }
            }
        }
    }

    /// What was found since the last call.
    func take() -> Found {
        state.withLock { state in
            defer { state = State() }
            return state.found
        }
    }
}
