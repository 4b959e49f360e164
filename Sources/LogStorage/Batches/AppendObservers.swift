import StreamModel
import Synchronization

/// Those who want to know what becomes readable; held weakly.
final class AppendObservers: Sendable {
    private struct Reference: Sendable {
        weak var observer: (any AppendObserver)?
    }

    private let references = Mutex<[Reference]>([])
    private let count = Atomic<Int>(0)

    func add(_ observer: any AppendObserver) {
        references.withLock { references in
            references.removeAll { $0.observer == nil }
            references.append(Reference(observer: observer))
            count.store(references.count, ordering: .releasing)
        }
    }

    @inline(__always)
    func appended(_ byteCount: Int, to partition: TopicPartition) {
        guard count.load(ordering: .acquiring) > 0 else { return }
        // Outside the lock: an observer may add another.
        let observers = references.withLock { $0.compactMap(\.observer) }
        for observer in observers { observer.appended(byteCount, to: partition) }
    }
}
