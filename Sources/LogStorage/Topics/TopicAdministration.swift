package import StreamModel
import Synchronization

/// A topic as administration sees it.
package struct TopicDescription: Sendable, Equatable {
    package var name: TopicName
    package var id: TopicID
    package var partitionCount: Int
    package var configuration: TopicConfiguration

    package init(name: TopicName, id: TopicID, partitionCount: Int, configuration: TopicConfiguration) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.configuration = configuration
    }
}

/// What clients ask of topics. All that changes something is durable on return, blocks on the disk, and is done one
/// after the other.
extension CommitLog {
    /// Every topic, sorted by name; does not block.
    package func topicDescriptions() -> [TopicDescription] {
        topics.withLock { $0.values.map(\.description) }.sorted { $0.name < $1.name }
    }

    /// Nil if there is no such topic; does not block.
    package func topicDescription(_ name: TopicName) -> TopicDescription? {
        topics.withLock { $0[name] }?.description
    }

    /// Nil if there is no such topic (any more); does not block.
    package func topicDescription(id: TopicID) -> TopicDescription? {
        topics.withLock { $0.values.first { $0.id == id } }?.description
    }

    /// How many partitions a topic has; nil if there is no such topic.
    package func partitionCount(of topic: TopicName) -> Int? {
        topics.withLock { $0[topic]?.partitions.count }
    }

    /// The bytes of a partition's segments; does not block.
    ///
    /// - Throws: `unknownPartition`.
    package func byteCount(of partition: TopicPartition) throws(LogStorageError) -> Int {
        try log(of: partition).byteCount
    }

    /// Makes a topic.
    ///
    /// - Parameter partitions: nil makes as many as `log.num.partitions` says.
    /// - Throws: `topicExists`, `invalidTopicName`, `invalidPartitionCount`, `limitReached` (`log.max.topics`,
    ///   `log.max.partitions`), `diskFull`, `inputOutput`, `closed`; nothing is made then.
    @discardableResult
    package func createTopic(
        _ name: TopicName, partitions: Int? = nil, configuration: TopicConfiguration = TopicConfiguration()
    ) throws(LogStorageError) -> TopicDescription {
        try administer { () throws(LogStorageError) -> TopicDescription in
            guard topics.withLock({ $0[name] }) == nil else {
                throw LogStorageError(.topicExists, "there is a topic \(name) already")
            }
            return try makeTopic(name, partitions ?? settings.partitionsPerTopic, configuration).description
        }
    }

    /// Makes a topic unless it is there.
    ///
    /// - Returns: false if it was there already.
    /// - Throws: as `createTopic`.
    @discardableResult
    package func ensureTopic(_ name: TopicName, partitions: Int? = nil) throws(LogStorageError) -> Bool {
        try administer { () throws(LogStorageError) -> Bool in
            guard topics.withLock({ $0[name] }) == nil else { return false }
            _ = try makeTopic(name, partitions ?? settings.partitionsPerTopic, TopicConfiguration())
            return true
        }
    }

    /// Whether a topic can be made, without making it; does not block.
    ///
    /// - Throws: as `createTopic`.
    package func checkCreation(of name: TopicName, partitions: Int? = nil) throws(LogStorageError) {
        guard topics.withLock({ $0[name] }) == nil else {
            throw LogStorageError(.topicExists, "there is a topic \(name) already")
        }
        try checkName(name)
        try checkLimits(newTopics: 1, newPartitions: partitions ?? settings.partitionsPerTopic)
    }

    /// Gives a topic more partitions.
    ///
    /// - Parameter total: how many it has afterwards; more than it has now.
    /// - Throws: `unknownPartition` if there is no such topic, `invalidPartitionCount`, `limitReached`, `diskFull`,
    ///   `inputOutput`, `closed`.
    package func addPartitions(to name: TopicName, total: Int) throws(LogStorageError) {
        try administer { () throws(LogStorageError) in
            let topic = try topic(name)
            let count = topic.partitions.count
            guard total > count else {
                throw LogStorageError(
                    .invalidPartitionCount, "\(name) has \(count) partitions: \(total) is no increase")
            }
            try checkLimits(newTopics: 0, newPartitions: total - count)
            let larger = try enlarge(topic, to: total)
            topics.withLock { $0[name] = larger }
        }
    }

