/// Why something about topics, settings, groups or rights could not be told or done.
package struct ClusterError: Error, Equatable {
    /// What the caller can do about it.
    package enum Code: Sendable, Equatable {
        /// No such topic.
        case unknownTopic
        /// The topic has no such partition.
        case unknownPartition
        /// No such group, broker or setting.
        case notFound
        /// There is a topic of that name.
        case topicExists
        /// The request breaks a rule: a name, a number, a setting, a limit.
        case refused
        /// The caller has not the right.
        case denied
        /// The time or the server's state did not allow it: try again.
        case unavailable
        /// The disk or the log failed: an operator must look.
        case failed
    }

    package var code: Code
    /// What happened, to what, and how to put it right; in Apache Kafka's words where it has any.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
