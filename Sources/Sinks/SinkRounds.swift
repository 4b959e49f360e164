import JSONText
import StreamModel

/// The objects a sink has open, one a partition, and those that are ready to be stored.
struct SinkRounds: Sendable {
    /// Carries the state to the sink's thread and back; one of the two works on it at a time.
    final class Box: @unchecked Sendable {
        var rounds: SinkRounds

        init(_ rounds: SinkRounds) {
            self.rounds = rounds
        }
    }

    /// What a round of reading met.
    enum Backlog: Int, Comparable {
        /// There was nothing to read.
        case none
        /// Everything there was is read.
        case few
        /// More waits to be read.
        case more

        static func < (left: Backlog, right: Backlog) -> Bool { left.rawValue < right.rawValue }
    }

    /// Why a partition is not read, and when it is tried again; the others go on meanwhile.
    struct Fault: Equatable {
        var message: String
        var retryAt: Int64
    }

    private struct Open {
        var object: OpenObject
        var rotation: FileRotation
    }

    /// Most bytes of finished objects that may wait; reading stops there, so that memory stays bounded.
    static let maxWaitingBytes = 32 << 20

    private let settings: SinkSettings
    private var open: [TopicPartition: Open] = [:]
    private var finished: [(SinkPositions.Plan, OpenObject)] = []
    private var waitingBytes = 0
    private(set) var faults: [TopicPartition: Fault] = [:]
    /// Where each partition is read next; those that are missing begin at their start.
    var positions: [TopicPartition: Offset] = [:]
    /// The topics that positions and open objects belong to.
    var lives: [TopicName: TopicLife] = [:]
    /// Objects that are to be made again before anything else of their partitions is read.
    var planned: [SinkPositions.Plan] = []
    /// Topics with records that nothing was read of yet.
    private var met: [TopicName: TopicID] = [:]

    init(settings: SinkSettings) {
        self.settings = settings
    }

    /// Reads some of each partition; returns how much there was to do.
    mutating func read(
        _ reader: any TopicReader, partitions: [TopicPartition], maxBytes: Int, now: Int64
    ) -> Backlog {
        var scanner = JSONScanner()
        var backlog = Backlog.none
        forgetFaults(exceptOf: partitions)
        let waiting = Set(planned.map(\.partition))
        for partition in partitions where !waiting.contains(partition) {
            // Finished objects are stored first, and the rest is read in the next round.
            guard waitingBytes < Self.maxWaitingBytes else { return .more }
            if let fault = faults[partition], now < fault.retryAt { continue }
            do {
                backlog = max(backlog, try read(reader, partition, maxBytes: maxBytes, now: now, &scanner))
                faults[partition] = nil
            } catch {
                setFault(error, of: partition, now: now)
            }
        }
        return backlog
    }

    mutating func setFault(_ error: any Error, of partition: TopicPartition, now: Int64) {
        faults[partition] = Fault(message: "\(error)", retryAt: now + settings.retryBackoffMilliseconds)
    }

    mutating func clearFault(of partition: TopicPartition) { faults[partition] = nil }

    /// Whether planned objects wait and it is time to try again.
    func isRemakingDue(now: Int64) -> Bool {
        planned.contains { plan in faults[plan.partition].map { now >= $0.retryAt } ?? true }
    }

    /// Faults of topics that were deleted concern nobody any more.
    private mutating func forgetFaults(exceptOf partitions: [TopicPartition]) {
        guard !faults.isEmpty else { return }
        let listed = Set(partitions)
        faults = faults.filter { listed.contains($0.key) }
    }

    private mutating func read(
        _ reader: any TopicReader, _ partition: TopicPartition, maxBytes: Int, now: Int64,
        _ scanner: inout JSONScanner
    ) throws -> Backlog {
        guard let topic = reader.topicID(of: partition.topic) else { return .none }
        let life = lives[partition.topic]
        let range = try reader.range(of: partition, in: topic)
        guard life?.id == topic else {
            return meet(topic, partition.topic, hasRecords: range.start < range.end)
        }
        let position = max(positions[partition] ?? range.start, range.start)
        guard position <= range.end else { throw SinkError.lostTail(of: partition, range.end, position) }
        guard position < range.end else { return .none }
        guard ObjectNaming.fits(partition, life: life?.number ?? 0) else {
            throw SinkError.nameTooLong(partition)
        }
        var current = open.removeValue(forKey: partition) ?? makeOpen(at: position)
        var done: [OpenObject] = []
        // If the read fails, what is in no finished object yet is read again.
        positions[partition] = current.object.start
        let next = try reader.read(partition, in: topic, from: position, maxBytes: maxBytes) { record in
            current.object.append(record, of: partition, with: &scanner)
            let action = current.rotation.recordAppended(
                recordCount: current.object.recordCount, byteCount: current.object.heldBytes, now: now)
            guard action != .keepOpen else { return }
            done.append(current.object)
            current = makeOpen(at: current.object.end)
        }
        // Offsets without records count too, so that the lag goes to 0.
        current.object.cover(to: next)
        if !current.object.isEmpty { current.rotation.begin(now: now) }
        positions[partition] = next
        open[partition] = current
        for object in done { finish(object, of: partition) }
        return next < range.end ? .more : .few
    }

    /// Takes note of a topic that is there for the first time, perhaps under the name of one that was deleted.
    private mutating func meet(_ id: TopicID, _ topic: TopicName, hasRecords: Bool) -> Backlog {
        guard hasRecords else { return .none }
        // What was read of the one before becomes its last objects.
        for (partition, current) in open where partition.topic == topic {
            if !current.object.isEmpty { finish(current.object, of: partition) }
            open[partition] = nil
        }
        met[topic] = id
        return .more
    }

    /// Takes the topics that must be begun with before they are read.
    mutating func takeMet() -> [TopicName: TopicID] {
        defer { met = [:] }
        return met
    }

    /// Begins with topics; what is known of others of the same names goes.
    mutating func begin(_ begun: [TopicName: TopicLife]) {
        positions = positions.filter { begun[$0.key.topic] == nil }
        faults = faults.filter { begun[$0.key.topic] == nil }
        planned.removeAll { begun[$0.partition.topic] != nil }
        lives.merge(begun) { $1 }
    }

    private func makeOpen(at offset: Offset) -> Open {
        Open(
            object: OpenObject(start: offset),
            rotation: FileRotation(
                maxRecords: settings.flushSize, maxBytes: settings.maxObjectBytes,
                intervalMilliseconds: settings.rotateScheduleMilliseconds))
    }

    private mutating func finish(_ object: OpenObject, of partition: TopicPartition) {
        waitingBytes += object.heldBytes
        finished.append((.init(partition: partition, start: object.start, end: object.end), object))
    }

    /// Takes the objects that are full, and those that are due by the clock.
    ///
    /// - Parameter all: every open object is due.
    mutating func takeFinished(now: Int64, all: Bool = false) -> [(SinkPositions.Plan, OpenObject)] {
        for (partition, var current) in open {
            let isDue = current.rotation.timerFired(now: now) != .keepOpen
            guard all || isDue, !current.object.isEmpty else { continue }
            finish(current.object, of: partition)
            current = makeOpen(at: current.object.end)
            open[partition] = current
        }
        defer {
            finished = []
            waitingBytes = 0
        }
        return finished
    }

    /// When the clock will close the next object.
    var nextDue: Int64? { open.values.compactMap(\.rotation.nextDue).min() }
}
