/// What went wrong in the log.
package struct LogStorageError: Error, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Code: Sendable {
        /// The offset was deleted by retention or does not exist yet.
        case offsetOutOfRange
        /// The files contradict themselves: an operator must look.
        case corrupted
        case diskFull
        /// The disk or the file system refused.
        case inputOutput
        case unknownPartition
        case topicExists
        /// A name that no topic can have.
        case invalidTopicName
        /// A number of partitions that the topic cannot have.
        case invalidPartitionCount
        /// A topic's configuration has a key that is not known, or a value that its key does not allow.
        case invalidConfiguration
        /// There is as much of something as a setting allows.
        case limitReached
        /// The log is being shut down.
        case closed
        /// Another process has the folder.
        case inUse
    }

    package var code: Code
    /// What happened, to which partition or file, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
