import Logging
import ObjectStore
import StreamModel

/// Stores prepared objects and moves positions on, each exactly once.
///
/// In this order: spool files are flushed; plans are written down; objects are stored; positions are written down
/// and plans deleted; spool files are deleted. Whatever dies between two steps, the next task stores what was
/// planned again with the same bytes, and reads what was not planned again from the log.
struct Committer: Sendable {
    let connector: String
    let task: Int
    let configuration: S3SinkConfiguration
    let positions: ConnectorPositions
    let store: any ObjectStore
    let appender: any RecordAppender
    let thread: BackgroundThread
    let logger: Logger
    let fault: @Sendable (String) throws -> Void
    /// Waits before the store is tried again; throws once the task is stopped.
    let pause: @Sendable (Duration) async throws -> Void
    var counters = TaskCounters()

    /// Most objects that are stored at a time.
    private static let concurrency = 8

    /// Stores commits that were prepared just now.
    func store(_ commits: [PreparedCommit]) async throws {
        let hasObjects = commits.contains { !$0.objects.isEmpty }
        try await thread.run {
            for commit in commits {
                for case let path? in commit.objects.map(\.content.path) { try SpoolDisk.flush(path) }
            }
        }
        try fault("sink.after-write")
        for commit in commits { try await setAside(commit.letters) }
        if hasObjects {
            try await thread.run { try positions.plan(commits, of: connector) }
            try fault("sink.after-plan")
        }
        try await finish(commits)
    }

    /// Stores commits that are planned, perhaps by a task that died.
    func finish(_ commits: [PreparedCommit]) async throws {
        let objects = commits.flatMap(\.objects)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, object) in objects.enumerated() {
                if index >= Self.concurrency { try await group.next() }
                group.addTask { try await put(object) }
            }
            try await group.waitForAll()
        }
        try fault("sink.before-commit")
        try await thread.run { try positions.commit(commits, of: connector) }
        counters.stored(commits)
        try fault("sink.after-commit")
        try fault("sink.before-delete")
        let paths = objects.compactMap(\.content.path)
        guard !paths.isEmpty else { return }
        try await thread.run { for path in paths { SpoolDisk.delete(path) } }
    }

    // MARK: Objects

    private func put(_ object: PreparedObject) async throws {
        var isWaiting = false
        while true {
            do throws(ObjectStoreError) {
                try await putOnce(object)
                break
            } catch {
                guard error.isRetriable else { throw TaskFailure("\(object.key): \(error.message)") }
                if !isWaiting {
                    logger.warning(
                        "the store is tried again",
                        metadata: ["object": "\(object.key)", "error": "\(error.message)"])
                }
                isWaiting = true
                counters.retried()
                try await pause(.milliseconds(configuration.retryBackoff))
            }
        }
        try fault("sink.after-upload")
    }

    private func putOnce(_ object: PreparedObject) async throws(ObjectStoreError) {
        let options = PutOptions(
            ifAbsent: configuration.conditionalWrites, tags: tags(of: object),
            contentType: object.contentType)
        let outcome =
            switch object.content.place {
            case .memory(let bytes): try await store.put(bytes, as: object.key, options: options)
            case .file(let path): try await store.put(file: path, as: object.key, options: options)
            }
        guard outcome == .exists else { return }
        guard let stat = try await store.stat(object.key) else {
            throw ObjectStoreError(
                .unavailable,
                "the store says that there is an object of this name, and then that there is none")
        }
        guard try await holds(stat, object) else {
            throw ObjectStoreError(
                .refused,
                "an object of this name is there with other content, and is not written over. Move it away, choose "
                    + "another topics.dir, or set enable.conditional.writes to false to write over it")
        }
    }

    /// Whether the object that has the name holds what this one does.
    private func holds(_ stat: ObjectStat, _ object: PreparedObject) async throws(ObjectStoreError) -> Bool {
        guard stat.size == object.content.size else { return false }
        var found = Checksum()
        var offset: Int64 = 0
        while offset < stat.size {
            let end = min(stat.size, offset + Self.pieceBytes)
            guard let piece = try await store.get(object.key, range: offset..<end), !piece.isEmpty else {
                return false
            }
            found.update(piece)
            offset += Int64(piece.count)
        }
        return found.value == object.content.checksum
    }

    private static let pieceBytes: Int64 = 8 << 20

    private func tags(of object: PreparedObject) -> [(String, String)] {
        guard configuration.tagsOffsets else { return configuration.tags }
        return [
            ("startOffset", "\(object.start)"), ("endOffset", "\(object.end)"),
            ("recordCount", "\(object.recordCount)"),
        ] + configuration.tags
    }

    // MARK: Dead letters

    private func setAside(_ letters: [ErrantRecord]) async throws {
        guard let name = configuration.errors.deadLetterTopic, !letters.isEmpty else { return }
        guard let topic = TopicName(name) else {
            throw TaskFailure("errors.deadletterqueue.topic.name: '\(name)' is no topic's name")
        }
        for letter in letters {
            let record = letter.asRecord(
                connector: connector, task: task, contextHeaders: configuration.errors.contextHeaders)
            while true {
                let result = await withCheckedContinuation { continuation in
                    appender.append(record, to: topic) { continuation.resume(returning: $0) }
                }
                guard case .failure(let error) = result else {
                    counters.setAside()
                    break
                }
                guard [.overloaded, .diskFull].contains(error.code) else {
                    throw TaskFailure("the dead-letter topic \(topic) takes no record: \(error.message)")
                }
                try await pause(.milliseconds(configuration.retryBackoff))
            }
        }
    }
}
