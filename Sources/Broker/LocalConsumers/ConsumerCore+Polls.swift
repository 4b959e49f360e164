import KafkaWire
import NIOCore
import StreamModel

extension ConsumerCore {
    // MARK: Polls

    mutating func pollBegan(_ id: PollID, _ request: PollRequest, now: NIODeadline) {
        if isClosed { return effects.append(.finish(id, .failure(Self.closedError))) }
        guard polls.count < Self.maxPolls else {
            let error = ConsumerError(
                .illegalState, "\(Self.maxPolls) polls of this consumer wait already: one is enough")
            return effects.append(.finish(id, .failure(error)))
        }
        polls.append(Poll(id: id, request: request))
        if polls.count == 1 { serveFirst(now: now) }
    }

    /// What was handed out before is consumed by now.
    private mutating func serveFirst(now: NIODeadline) {
        if case .nothing = selection {
            return failPolls(
                ConsumerError(
                    .illegalState,
                    "Consumer is not subscribed to any topics or assigned any partitions"))
        }
        if configuration.commitsAutomatically, now - lastCommit >= Self.autoCommitInterval {
            lastCommit = now
            if membership.phase == .stable || membership.phase == .out { commitConsumed(then: .nothing) }
        }
        apply(membership.join())
        if membership.hasHeartbeat { effects.append(.heartbeat(membership.identity)) }
        effects.append(.watch(positions.partitions))
        read()
    }

    /// The time is over: what there is is handed out, after a read that is under way.
    mutating func pollTimedOut(_ id: PollID, now: NIODeadline) {
        guard let place = polls.firstIndex(where: { $0.id == id }) else { return }
        guard place == 0 else {
            polls.remove(at: place)
            return effects.append(.finish(id, .success(PolledRecords())))
        }
        polls[0].isOverdue = true
        if case .reading = reading { return }
        finishFirst(now: now)
    }

    /// Nobody waits for the answer any more: nothing counts as handed out.
    mutating func pollAbandoned(_ id: PollID, now: NIODeadline) {
        guard let place = polls.firstIndex(where: { $0.id == id }) else { return }
        let poll = polls.remove(at: place)
        effects.append(.finish(id, .failure(ConsumerError(.cancelled, "the poll was cancelled"))))
        guard place == 0 else { return }
        keepStarts(of: poll)
        serveNext(now: now)
    }

    private mutating func finishFirst(now: NIODeadline) {
        handOut()
        serveNext(now: now)
    }

    private mutating func serveNext(now: NIODeadline) {
        if polls.isEmpty { effects.append(.watch([])) } else { serveFirst(now: now) }
    }

    /// Where a poll that hands out nothing would have begun: a rule like `latest` must not give another place each time.
    private mutating func keepStarts(of poll: Poll) {
        for (partition, offset) in poll.starts { positions.move(partition, to: .at(offset)) }
        voidRead()
    }

    /// Finishes the first poll if something was read for it; it moves the positions.
    mutating func handOut() {
        guard let poll = polls.first else { return }
        for (partition, offset) in poll.next { positions.move(partition, to: .at(offset)) }
        polls[0].starts = [:]
        polls[0].next = [:]
        voidRead()
        guard !poll.records.isEmpty || poll.isOverdue else { return }
        polls.removeFirst()
        effects.append(.finish(poll.id, .success(poll.records)))
    }

    mutating func failPolls(_ error: ConsumerError) {
        for poll in polls { effects.append(.finish(poll.id, .failure(error))) }
        polls = []
        voidRead()
        effects.append(.watch([]))
    }

    // MARK: Reading

    /// Whatever a read under way brings counts for nothing.
    private mutating func voidRead() {
        epoch += 1
        reading = .idle
    }

    mutating func replacePositions(_ partitions: [TopicPartition]) {
        handOut()
        positions.assign(partitions)
        resumeReading()
    }

    /// After positions have changed.
    mutating func resumeReading() {
        guard !polls.isEmpty else { return }
        effects.append(.watch(positions.partitions))
        read()
    }

    private mutating func read() {
        guard let poll = polls.first, !positions.isEmpty else { return reading = .idle }
        reading = .reading(sawAppend: false)
        let entries = positions.takeTurn().compactMap { partition -> ReadPlan.Entry? in
            let place = poll.next[partition].map(ConsumerPositions.Place.at) ?? positions[partition]
            return place.map { ReadPlan.Entry(partition: partition, place: $0) }
        }
        let plan = ReadPlan(
            entries: entries, bytesLeft: poll.request.maxBytes - poll.records.byteCount,
            recordsLeft: poll.request.maxRecords - poll.records.records.count,
            isFirst: poll.records.isEmpty, objection: poll.request.objection)
        effects.append(.read(plan, epoch: epoch))
    }

    mutating func readFinished(_ harvest: Harvest, epoch: UInt64, now: NIODeadline) {
        guard epoch == self.epoch, !polls.isEmpty, case .reading(let sawAppend) = reading else { return }
        polls[0].records.append(harvest.records)
        polls[0].starts.merge(harvest.starts) { first, _ in first }
        polls[0].next.merge(harvest.next) { $1 }
        if let failure = harvest.failure, polls[0].records.isEmpty {
            let poll = polls.removeFirst()
            effects.append(.finish(poll.id, .failure(failure)))
            keepStarts(of: poll)
            return serveNext(now: now)
        }
        let poll = polls[0]
        if poll.isOverdue || harvest.isFull || harvest.failure != nil
            || poll.records.byteCount > poll.request.minBytes
        {
            polls[0].isOverdue = true
            finishFirst(now: now)
        } else if sawAppend {
            pauseOrRead()
        } else {
            reading = .waiting
        }
    }

    /// Something was appended to one of the partitions.
    mutating func appended() {
        switch reading {
        case .waiting: pauseOrRead()
        case .reading: reading = .reading(sawAppend: true)
        case .idle, .pausing: break
        }
    }

    /// A poll that waits for much is not read for at each append.
    private mutating func pauseOrRead() {
        guard let poll = polls.first, poll.request.minBytes > 0 else { return read() }
        reading = .pausing
        effects.append(.pause(epoch: epoch))
    }

    mutating func pauseOver(epoch: UInt64) {
        guard epoch == self.epoch, reading == .pausing else { return }
        read()
    }

    // MARK: Seeking

    /// Reads on elsewhere; what was read before is handed out.
    mutating func seek(_ places: [TopicPartition: ConsumerPositions.Place]) throws(ConsumerError) {
        try checkAssigned(places.keys)
        handOut()
        for (partition, place) in places { positions.move(partition, to: place) }
        if !polls.isEmpty { resumeReading() }
    }

    func checkAssigned(_ partitions: some Sequence<TopicPartition>) throws(ConsumerError) {
        try ensureOpen()
        if let stranger = positions.stranger(among: partitions) {
            throw ConsumerError(.illegalState, "No current assignment for partition \(stranger)")
        }
    }
}
