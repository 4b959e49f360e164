/// Where records go in: the embedded log, or a remote one behind the same face.
package protocol RecordAppender: Sendable {
    /// Appends records and calls back when they are durable, or why they are not.
    ///
    /// The records' bytes are taken over during the call. `completion` runs exactly once, on any thread, and must
    /// not block. Of a request that fails with an error other than `.failed` nothing is stored.
    func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void)
}

/// Appends the records of a request that may have been appended already.
package protocol AppendOnce: Sendable {
    /// As `RecordAppender.append`, but what is stored of the records already stays the only copy.
    func append(
        _ records: RecordList, to topic: TopicName, by appender: any RecordAppender,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void)
}

/// Where appended records came to lie.
package enum AppendReceipt: Sendable, Equatable {
    /// All in one partition, one after the other from this offset on.
    case run(PartitionIndex, from: Offset)
    /// Each where its key or its sender sent it, in the order of the request.
    case scattered([TopicOffset])

    package struct TopicOffset: Sendable, Equatable {
        package var partition: PartitionIndex
        package var offset: Offset

        package init(partition: PartitionIndex, offset: Offset) {
            self.partition = partition
            self.offset = offset
        }
    }
}

/// Why records were not appended.
package struct AppendError: Error, Equatable {
    /// What the sender can do about it.
    package enum Code: Sendable {
        /// No such topic, and topics are not created on first use.
        case unknownTopic
        case unknownPartition
        /// A name that no topic can have.
        case invalidTopic
        case recordTooLarge
        /// The topic takes no such record: a compacted one none without a key.
        case invalidRecord
        /// Too much is waiting to be written: try again shortly.
        case overloaded
        /// No room on the disk: try again when there is.
        case diskFull
        /// The partition has stopped because of damage or a disk error: an operator must look.
        case failed
        /// The log is being shut down.
        case closed
    }

    package var code: Code
    /// What happened, to which topic or file, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