    /// Gives a topic another configuration, which counts at once.
    ///
    /// - Parameter expected: nothing is changed unless this is what it has; nil: whatever it has.
    /// - Returns: whether it was changed.
    /// - Throws: `unknownPartition` if there is no such topic, `diskFull`, `inputOutput`, `closed`.
    @discardableResult
    package func configure(
        _ name: TopicName, _ configuration: TopicConfiguration, replacing expected: TopicConfiguration? = nil
    ) throws(LogStorageError) -> Bool {
        try administer { () throws(LogStorageError) -> Bool in
            let topic = try topic(name)
            if let expected, topic.settings.configuration != expected { return false }
            try TopicProperties(
                id: topic.id, partitionCount: topic.partitions.count, configuration: configuration
            ).save(in: folder(of: name), on: disk)
            topic.settings.configuration = configuration
            return true
        }
    }

    /// Deletes a topic with all its records: appends that wait and readers get `unknownPartition`.
    ///
    /// Its files are removed in the background, or at the next start.
    ///
    /// - Throws: `unknownPartition` if there is no such topic, `inputOutput`, `closed`.
    package func deleteTopic(_ name: TopicName) throws(LogStorageError) {
        let grave = try administer { () throws(LogStorageError) -> String in
            let topic = try topic(name)
            let grave = "\(directory)/\(Self.deletedPrefix)\(topic.id)"
            // Between two commits, so that no write is on its way to files that are going.
            try onCommitter { [self] () throws(LogStorageError) in
                try rename(topic, to: grave)
                topics.withLock { $0[name] = nil }
                for partition in topic.partitions { committer.expel(partition) }
            }
            try disk.synchronizeDirectory(directory)
            return grave
        }
        removeInBackground(grave)
        appended.withLock(wakes: true) { $0 += 1 }
    }

    /// Makes a partition begin at a later offset; segments that lie before it are deleted.
    ///
    /// No hold keeps them: who asks for this means it.
    ///
    /// - Parameter before: the offset of the first record that stays; nil deletes all there are.
    /// - Returns: the first offset that is left; not less than it was.
    /// - Throws: `unknownPartition`, `offsetOutOfRange` if the partition ends before the offset, `corrupted` for a
    ///   partition that has stopped, `diskFull`, `inputOutput`, `closed`.
    package func deleteRecords(
        of partition: TopicPartition, before: Offset?
    ) throws(LogStorageError) -> Offset {
        try administer { () throws(LogStorageError) -> Offset in
            let log = try log(of: partition)
            try onCommitter { [clock] () throws(LogStorageError) in
                try log.prepareDeletion(before: before?.rawValue, now: clock.milliseconds)
            }
            return Offset(try log.deleteRecords(before: before?.rawValue))
        }
    }

    // MARK: Inside

    /// Moves a topic's folder away; whoever finds files gone meanwhile is told that the topic was deleted.
    private func rename(_ topic: Topic, to grave: String) throws(LogStorageError) {
        let intact = topic.partitions.filter { !$0.isDamaged }
        for partition in intact { partition.setDamage(.deleted(partition.id)) }
        do throws(LogStorageError) {
            try disk.rename(folder(of: topic.name), to: grave)
        } catch {
            for partition in intact { partition.setDamage(nil) }
            throw error
        }
    }

    func topic(_ name: TopicName) throws(LogStorageError) -> Topic {
        guard let topic = topics.withLock({ $0[name] }) else {
            throw LogStorageError(.unknownPartition, "there is no topic \(name)")
        }
        return topic
    }

    /// Does one change of topics after the other, while the log is open.
    private func administer<Result: Sendable>(
        _ body: () throws(LogStorageError) -> Result
    ) throws(LogStorageError) -> Result {
        try administration.withLock { _ throws(LogStorageError) -> Result in
            guard currentState == .open else {
                throw LogStorageError(.closed, "the log is being shut down")
            }
            return try body()
        }
    }

    /// Runs something on the committer's thread and waits for it; not to be called there, or once the log is closed.
    func onCommitter(_ body: @escaping @Sendable () throws(LogStorageError) -> Void) throws(LogStorageError) {
        let answer = ThreadSignal<Result<Void, LogStorageError>?>(nil)
        committer.perform {
            let result: Result<Void, LogStorageError>
            do throws(LogStorageError) { result = .success(try body()) } catch { result = .failure(error) }
            answer.withLock(wakes: true) { $0 = result }
        }
        try answer.wait { $0 }?.get()
    }
}

extension LogStorageError {
    /// What those are told who still use a partition that was deleted.
    static func deleted(_ partition: TopicPartition) -> LogStorageError {
        LogStorageError(.unknownPartition, "\(partition) was deleted")
    }
}
