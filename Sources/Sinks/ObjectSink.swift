import JSONText
package import Logging
import NIOCore
package import ObjectStore
import ServiceLifecycle
package import StreamModel
import Synchronization

/// The built-in sink: every record of the chosen topics becomes a line of an object, exactly once and in order.
///
/// One round: read, and where an object is full or due: plan its range, store it, commit the range. Whatever dies
/// in between, the next start makes a planned object again with the same bytes under the same key.
package final class ObjectSink: Service, StatusSource, MetricSource {
    let settings: SinkSettings
    let reader: any TopicReader
    private let appender: any RecordAppender
    let store: any ObjectStore
    let positions: SinkPositions
    let clock: WallClock
    let logger: Logger
    private let accepts: @Sendable (TopicName) -> Bool
    let counters = SinkCounters()
    /// Reading and encoding block, and may wait while requests are answered.
    let thread = BackgroundThread(name: "object-sink", niceness: 19)
    private let stop = ThreadSignal(false)
    /// Whether somebody waits for what is in open objects.
    let wantsFlush = Atomic(false)

    /// Bytes read from one partition in one go.
    static let readBytes = 1 << 20
    /// Most objects that are made again in one round; new records are read between two rounds.
    static let objectsRemadeAtOnce = 500
    /// The least time between two rounds that find little; lets records gather, since a round has a fixed cost.
    private static let gatheringTime = Duration.milliseconds(100)

    /// - Parameter accepts: which topics are taken.
    package init(
        settings: SinkSettings, reader: any TopicReader, appender: any RecordAppender,
        store: any ObjectStore,
        positions: SinkPositions, clock: WallClock = .system, logger: Logger,
        accepts: @escaping @Sendable (TopicName) -> Bool
    ) {
        self.settings = settings
        self.reader = reader
        self.appender = appender
        self.store = store
        self.positions = positions
        self.clock = clock
        self.logger = logger
        self.accepts = accepts
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.runUntilStopped()
        }
    }

    private func runUntilStopped() async {
        await withTaskCancellationHandler {
            var rounds = SinkRounds(settings: settings)
            while !Task.isCancelled {
                do {
                    try recover(&rounds)
                    counters.update {
                        $0.isRunning = true
                        // What the store refused is still refused, until the objects are in it.
                        if rounds.planned.isEmpty { $0.error = nil }
                    }
                    try await work(&rounds)
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("the sink waits and begins again", metadata: ["error": "\(error)"])
                    counters.update { $0.error = "\(error)" }
                    rounds = SinkRounds(settings: settings)
                    await pause(.milliseconds(settings.retryBackoffMilliseconds))
                }
            }
        } onCancel: {
            stop.withLock(wakes: true) { $0 = true }
        }
    }

    // MARK: Work

    private func work(_ rounds: inout SinkRounds) async throws {
        var generation: UInt64 = 0
        while true {
            try Task.checkCancellation()
            let current = reader.waitForAppend(after: generation, timeout: .zero)
            let box = SinkRounds.Box(rounds)
            // The box must be the only owner, or every object that is open would be copied.
            rounds = SinkRounds(settings: settings)
            let backlog = try await thread.run { [self] in
                box.rounds.read(
                    reader, partitions: acceptedPartitions(), maxBytes: Self.readBytes,
                    now: clock.milliseconds)
            }
            rounds = box.rounds
            report(rounds.faults)
            let takesAll = backlog != .more && wantsFlush.exchange(false, ordering: .acquiring)
            let finished = rounds.takeFinished(now: clock.milliseconds, all: takesAll)
            if !finished.isEmpty { try await store(finished) }
            try await begin(rounds.takeMet(), &rounds)
            if rounds.isRemakingDue(now: clock.milliseconds) {
                try await remake(&rounds)
                report(rounds.faults)
            }
            guard backlog != .more, !rounds.isRemakingDue(now: clock.milliseconds) else { continue }
            await pause(Self.gatheringTime)
            if backlog == .none, current == generation { await waitForRecords(after: current, rounds) }
            generation = current
        }
    }

    /// Tells of partitions that cannot be read, once for each cause.
    private func report(_ faults: [TopicPartition: SinkRounds.Fault]) {
        let messages = faults.mapValues(\.message)
        let known = counters.current.faults
        guard messages != known else { return }
        for (partition, message) in messages where known[partition] != message {
            logger.error("a partition waits", metadata: ["partition": "\(partition)", "error": "\(message)"])
        }
        counters.update { $0.faults = messages }
    }

    func acceptedPartitions() -> [TopicPartition] {
        reader.partitions().filter { accepts($0.topic) }
    }

    /// Stores objects: planned first, then made visible, then committed.
    func store(_ objects: [(SinkPositions.Plan, OpenObject)]) async throws {
        let plans = objects.map(\.0)
        try positions.plan(plans)
        for (plan, object) in objects {
            try await setAside(object.deadLetters)
            if let first = object.firstOffset {
                try await store.put(object.content, as: key(of: plan.partition, first))
            }
        }
        try positions.commit(plans)
        counters.update { values in
            for (_, object) in objects {
                values.objects += object.recordCount > 0 ? 1 : 0
                values.records += object.recordCount
                values.bytes += object.content.count
                values.deadLetters += object.deadLetters.count
                values.tombstones += object.tombstones
            }
            for plan in plans { values.committed[plan.partition] = plan.end }
        }
    }

    private func key(of partition: TopicPartition, _ first: Offset) throws(ObjectStoreError) -> ObjectKey {
        let directory = settings.topicsDirectory
        let life = counters.current.lives[partition.topic]?.number ?? 0
        if let key = ObjectNaming.key(directory: directory, partition, life: life, firstOffset: first) {
            return key
        }
        throw ObjectStoreError(
            .unavailable,
            "\(partition): sink.topics.dir '\(directory)' makes no object key: it must be a path like topics, "
                + "without / at its ends")
    }

    /// The offset from which on the log must keep records, since they are in no object yet; nil for a topic that
    /// the sink does not take.
    package func heldOffset(of partition: TopicPartition) -> Offset? {
        guard accepts(partition.topic) else { return nil }
        return counters.committed(partition, in: reader.topicID(of: partition.topic)) ?? Offset(0)
    }

    private func setAside(_ letters: [DeadLetter]) async throws {
        guard let topic = settings.deadLetterTopic else { return }
        for letter in letters {
            let records = letter.asRecord
            let result = await withCheckedContinuation { continuation in
                appender.append(records, to: topic) { continuation.resume(returning: $0) }
            }
            _ = try result.get()
        }
    }

    // MARK: Waiting

    private func waitForRecords(after generation: UInt64, _ rounds: SinkRounds) async {
        let due = rounds.nextDue.map { max(0, $0 - clock.milliseconds) } ?? 500
        _ = try? await thread.run { [reader] in
            reader.waitForAppend(after: generation, timeout: .milliseconds(min(due, 500)))
        }
    }

    private func pause(_ time: Duration) async {
        _ = try? await thread.run { [stop] in stop.wait(timeout: time) { $0 ? true : nil } }
    }

    // MARK: Telling

    package func status() -> PartStatus {
        let values = counters.current
        if let error = values.error ?? values.faults.min(by: { $0.key < $1.key })?.value {
            return PartStatus(part: "sink", isReady: false, detail: error)
        }
        return PartStatus(
            part: "sink", isReady: values.isRunning, detail: values.isRunning ? "running" : "recovering")
    }

    package func samples() -> [MetricSample] {
        let lags = acceptedPartitions().compactMap { partition -> (TopicPartition, Int64)? in
            guard let topic = reader.topicID(of: partition.topic),
                let range = try? reader.range(of: partition, in: topic)
            else { return nil }
            let position = max(counters.committed(partition, in: topic) ?? range.start, range.start)
            return (partition, range.end.rawValue - position.rawValue)
        }
        return counters.samples(lags: lags)
    }
}

extension DeadLetter {
    /// The record for the dead-letter topic: key and value as they were, origin and reason in headers named as
    /// Kafka Connect names them.
    fileprivate var asRecord: RecordList {
        var bytes = ByteBuffer(bytes: value)
        let keySlice = key.map { RecordList.Slice(start: value.count, count: $0.count) }
        if let key { bytes.writeBytes(key) }
        let origin = [
            ("topic", partition.topic.rawValue), ("partition", "\(partition.partition)"),
            ("offset", "\(offset)"),
            ("exception.message", reason),
        ]
        let headers = origin.map { RecordHeader(name: "__connect.errors.\($0)", value: Array($1.utf8)) }
        let entry = RecordList.Entry(
            key: keySlice, value: RecordList.Slice(start: 0, count: value.count), headers: headers)
        return RecordList(bytes: bytes, entries: [entry])
    }
}
