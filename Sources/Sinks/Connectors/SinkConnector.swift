package import StreamModel

/// A kind of sink connector: what it can be told, and how it works.
package protocol SinkConnector: Sendable {
    /// The full name of the class that it stands for.
    var className: String { get }
    /// The version of that class whose behaviour it has.
    var version: String { get }
    /// Every key that is its own; those that all sinks have are not among them.
    var definition: ConfigDefinition { get }

    /// What is wrong beyond single values: keys that need or exclude one another, by the key to blame.
    func findings(in configuration: [String: String]) -> [String: [String]]

    /// Makes one of a connector's tasks; it does nothing until it is run.
    ///
    /// - Throws: what the user must change, if the configuration cannot be run.
    func makeTask(_ context: SinkTaskContext) throws -> any SinkTask
}

/// What a task is told by its worker.
package struct SinkTaskContext: Sendable {
    /// The name of the connector, and the number of this task among its tasks, from 0 on.
    package var connector: String
    package var task: Int
    package var taskCount: Int
    /// The connector's whole configuration.
    package var configuration: [String: String]
    /// Whether the connector takes a topic: by `topics` or `topics.regex`.
    package var accepts: @Sendable (TopicName) -> Bool

    package init(
        connector: String, task: Int, taskCount: Int, configuration: [String: String],
        accepts: @escaping @Sendable (TopicName) -> Bool
    ) {
        self.connector = connector
        self.task = task
        self.taskCount = taskCount
        self.configuration = configuration
        self.accepts = accepts
    }
}

/// One task of a running connector.
package protocol SinkTask: Sendable {
    /// Works until the surrounding task is cancelled. What waits in open files then is read again by the next run.
    ///
    /// - Throws: what the task cannot get over by itself; it has failed then, and the error is its trace.
    func run() async throws

    /// Closes every open file now, and returns once what was read so far is in the store.
    func flush() async throws

    /// Where each partition stands that the task has read from.
    func progress() -> [SinkProgress]

    /// Where the task stores, as its users are told; nil if that has no place.
    var location: String? { get }

    /// What the task has done, for metrics: names begin with `pinline_connect_`, labels name connector and task.
    func samples() -> [MetricSample]
}

extension SinkTask {
    package var location: String? { nil }

    package func samples() -> [MetricSample] { [] }
}

/// Where a sink's task stands in one partition.
package struct SinkProgress: Sendable {
    package var partition: TopicPartition
    /// One past the last offset that is in the store for good.
    package var committed: Offset
    /// One past the last offset that was read.
    package var position: Offset
    /// One past the last offset that the log has.
    package var end: Offset
    /// Files that are being filled, and the records and bytes in them.
    package var openFiles: Int
    package var openRecords: Int
    package var openBytes: Int
    /// When the clock will close the open files, in milliseconds since 1970; nil if it will not.
    package var nextFlush: Int64?

    package init(
        partition: TopicPartition, committed: Offset, position: Offset, end: Offset, openFiles: Int,
        openRecords: Int, openBytes: Int, nextFlush: Int64?
    ) {
        self.partition = partition
        self.committed = committed
        self.position = position
        self.end = end
        self.openFiles = openFiles
        self.openRecords = openRecords
        self.openBytes = openBytes
        self.nextFlush = nextFlush
    }
}
