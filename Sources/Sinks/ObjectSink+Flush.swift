import StreamModel
import Synchronization

/// Storing at once what the clock would store later.
extension ObjectSink {
    /// How often the positions are looked at.
    private static let lookInterval = Duration.milliseconds(10)

    /// Has everything stored that was acknowledged before the call, and gives up when the time is over.
    ///
    /// - Returns: whether it is stored.
    package func flush(within timeout: Duration) async -> Bool {
        var wanted: [TopicPartition: Offset] = [:]
        for partition in acceptedPartitions() {
            guard let topic = reader.topicID(of: partition.topic),
                let range = try? reader.range(of: partition, in: topic), range.start < range.end
            else { continue }
            wanted[partition] = range.end
        }
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while !isStored(wanted) {
            guard clock.now < deadline, !Task.isCancelled else { return false }
            // Asked for again each time, since a round may have begun before the last records came.
            wantsFlush.store(true, ordering: .releasing)
            try? await clock.sleep(for: Self.lookInterval)
        }
        return true
    }

    private func isStored(_ wanted: [TopicPartition: Offset]) -> Bool {
        wanted.allSatisfy { partition, end in
            guard let topic = reader.topicID(of: partition.topic) else { return true }
            return (counters.committed(partition, in: topic) ?? Offset(0)) >= end
        }
    }
}
