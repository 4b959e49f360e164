package import Sinks

/// A connector as it is told to its users: Kafka Connect's ConnectorInfo.
package struct ConnectorView: Sendable, Equatable {
    package var name: String
    package var configuration: [String: String]
    package var taskCount: Int
}

/// How a connector is: Kafka Connect's ConnectorStateInfo, and a little more.
package struct ConnectorStatus: Sendable {
    package struct TaskStatus: Sendable {
        package var number: Int
        package var state: TaskState
        package var trace: String?
        package var failures: Int
        /// When the task begins again by itself, in milliseconds since 1970.
        package var nextAttempt: Int64?
        package var progress: [SinkProgress]
        /// Where it stores; nil while it does not run.
        package var location: String?
    }

    package var name: String
    package var state: TaskState
    package var trace: String?
    package var workerID: String
    package var tasks: [TaskStatus]
}
