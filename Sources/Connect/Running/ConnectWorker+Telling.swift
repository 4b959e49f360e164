import Sinks
package import StreamModel
import Synchronization

extension ConnectWorker: StatusSource, MetricSource {
    /// Most partitions whose lag is shown; the others are left out.
    private static let maxSeries = 5_000

    /// A connector that fails is no reason to take the server for broken: its own status tells.
    package nonisolated func status() -> PartStatus {
        let failed = board.withLock { board in
            board.values.filter { connector in
                connector.trace != nil || connector.runs.contains { $0.current.state == .failed }
            }.map(\.definition.name).sorted()
        }
        return PartStatus(
            part: "connect", isReady: true,
            detail: failed.isEmpty ? "running" : "failed: \(failed.joined(separator: ", "))")
    }

    package nonisolated func samples() -> [MetricSample] {
        let statuses = board.withLock { Array($0.values) }.map { status($0) }.sorted { $0.name < $1.name }
        var samples = [
            MetricSample(
                "pinline_connect_connectors", .gauge, help: "Connectors there are.",
                value: Double(statuses.count))
        ]
        var left = Self.maxSeries
        for status in statuses {
            for task in status.tasks {
                samples += Self.samples(of: task, connector: status.name)
                for progress in task.progress.prefix(left) {
                    samples += Self.samples(of: progress, connector: status.name)
                }
                left = max(0, left - task.progress.count)
            }
        }
        return samples
            + board.withLock { Array($0.values) }.flatMap { connector in
                connector.runs.flatMap { $0.current.task?.samples() ?? [] }
            }
    }

    private static func samples(
        of task: ConnectorStatus.TaskStatus, connector: String
    ) -> [MetricSample] {
        let labels = [(name: "connector", value: connector), (name: "task", value: "\(task.number)")]
        return [
            MetricSample(
                "pinline_connect_task_running", .gauge, help: "1 if the task works.", labels: labels,
                value: task.state == .running ? 1 : 0),
            MetricSample(
                "pinline_connect_task_failures_total", .counter,
                help: "How often the task has failed since it was started.", labels: labels,
                value: Double(task.failures)),
            MetricSample(
                "pinline_connect_task_next_attempt_seconds", .gauge,
                help: "When a failed task begins again by itself, in seconds since 1970; 0 if it does not.",
                labels: labels, value: Double(task.nextAttempt ?? 0) / 1_000),
        ]
    }

    private static func samples(of progress: SinkProgress, connector: String) -> [MetricSample] {
        let labels = [
            (name: "connector", value: connector), (name: "topic", value: progress.partition.topic.rawValue),
            (name: "partition", value: "\(progress.partition.partition)"),
        ]
        func gauge(_ name: String, _ help: String, _ value: Int64) -> MetricSample {
            MetricSample(
                "pinline_connect_\(name)", .gauge, help: help, labels: labels, value: Double(value))
        }
        return [
            gauge("lag_records", "Records that are not in the store yet.", progress.lag),
            gauge("open_files", "Files that are being filled.", Int64(progress.openFiles)),
            gauge("open_records", "Records in files that are being filled.", Int64(progress.openRecords)),
            gauge("open_bytes", "Bytes in files that are being filled.", Int64(progress.openBytes)),
            gauge(
                "next_flush_seconds",
                "When the clock closes the open files, in seconds since 1970; 0 if it does not.",
                (progress.nextFlush ?? 0) / 1_000),
        ]
    }
}

extension SinkProgress {
    /// Records of the partition that are not in the store for good.
    var lag: Int64 { max(0, end.rawValue - committed.rawValue) }
}
