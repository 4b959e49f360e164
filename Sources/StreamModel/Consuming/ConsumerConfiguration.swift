/// How a consumer of a group is to work.
package struct ConsumerConfiguration: Sendable, Equatable {
    /// Where a partition is read from for which the group has no committed offset, or one that is gone.
    package enum OffsetReset: String, Sendable, CaseIterable {
        case latest
        case earliest
        /// Nowhere: the consumer is told.
        case none
    }

    package var group: String
    /// Begins the member's id, and is what administration shows.
    package var clientID: String
    /// Whose rights count: to the group, and to each topic.
    package var caller: ClusterCaller
    package var offsetReset = OffsetReset.latest
    /// Whether offsets are committed now and then, when partitions are given up, and when the consumer is closed.
    package var commitsAutomatically = true

    package init(group: String, clientID: String, caller: ClusterCaller) {
        self.group = group
        self.clientID = clientID
        self.caller = caller
    }
}

/// Which records a poll waits for.
package struct PollRequest: Sendable {
    /// Most bytes of keys and values together; one record is handed out however large it is.
    package var maxBytes: Int
    /// Most records, which also take memory when they are empty.
    package var maxRecords: Int
    /// More bytes than these end the wait before its time.
    package var minBytes: Int
    package var timeout: Duration
    /// Says why a key or value cannot be handed out; the poll then ends before that record.
    package var objection: (@Sendable (UnsafeRawBufferPointer) -> String?)?

    package init(
        maxBytes: Int, maxRecords: Int = .max, minBytes: Int, timeout: Duration,
        objection: (@Sendable (UnsafeRawBufferPointer) -> String?)? = nil
    ) {
        self.maxBytes = maxBytes
        self.maxRecords = maxRecords
        self.minBytes = minBytes
        self.timeout = timeout
        self.objection = objection
    }
}
