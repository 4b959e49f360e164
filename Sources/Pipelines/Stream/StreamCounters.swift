import StreamModel
import Synchronization

/// What the stream job has done and where it is, for metrics and status.
final class StreamCounters: Sendable {
    struct Table: Sendable {
        var name: String
        var rows = 0
        var repeats = 0
        var commits = 0
        var committedRows = 0
        var version: Int64?
        var remembered = 0
        var rememberedBytes = 0
        var forgotten = 0
        var commitsSinceUpkeep = 0
    }

    struct Values: Sendable {
        enum Phase: String { case off, waiting, recovering, running, stopped }
        var phase = Phase.waiting
        var tables: [Table]
        var setAside: [String: Int] = [:]
        /// Up to where every table holds the records; nil before that is known.
        var durable: [SourceID: Int64]?
        /// Up to where an observer's snapshot goes.
        var observed: [SourceID: Int64]?
        var commitSeconds = 0.0
        var lastCommitSeconds = 0.0
        var batches = 0
        var observerFailures = 0
        var error: String?
        var fault: String?
    }

    private let values: Mutex<Values>

    init(tables: [String]) {
        values = Mutex(Values(tables: tables.map { Table(name: $0) }))
    }

    var current: Values { values.withLock { $0 } }
    func update(_ change: (inout Values) -> Void) { values.withLock { change(&$0) } }

    func count(table: Int, rows: Int, repeats: Int) {
        update {
            $0.tables[table].rows += rows
            $0.tables[table].repeats += repeats
        }
    }

    func countSetAside(_ reason: String) { update { $0.setAside[reason, default: 0] += 1 } }

    /// - Parameter lags: records that are not in the tables yet, by table.
    func samples(lags: [Int64]) -> [MetricSample] {
        let values = current
        var samples = [
            MetricSample(
                "pinline_stream_running", .gauge, help: "1 if tables are kept up to date.",
                value: values.phase == .off || values.phase == .stopped ? 0 : 1),
            MetricSample(
                "pinline_stream_lag_records_sum", .gauge, help: "The lag of all tables together.",
                value: Double(lags.reduce(0, +))),
            MetricSample(
                "pinline_stream_commit_seconds_total", .counter, help: "Time spent on commits.",
                value: values.commitSeconds),
            MetricSample(
                "pinline_stream_last_commit_seconds", .gauge, help: "Time that the last commits took.",
                value: values.lastCommitSeconds),
            MetricSample(
                "pinline_stream_batches_total", .counter, help: "Micro-batches with records.",
                value: Double(values.batches)),
            MetricSample(
                "pinline_stream_observer_failures_total", .counter,
                help: "Micro-batches that live metrics could not take.",
                value: Double(values.observerFailures)),
        ]
        for (reason, count) in values.setAside.sorted(by: { $0.key < $1.key }) {
            samples.append(
                MetricSample(
                    "pinline_stream_set_aside_total", .counter, help: "Records that belong to no table.",
                    labels: [(name: "reason", value: reason)], value: Double(count)))
        }
        for (table, lag) in zip(values.tables, lags) { samples += Self.samples(of: table, lag: lag) }
        return samples
    }

    private static func samples(of table: Table, lag: Int64) -> [MetricSample] {
        let kinds: [(String, MetricSample.Kind, String, Double)] = [
            ("lag_records", .gauge, "Acknowledged records that are not in the table yet.", Double(lag)),
            ("rows_total", .counter, "New rows.", Double(table.rows)),
            (
                "repeats_total", .counter, "Rows dropped because an equal one came before.",
                Double(table.repeats)
            ),
            ("commits_total", .counter, "Commits of the table.", Double(table.commits)),
            ("committed_rows_total", .counter, "Rows committed to the table.", Double(table.committedRows)),
            (
                "table_version", .gauge, "The table's version after the last commit.",
                Double(table.version ?? -1)
            ),
            (
                "remembered_rows", .gauge, "Rows that are remembered to find repeats.",
                Double(table.remembered)
            ),
            ("remembered_bytes", .gauge, "Memory that they take.", Double(table.rememberedBytes)),
            (
                "forgotten_generations_total", .counter, "Eighths of them that were forgotten.",
                Double(table.forgotten)
            ),
        ]
        return kinds.map { name, kind, help, value in
            MetricSample(
                "pinline_stream_" + name, kind, help: help, labels: [(name: "table", value: table.name)],
                value: value)
        }
    }
}
