import StreamModel
import Synchronization

/// What a sink has done and where it is, for metrics and status.
final class SinkCounters: Sendable {
    struct Values: Sendable {
        var committed: [TopicPartition: Offset] = [:]
        /// Whose offsets these are.
        var lives: [TopicName: TopicLife] = [:]
        var objects = 0
        var records = 0
        var bytes = 0
        var deadLetters = 0
        var tombstones = 0
        var error: String?
        /// Why partitions are not read.
        var faults: [TopicPartition: String] = [:]
        var isRunning = false
    }

    private let values = Mutex(Values())

    var current: Values { values.withLock { $0 } }

    func update(_ change: (inout Values) -> Void) { values.withLock { change(&$0) } }

    /// The next offset of a partition that is in no object; nil if nothing of this topic is in one.
    func committed(_ partition: TopicPartition, in topic: TopicID?) -> Offset? {
        values.withLock { $0.lives[partition.topic]?.id == topic ? $0.committed[partition] : nil }
    }

    func samples(lags: [(TopicPartition, Int64)]) -> [MetricSample] {
        let values = current
        func counter(_ name: String, _ help: String, _ value: Int) -> MetricSample {
            MetricSample(name, .counter, help: help, value: Double(value))
        }
        let partitions = lags.map { partition, lag in
            MetricSample(
                "pinline_sink_lag_records", .gauge, help: "Acknowledged records that are in no object yet.",
                labels: [
                    (name: "topic", value: partition.topic.rawValue),
                    (name: "partition", value: "\(partition.partition)"),
                ],
                value: Double(lag))
        }
        return partitions + [
            MetricSample(
                "pinline_sink_lag_records_sum", .gauge, help: "The lag of all partitions together.",
                value: Double(lags.reduce(0) { $0 + $1.1 })),
            counter("pinline_sink_objects_total", "Objects stored.", values.objects),
            counter("pinline_sink_records_total", "Records stored.", values.records),
            counter("pinline_sink_bytes_total", "Bytes stored.", values.bytes),
            counter("pinline_sink_dead_letters_total", "Records set aside.", values.deadLetters),
            counter("pinline_sink_tombstones_total", "Records without a value, left out.", values.tombstones),
        ]
    }
}
