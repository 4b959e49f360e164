import Synchronization

/// Remembers what was asked for, up to a limit; who asks for what is on its way waits for that.
final class SchemaCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    typealias Found = Result<Value, SchemaRegistryError>

    private struct Entry {
        var value: Value
        var found: ContinuousClock.Instant
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// The keys in the order in which they came; those at the front go first.
        var order: [Key] = []
        var waiting: [Key: [CheckedContinuation<Found, Never>]] = [:]
    }

    private let maxEntries: Int
    private let lifetime: Duration?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter lifetime: nil for what never changes.
    init(
        maxEntries: Int, lifetime: Duration? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    ) {
        self.maxEntries = maxEntries
        self.lifetime = lifetime
        self.now = now
    }

    private enum Step {
        case known(Value)
        case fetch
        case wait
    }

    /// What is known for a key, or what `fetch` finds; a failure is not remembered.
    func value(
        for key: Key, fetch: @Sendable () async throws(SchemaRegistryError) -> Value
    ) async throws(SchemaRegistryError) -> Value {
        let step = state.withLock { state -> Step in
            if let entry = state.entries[key], isFresh(entry) { return .known(entry.value) }
            if state.waiting[key] != nil { return .wait }
            state.waiting[key] = []
            return .fetch
        }
        switch step {
        case .known(let value): return value
        case .fetch:
            let found: Found
            do throws(SchemaRegistryError) {
                found = .success(try await fetch())
            } catch {
                found = .failure(error)
            }
            finish(key, found)
            return try found.get()
        case .wait:
            let found = await withCheckedContinuation { continuation in
                let isLate = state.withLock { state in
                    guard state.waiting[key] != nil else { return true }
                    state.waiting[key]?.append(continuation)
                    return false
                }
                if isLate { continuation.resume(returning: late(key)) }
            }
            return try found.get()
        }
    }

    /// What came while the caller made up its mind to wait for it.
    private func late(_ key: Key) -> Found {
        state.withLock { state in
            state.entries[key].map { .success($0.value) }
                ?? .failure(SchemaRegistryError(.unavailable, "the schema registry has failed: try again"))
        }
    }

    private func finish(_ key: Key, _ found: Found) {
        let waiting = state.withLock { state in
            if case .success(let value) = found { keep(value, for: key, in: &state) }
            return state.waiting.removeValue(forKey: key) ?? []
        }
        for continuation in waiting { continuation.resume(returning: found) }
    }

    private func keep(_ value: Value, for key: Key, in state: inout State) {
        if state.entries.updateValue(Entry(value: value, found: now()), forKey: key) == nil {
            state.order.append(key)
        }
        guard state.order.count > maxEntries else { return }
        // More than one at a time, since the rest moves up.
        let count = max(1, maxEntries / 8)
        for old in state.order.prefix(count) { state.entries[old] = nil }
        state.order.removeFirst(min(count, state.order.count))
    }

    private func isFresh(_ entry: Entry) -> Bool {
        lifetime.map { now() - entry.found < $0 } ?? true
    }

    var count: Int { state.withLock { $0.entries.count } }
}
