/// Hands records that may have been appended already to what knows of it; all others go straight on.
package struct OnceAppender: RecordAppender {
    private let appender: any RecordAppender

    package init(_ appender: any RecordAppender) {
        self.appender = appender
    }

    package func append(
        _ records: RecordList, to topic: TopicName,
        completion: @escaping @Sendable (Result<AppendReceipt, AppendError>) -> Void
    ) {
        guard let once = records.once else {
            return appender.append(records, to: topic, completion: completion)
        }
        var records = records
        records.once = nil
        once.append(records, to: topic, by: appender, completion: completion)
    }
}
