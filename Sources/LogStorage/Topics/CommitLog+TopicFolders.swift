import Dispatch
import Logging
import StreamModel
import Synchronization

/// Topics as folders: `<topic>/<partition>/`, and beside the partitions `topic.properties`.
///
/// A topic comes into being and goes by a rename, so that it is there with all its partitions or not at all.
extension CommitLog {
    static let unfinishedPrefix = ".new-"
    static let deletedPrefix = ".deleted-"

    func folder(of topic: TopicName) -> String { "\(directory)/\(topic)" }

    // MARK: Opening

    /// Opens all topics, several at a time.
    func openTopics() throws(LogStorageError) {
        let names = try sweep()
        let opened = Mutex<[Result<Topic, LogStorageError>]>([])
        DispatchQueue.concurrentPerform(iterations: names.count) { place in
            let result: Result<Topic, LogStorageError>
            do throws(LogStorageError) {
                result = .success(try openTopic(names[place]))
            } catch {
                result = .failure(error)
            }
            opened.withLock { $0.append(result) }
        }
        var found: [TopicName: Topic] = [:]
        for result in opened.withLock({ $0 }) {
            let topic = try result.get()
            found[topic.name] = topic
        }
        topics.withLock { $0 = found }
    }

    /// Removes what was cut off when it was made or deleted; returns the topics that are there.
    private func sweep() throws(LogStorageError) -> [TopicName] {
        var names: [TopicName] = []
        for name in try disk.list(directory).sorted() {
            if name.hasPrefix(Self.unfinishedPrefix) {
                try disk.remove("\(directory)/\(name)")
            } else if name.hasPrefix(Self.deletedPrefix) {
                removeInBackground("\(directory)/\(name)")
            } else if let topic = TopicName(name) {
                names.append(topic)
            } else {
                logger.warning("a folder that is no topic is left alone", metadata: ["name": "\(name)"])
            }
        }
        return names
    }

    private func openTopic(_ name: TopicName) throws(LogStorageError) -> Topic {
        let folder = folder(of: name)
        let names = try disk.list(folder)
        let found = Set(names.compactMap(Int32.init).filter { $0 >= 0 })
        let folderCount = Int(found.max() ?? 0) + 1
        let properties: TopicProperties
        do throws(LogStorageError) {
            properties = try loadProperties(
                of: name, isThere: names.contains(TopicProperties.fileName), folderCount)
        } catch {
            guard error.code == .corrupted else { throw error }
            logger.error("topic stopped", metadata: ["topic": "\(name)", "error": "\(error)"])
            return damagedTopic(name, partitionCount: folderCount, error)
        }
        if folderCount > properties.partitionCount {
            logger.warning(
                "folders of partitions that the topic does not have are left alone",
                metadata: ["topic": "\(name)", "partitions": "\(properties.partitionCount)"])
        }
        let settings = TopicSettings(settings, properties.configuration)
        var partitions: [PartitionLog] = []
        for index in 0..<Int32(clamping: properties.partitionCount) {
            if !found.contains(index) { try replacePartition("\(folder)/\(index)", in: folder) }
            partitions.append(try openPartition(TopicPartition(name, PartitionIndex(index)), settings))
        }
        return Topic(name: name, id: properties.id, settings: settings, partitions: partitions)
    }

    /// The topic's properties; those of a topic that has none, as older versions made them, are made and saved.
    private func loadProperties(
        of name: TopicName, isThere: Bool, _ folderCount: Int
    ) throws(LogStorageError) -> TopicProperties {
        if isThere { return try TopicProperties.load(from: folder(of: name), on: disk) }
        let properties = TopicProperties(id: topicIDs.next(), partitionCount: folderCount)
        try properties.save(in: folder(of: name), on: disk)
        return properties
    }

    func openPartition(
        _ id: TopicPartition, _ topicSettings: TopicSettings
    ) throws(LogStorageError) -> PartitionLog {
        let directory = "\(folder(of: id.topic))/\(id.partition)"
        let recovery = PartitionRecovery(disk: disk, settings: topicSettings.current, logger: logger)
        do throws(LogStorageError) {
            return PartitionLog(
                try recovery.open(id, directory: directory), settings: topicSettings, disk: disk)
        } catch {
            guard error.code == .corrupted else { throw error }
            logger.error("partition stopped", metadata: ["partition": "\(id)", "error": "\(error)"])
            return PartitionLog(damaged: error, id: id, directory: directory, topicSettings, disk)
        }
    }

