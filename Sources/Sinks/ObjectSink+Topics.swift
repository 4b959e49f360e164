import JSONText
import Logging
import ObjectStore
import StreamModel

/// Where the sink begins: after a start, and with each topic.
extension ObjectSink {
    /// Goes on where the sink last stopped; the objects that were planned then are made again by the rounds, however
    /// many they are, so that the start waits for none of them.
    func recover(_ rounds: inout SinkRounds) throws {
        var state = try positions.load()
        try adopt(&state)
        rounds.positions = state.committed
        rounds.lives = state.lives
        rounds.planned = state.planned
        counters.update {
            $0.committed = state.committed
            $0.lives = state.lives
        }
    }

    /// Positions of which it was never written down whose they are belong to the topic that has the name now, if any.
    private func adopt(_ state: inout SinkPositions.State) throws {
        var lives: [TopicName: TopicLife] = [:]
        for topic in state.topicsWithoutLife {
            let id = reader.topicID(of: topic)
            // A topic that is damaged as a whole may have another id once it is put right.
            if let id, !isReadable(topic, id) { continue }
            lives[topic] = TopicLife(id: id)
        }
        guard !lives.isEmpty else { return }
        try positions.adopt(lives)
        state.lives.merge(lives) { $1 }
    }

    private func isReadable(_ topic: TopicName, _ id: TopicID) -> Bool {
        reader.partitions().contains { $0.topic == topic && (try? reader.range(of: $0, in: id)) != nil }
    }

    // MARK: Planned objects

    /// Makes objects that were planned: as many as memory is for, the others in the next rounds.
    ///
    /// Those of a partition that cannot be read wait until it can; those of a topic that was deleted are given up.
    func remake(_ rounds: inout SinkRounds) async throws {
        var made: [(SinkPositions.Plan, OpenObject)] = []
        var madeBytes = 0
        var waiting: [SinkPositions.Plan] = []
        var waitingPartitions: Set<TopicPartition> = []
        for plan in rounds.planned {
            let topic = plan.partition.topic
            guard let id = rounds.lives[topic]?.id, reader.topicID(of: topic) == id else {
                giveUp(plan)
                continue
            }
            let isFull = madeBytes >= SinkRounds.maxWaitingBytes || made.count == Self.objectsRemadeAtOnce
            do {
                guard !isFull, !waitingPartitions.contains(plan.partition) else {
                    waiting.append(plan)
                    waitingPartitions.insert(plan.partition)
                    continue
                }
                let object = try await thread.run { [self] in try read(plan, in: id) }
                rounds.clearFault(of: plan.partition)
                madeBytes += object.heldBytes
                made.append((plan, object))
            } catch {
                rounds.setFault(error, of: plan.partition, now: clock.milliseconds)
                waiting.append(plan)
                waitingPartitions.insert(plan.partition)
            }
        }
        rounds.planned = waiting
        if !made.isEmpty {
            try await store(made)
            for (plan, _) in made { rounds.positions[plan.partition] = plan.end }
            logger.info(
                "objects that were under way were made again",
                metadata: ["count": "\(made.count)", "left": "\(waiting.count)"])
        }
        counters.update { $0.error = nil }
    }

    private func giveUp(_ plan: SinkPositions.Plan) {
        logger.warning(
            "an object that was under way is given up: its topic was deleted",
            metadata: ["partition": "\(plan.partition)", "start": "\(plan.start)", "end": "\(plan.end)"])
    }

    private func read(_ plan: SinkPositions.Plan, in topic: TopicID) throws -> OpenObject {
        var object = OpenObject(start: plan.start)
        var scanner = JSONScanner()
        var next = plan.start
        while next < plan.end {
            let after = try reader.read(
                plan.partition, in: topic, from: next, maxBytes: Self.readBytes
            ) { record in
                if record.offset < plan.end { object.append(record, of: plan.partition, with: &scanner) }
            }
            guard after > next else { break }
            next = after
        }
        return object
    }

    // MARK: New topics

    /// Begins with topics that have their first records; their objects get names that no object has.
    func begin(_ topics: [TopicName: TopicID], _ rounds: inout SinkRounds) async throws {
        guard !topics.isEmpty else { return }
        var lives: [TopicName: TopicLife] = [:]
        for (topic, id) in topics {
            let keys = try await store.list(
                prefix: ObjectNaming.prefix(directory: settings.topicsDirectory, topic))
            let last = [rounds.lives[topic]?.number, ObjectNaming.lastLife(of: topic, among: keys)]
                .compactMap(\.self).max()
            let life = TopicLife(id: id, number: last.map { $0 + 1 } ?? 0)
            lives[topic] = life
            guard life.number > 0 else { continue }
            logger.warning(
                "the bucket has objects of an earlier topic of this name; they stay as they are",
                metadata: [
                    "topic": "\(topic)", "names of new objects begin with": "\(topic)~\(life.number)+",
                ])
        }
        try positions.begin(lives)
        rounds.begin(lives)
        let begun = lives
        counters.update { values in
            values.lives.merge(begun) { $1 }
            values.committed = values.committed.filter { begun[$0.key.topic] == nil }
        }
    }
}
