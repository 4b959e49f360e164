import JSONText
import Sinks
import StreamModel

// The bodies of the interface, in the order of members in which Kafka Connect writes them.
extension JSONWriter {
    mutating func configuration(_ configuration: [String: String]) {
        object { writer in
            for (key, value) in configuration.sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
        }
    }

    mutating func connector(_ view: ConnectorView) {
        object { writer in
            writer.member("name", view.name)
            writer.key("config")
            writer.configuration(view.configuration)
            writer.member(
                "tasks", array: { for number in 0..<view.taskCount { $0.taskID(number, of: view.name) } })
            writer.member("type", "sink")
        }
    }

    mutating func taskID(_ number: Int, of connector: String) {
        object {
            $0.member("connector", connector)
            $0.member("task", number)
        }
    }

    mutating func tasks(_ view: ConnectorView) {
        array { writer in
            for number in 0..<view.taskCount {
                writer.object {
                    $0.key("id")
                    $0.taskID(number, of: view.name)
                    $0.key("config")
                    $0.configuration(Self.taskConfiguration(view))
                }
            }
        }
    }

    mutating func taskConfigurations(_ view: ConnectorView) {
        object { writer in
            for number in 0..<view.taskCount {
                writer.key("\(view.name)-\(number)")
                writer.configuration(Self.taskConfiguration(view))
            }
        }
    }

    /// A task's configuration names its class, which is called like the connector's.
    private static func taskConfiguration(_ view: ConnectorView) -> [String: String] {
        let name = PluginName.normalized(view.configuration["connector.class"] ?? "")
        return view.configuration.merging(["task.class": name + "Task"]) { $1 }
    }

    // MARK: State

    mutating func status(_ status: ConnectorStatus) {
        object { writer in
            writer.member("name", status.name)
            writer.member(
                "connector",
                object: {
                    $0.member("state", status.state.rawValue)
                    $0.member("worker_id", status.workerID)
                    if let trace = status.trace { $0.member("trace", trace) }
                })
            writer.member(
                "tasks", array: { for task in status.tasks { $0.task(task, workerID: status.workerID) } })
            writer.member("type", "sink")
        }
    }

    mutating func task(_ task: ConnectorStatus.TaskStatus, workerID: String) {
        object {
            $0.member("id", task.number)
            $0.member("state", task.state.rawValue)
            $0.member("worker_id", workerID)
            if let trace = task.trace { $0.member("trace", trace) }
        }
    }

    mutating func progress(_ status: ConnectorStatus) {
        object { writer in
            writer.member("name", status.name)
            writer.member(
                "tasks",
                array: { writer in
                    for task in status.tasks {
                        writer.object {
                            $0.member("id", task.number)
                            $0.member("state", task.state.rawValue)
                            $0.member("failures", task.failures)
                            $0.member("next_attempt", orNull: task.nextAttempt)
                            $0.member("store", orNull: task.location)
                            $0.member(
                                "partitions", array: { for item in task.progress { $0.partition(item) } })
                        }
                    }
                })
        }
    }

    private mutating func partition(_ progress: SinkProgress) {
        object {
            $0.member("topic", progress.partition.topic.rawValue)
            $0.member("partition", progress.partition.partition.rawValue)
            $0.member("committed", progress.committed.rawValue)
            $0.member("position", progress.position.rawValue)
            $0.member("end", progress.end.rawValue)
            $0.member("lag", progress.lag)
            $0.member("open_files", progress.openFiles)
            $0.member("open_records", progress.openRecords)
            $0.member("open_bytes", progress.openBytes)
            $0.member("next_flush", orNull: progress.nextFlush)
        }
    }

    private mutating func member(_ name: String, orNull number: Int64?) {
        key(name)
        if let number { integer(number) } else { null() }
    }

    mutating func offsets(_ offsets: [TopicPartition: Offset]) {
        object {
            $0.member(
                "offsets",
                array: { writer in
                    for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
                        writer.object {
                            $0.member(
                                "partition",
                                object: {
                                    $0.member("kafka_partition", partition.partition.rawValue)
                                    $0.member("kafka_topic", partition.topic.rawValue)
                                })
                            $0.member("offset", object: { $0.member("kafka_offset", offset.rawValue) })
                        }
                    }
                })
        }
    }

    mutating func logger(_ entry: LogLevels.Entry) {
        object {
            $0.member("level", LevelName.name(entry.level))
            $0.member("last_modified", orNull: entry.modified)
        }
    }

    // MARK: Configurations

    mutating func keys(_ keys: [ConfigKey]) {
        var orders: [String: Int] = [:]
        array { writer in
            for key in keys {
                orders[key.group, default: 0] += 1
                writer.definition(key, order: orders[key.group] ?? 0)
            }
        }
    }

    private mutating func definition(_ key: ConfigKey, order: Int) {
        object {
            $0.member("name", key.name)
            $0.member("type", key.type.rawValue)
            $0.member("required", key.isRequired)
            $0.member("default_value", orNull: key.defaultValue)
            $0.member("importance", key.importance.rawValue)
            $0.member("documentation", key.documentation)
            $0.member("group", key.group)
            $0.member("width", key.width.rawValue)
            $0.member("display_name", key.displayName)
            $0.member("dependents", strings: key.dependents)
            $0.member("order_in_group", order)
        }
    }

    mutating func report(_ report: ConfigurationReport) {
        object { writer in
            writer.member("name", report.className)
            writer.member("error_count", report.errors.count)
            writer.member("groups", strings: report.groups)
            writer.member(
                "configs",
                array: { writer in
                    for value in report.values {
                        writer.object {
                            $0.key("definition")
                            $0.definition(value.key, order: value.orderInGroup)
                            $0.key("value")
                            $0.value(value)
                        }
                    }
                })
        }
    }

    private mutating func value(_ value: ConfigurationReport.Value) {
        object {
            $0.member("name", value.key.name)
            $0.member("value", orNull: value.value)
            $0.member("recommended_values", strings: value.key.recommendedValues)
            $0.member("errors", strings: value.errors)
            $0.member("visible", true)
        }
    }
}