    /// Stands in for a topic whose properties cannot be read; it has an id of its own until they can be.
    private func damagedTopic(
        _ name: TopicName, partitionCount: Int, _ error: LogStorageError
    ) -> Topic {
        let settings = TopicSettings(settings)
        let partitions = (0..<Int32(clamping: partitionCount)).map { index in
            PartitionLog(
                damaged: error, id: TopicPartition(name, PartitionIndex(index)),
                directory: "\(folder(of: name))/\(index)", settings, disk)
        }
        return Topic(name: name, id: topicIDs.next(), settings: settings, partitions: partitions)
    }

    /// Begins a partition anew whose folder an operator has moved away.
    private func replacePartition(_ path: String, in folder: String) throws(LogStorageError) {
        logger.warning("a partition's folder is missing and begins anew", metadata: ["path": "\(path)"])
        try disk.makeDirectory(path)
        try disk.synchronizeDirectory(folder)
    }

    // MARK: Making

    func checkName(_ name: TopicName) throws(LogStorageError) {
        for prefix in [Self.unfinishedPrefix, Self.deletedPrefix] where name.rawValue.hasPrefix(prefix) {
            throw LogStorageError(
                .invalidTopicName,
                "\(name): names that begin with \(prefix) are kept for the log's own folders")
        }
    }

    func checkLimits(newTopics: Int, newPartitions: Int) throws(LogStorageError) {
        guard newPartitions > 0 else {
            throw LogStorageError(
                .invalidPartitionCount, "a topic has 1 partition or more, not \(newPartitions)")
        }
        let (topicCount, partitionCount) = topics.withLock { topics in
            (topics.count, topics.values.reduce(0) { $0 + $1.partitions.count })
        }
        guard topicCount + newTopics <= settings.maxTopics else {
            throw LogStorageError(
                .limitReached, "there are \(topicCount) topics, the most that log.max.topics allows")
        }
        guard newPartitions <= settings.maxPartitions - partitionCount else {
            throw LogStorageError(
                .limitReached,
                "there are \(partitionCount) partitions, and log.max.partitions allows \(settings.maxPartitions): "
                    + "\(newPartitions) more are too many")
        }
    }

    /// Makes a topic that is not there; durable on return.
    func makeTopic(
        _ name: TopicName, _ partitionCount: Int, _ configuration: TopicConfiguration
    ) throws(LogStorageError) -> Topic {
        try checkName(name)
        try checkLimits(newTopics: 1, newPartitions: partitionCount)
        let properties = TopicProperties(
            id: topicIDs.next(), partitionCount: partitionCount, configuration: configuration)
        try makeFolders(of: name, properties)
        let topic = try openTopic(name)
        topics.withLock { $0[name] = topic }
        return topic
    }

    /// Makes a topic's folders under another name first, so that they are there all or not at all.
    private func makeFolders(
        of name: TopicName, _ properties: TopicProperties
    ) throws(LogStorageError) {
        let unfinished = "\(directory)/\(Self.unfinishedPrefix)\(name)"
        // What attempts that failed early or late have left behind; nobody was told of it.
        try disk.remove(unfinished)
        if try disk.list(directory).contains(name.rawValue) {
            try disk.rename(folder(of: name), to: unfinished)
        }
        try disk.remove(unfinished)
        for index in 0..<properties.partitionCount { try disk.makeDirectory("\(unfinished)/\(index)") }
        try properties.save(in: unfinished, on: disk)
        try disk.rename(unfinished, to: folder(of: name))
        try disk.synchronizeDirectory(directory)
    }

    /// The topic with more partitions; durable on return.
    func enlarge(_ topic: Topic, to total: Int) throws(LogStorageError) -> Topic {
        let folder = folder(of: topic.name)
        let added = Int32(clamping: topic.partitions.count)..<Int32(clamping: total)
        for index in added { try disk.makeDirectory("\(folder)/\(index)") }
        try disk.synchronizeDirectory(folder)
        var partitions = topic.partitions
        for index in added {
            partitions.append(
                try openPartition(TopicPartition(topic.name, PartitionIndex(index)), topic.settings))
        }
        // From here on they are the topic's: folders alone are not.
        try TopicProperties(
            id: topic.id, partitionCount: total, configuration: topic.settings.configuration
        ).save(in: folder, on: disk)
        return Topic(name: topic.name, id: topic.id, settings: topic.settings, partitions: partitions)
    }

    // MARK: Removing

    /// Removes a folder that is no topic's any more; what is left when the log is closed goes at the next start.
    func removeInBackground(_ path: String) {
        removal.async { [self] in
            guard currentState != .closed else { return }
            do throws(LogStorageError) {
                try disk.remove(path)
            } catch {
                logger.warning(
                    "a deleted topic's folder is left behind",
                    metadata: ["path": "\(path)", "error": "\(error)"])
            }
        }
    }
}
