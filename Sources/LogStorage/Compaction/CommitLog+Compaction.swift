import Logging
import StreamModel
import Synchronization

/// What compaction has done since the start.
struct CompactionCounters: Sendable {
    var runs = 0
    var removedRecords = 0
    var removedBytes = 0
}

extension CommitLog {
    /// Compacts the partitions that have enough to do, one after the other; in the background.
    func compactPartitions() {
        for partition in intactPartitions() where partition.settings.cleanupPolicy.compacts {
            // As long as there is work: what did not fit into memory at once is done in several passes.
            while currentState == .open, compact(partition) {}
        }
    }

    /// Returns whether it was compacted, so that there may be more to do.
    private func compact(_ partition: PartitionLog) -> Bool {
        let now = clock.milliseconds
        do {
            guard
                let plan = try partition.compactionPlan(now: now, holdOffset: heldOffset(of: partition.id))
            else { return false }
            let result = try partition.compact(
                plan, now: now, swapping: { try swap($0) },
                isStopped: { currentState != .open || partition.isDamaged })
            took(result, of: partition)
            return true
        } catch {
            guard currentState == .open, !partition.isDamaged else { return false }
            logger.error(
                "compaction failed", metadata: ["partition": "\(partition.id)", "error": "\(error)"])
            if let error = error as? LogStorageError, error.code != .corrupted { return false }
            // It would fail again at each attempt: damage stays until somebody mends it.
            partition.compaction.withLock {
                $0.failure = LogStorageError(.corrupted, "\(error)")
            }
            return false
        }
    }

    /// Changes the segments of a partition while no topic is changed.
    private func swap(_ body: () throws -> Void) throws {
        try administration.withLock { _ in
            guard currentState == .open else {
                throw LogStorageError(.closed, "the log is being shut down")
            }
            try body()
        }
    }

    private func took(_ result: CompactionResult, of partition: PartitionLog) {
        compactions.withLock { counters in
            counters.runs += 1
            counters.removedRecords += result.removedRecords
            counters.removedBytes += result.bytesBefore - result.bytesAfter
        }
        logger.info(
            "compacted",
            metadata: [
                "partition": "\(partition.id)", "records_removed": "\(result.removedRecords)",
                "bytes_before": "\(result.bytesBefore)", "bytes_after": "\(result.bytesAfter)",
            ])
    }

    /// What compaction has done, for those who measure.
    var compactionSamples: [MetricSample] {
        let counters = compactions.withLock { $0 }
        func counter(_ name: String, _ help: String, _ value: Int) -> MetricSample {
            MetricSample(name, .counter, help: help, value: Double(value))
        }
        return [
            counter("pinline_log_compactions_total", "Compactions of partitions.", counters.runs),
            counter(
                "pinline_log_compaction_removed_records_total", "Records that compaction removed.",
                counters.removedRecords),
            counter(
                "pinline_log_compaction_removed_bytes_total",
                "Bytes by which compaction made segments smaller.",
                counters.removedBytes),
        ]
    }
}
