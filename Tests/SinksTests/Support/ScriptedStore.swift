import ObjectStore
import StreamModel
import Testing

/// A store in memory that fails at chosen puts and remembers everything it was ever handed.
final class ScriptedStore: ObjectStore {
    enum Fault: Sendable, CaseIterable {
        /// The object does not become visible.
        case before
        /// The object becomes visible, but the sink never hears of it.
        case after
    }

    struct Put: Sendable, Equatable {
        var key: String
        var text: String
    }

    private struct State: Sendable {
        var puts: [Put] = []
        var faults: [Int: Fault] = [:]
        var faultMet = false
    }

    private let memory = MemoryStore()
    private let state = ThreadSignal(State())

    /// Makes the `number`-th put from now fail; 0 is the next one.
    func fail(_ fault: Fault, atPut number: Int = 0) {
        state.withLock {
            $0.faults[$0.puts.count + number] = fault
            $0.faultMet = false
        }
    }

    /// Returns when the fault has happened.
    func whenFailed(sourceLocation: SourceLocation = #_sourceLocation) async {
        await state.when(sourceLocation) { $0.faultMet }
    }

    /// Every put there was, those that failed included.
    var puts: [Put] { state.withLock { $0.puts } }

    /// The objects that are there, by key.
    var objects: [Put] {
        get async {
            var objects: [Put] = []
            for key in await memory.list(prefix: "", after: nil, limit: .max).map(\.key) {
                objects.append(
                    Put(
                        key: key.rawValue,
                        text: String(decoding: await memory.get(key, range: nil) ?? [], as: UTF8.self))
                )
            }
            return objects
        }
    }

    /// The lines of all objects below a prefix, in the order of their keys.
    func lines(_ prefix: String = "topics/u.pin/partition=0/") async -> [String] {
        await objects.filter { $0.key.hasPrefix(prefix) }
            .flatMap { $0.text.split(separator: "\n").map(String.init) }
    }

    func put(
        _ content: [UInt8], as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        let fault = state.withLock { state in
            state.puts.append(Put(key: key.rawValue, text: String(decoding: content, as: UTF8.self)))
            return state.faults.removeValue(forKey: state.puts.count - 1)
        }
        let outcome = fault == .before ? .stored : await memory.put(content, as: key, options: options)
        guard fault != nil else { return outcome }
        state.withLock(wakes: true) { $0.faultMet = true }
        throw ObjectStoreError(.full, "the disk is full")
    }

    func put(
        file path: String, as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        try await memory.put(file: path, as: key, options: options)
    }

    func get(_ key: ObjectKey, range: Range<Int64>?) async throws(ObjectStoreError) -> [UInt8]? {
        await memory.get(key, range: range)
    }

    func get(_ key: ObjectKey, into path: String) async throws(ObjectStoreError) -> ObjectStat? {
        try await memory.get(key, into: path)
    }

    func stat(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectStat? { await memory.stat(key) }

    func list(
        prefix: String, after: ObjectKey?, limit: Int
    ) async throws(ObjectStoreError) -> [ListedObject] {
        await memory.list(prefix: prefix, after: after, limit: limit)
    }

    func delete(_ key: ObjectKey) async throws(ObjectStoreError) { await memory.delete(key) }
}
