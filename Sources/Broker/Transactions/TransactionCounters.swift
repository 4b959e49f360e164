import StreamModel
import Synchronization

/// What the transaction coordinator has done since its start.
final class TransactionCounters: Sendable {
    let committed = Atomic<Int>(0)
    let aborted = Atomic<Int>(0)
    let timedOut = Atomic<Int>(0)
    let failures = Atomic<Int>(0)

    func countEnd(isCommit: Bool) {
        if isCommit {
            committed.add(1, ordering: .relaxed)
        } else {
            aborted.add(1, ordering: .relaxed)
        }
    }

    fileprivate var samples: [MetricSample] {
        [
            ended("commit", committed.load(ordering: .relaxed)),
            ended("abort", aborted.load(ordering: .relaxed)),
            MetricSample(
                "pinline_transactions_timed_out_total", .counter,
                help: "Transactions aborted because their producer did not end them in time.",
                value: Double(timedOut.load(ordering: .relaxed))),
            MetricSample(
                "pinline_transaction_completion_failures_total", .counter,
                help: "Markers and offsets of decided transactions that had to be written again.",
                value: Double(failures.load(ordering: .relaxed))),
        ]
    }

    private func ended(_ result: String, _ count: Int) -> MetricSample {
        MetricSample(
            "pinline_transactions_total", .counter, help: "Transactions ended, by result.",
            labels: [(name: "result", value: result)], value: Double(count))
    }
}

extension TransactionCoordinator: MetricSource {
    func samples() -> [MetricSample] {
        let (known, ongoing, prepared) = contents.withLock { contents in
            (contents.transactions.count, contents.ongoing.count, contents.completing)
        }
        return counters.samples + [
            MetricSample(
                "pinline_transactional_ids", .gauge, help: "Transactional ids that are known.",
                value: Double(known)),
            MetricSample(
                "pinline_transactions_ongoing", .gauge, help: "Transactions open now.",
                value: Double(ongoing)),
            MetricSample(
                "pinline_transactions_completing", .gauge,
                help: "Transactions that are decided, and not complete on all partitions yet.",
                value: Double(prepared)),
        ]
    }
}
