import StreamModel
import Synchronization

/// What a task has done since it was made, for metrics.
final class TaskCounters: Sendable {
    private struct Values: Sendable {
        var objects = 0
        var records = 0
        var bytes: Int64 = 0
        var retries = 0
        var deadLetters = 0
    }

    private let values = Mutex(Values())

    /// Commits whose positions are written down.
    func stored(_ commits: [PreparedCommit]) {
        values.withLock { values in
            for object in commits.flatMap(\.objects) {
                values.objects += 1
                values.records += object.recordCount
                values.bytes += object.content.size
            }
        }
    }

    func setAside() { values.withLock { $0.deadLetters += 1 } }

    func retried() { values.withLock { $0.retries += 1 } }

    func samples(connector: String, task: Int) -> [MetricSample] {
        let values = values.withLock { $0 }
        func counter(_ name: String, _ help: String, _ value: Double) -> MetricSample {
            MetricSample(
                "pinline_connect_\(name)_total", .counter, help: help,
                labels: [(name: "connector", value: connector), (name: "task", value: "\(task)")],
                value: value)
        }
        return [
            counter("objects", "Objects stored since the task was started.", Double(values.objects)),
            counter("records", "Records in them.", Double(values.records)),
            counter("bytes", "Bytes in them.", Double(values.bytes)),
            counter(
                "store_retries", "Objects that the store had to be asked again to take.",
                Double(values.retries)),
            counter("dead_letters", "Records set aside.", Double(values.deadLetters)),
        ]
    }
}
