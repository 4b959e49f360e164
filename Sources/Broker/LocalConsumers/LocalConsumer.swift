import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Synchronization

/// The shell round `ConsumerCore`: its lock, its timers, the coordinator it talks to and the threads that read for it.
///
/// Effects are performed one after the other, outside the lock, by whichever thread finds nobody at it; so the
/// coordinator hears of a member's steps in their order. An idle consumer takes no thread and no buffer.
final class LocalConsumer: GroupConsumer, AppendWaiter {
    /// Kafka's default; a member within the server dies with it, so it only has to be longer than a heartbeat's time.
    static let sessionTimeoutMilliseconds: Int32 = 45_000
    /// A poll that waits for many bytes is not read for more often, however small the appends are.
    static let gatheringPause = TimeAmount.milliseconds(20)

    private struct State {
        var core: ConsumerCore
        var queue: [ConsumerCore.Effect] = []
        var isPerforming = false
        var polls: [ConsumerCore.PollID: WaitingPoll] = [:]
        var nextPoll: ConsumerCore.PollID = 0
        var closers: [CheckedContinuation<Void, Never>] = []
        var watched: [TopicPartition] = []
        var ticking: GroupTimer?
        var namesVersion: UInt64?
    }

    private struct WaitingPoll {
        var timer: GroupTimer
        var reply: CheckedContinuation<Result<PolledRecords, ConsumerError>, Never>
    }

    private let state: Mutex<State>
    let configuration: ConsumerConfiguration
    let surroundings: LocalConsumers.Surroundings
    private let reader: PartitionReader

    init(_ configuration: ConsumerConfiguration, _ surroundings: LocalConsumers.Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
        reader = PartitionReader(
            log: surroundings.log, offsets: surroundings.offsets, group: configuration.group,
            reset: configuration.offsetReset
        ) { [caller = configuration.caller, authorizer = surroundings.authorizer] topic in
            caller.may(.read, .topic, topic.rawValue, authorizer)
        }
        state = Mutex(State(core: ConsumerCore(configuration, now: surroundings.timers.now)))
    }

    // MARK: Changes

    /// Looks at the consumer as it is.
    func look<Value: Sendable>(
        _ body: (borrowing ConsumerCore) throws(ConsumerError) -> Value
    ) throws(ConsumerError) -> Value {
        let result = state.withLock { state -> Result<Value, ConsumerError> in
            do throws(ConsumerError) { return .success(try body(state.core)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Lets an event happen, then performs what it asks for.
    func change(_ event: (inout ConsumerCore) throws(ConsumerError) -> Void) throws(ConsumerError) {
        let failure = state.withLock { state -> ConsumerError? in
            var failure: ConsumerError?
            do throws(ConsumerError) { try event(&state.core) } catch { failure = error }
            collect(&state)
            return failure
        }
        performAll()
        if let failure { throw failure }
    }

    private func happen(_ event: (inout ConsumerCore) -> Void) {
        state.withLock { state in
            event(&state.core)
            collect(&state)
        }
        performAll()
    }

    private func collect(_ state: inout State) {
        state.queue += state.core.takeEffects()
        if state.core.needsTicks, state.ticking == nil {
            let timers = surroundings.timers
            state.ticking = timers.schedule(at: timers.now + surroundings.heartbeatInterval) { self.tick() }
        }
    }

    private func performAll() {
        let isFree = state.withLock { state in
            if state.isPerforming { return false }
            state.isPerforming = true
            return true
        }
        guard isFree else { return }
        while let effect = nextEffect() { perform(effect) }
    }

    private func nextEffect() -> ConsumerCore.Effect? {
        state.withLock { state in
            guard state.queue.isEmpty else { return state.queue.removeFirst() }
            state.isPerforming = false
            return nil
        }
    }

    // MARK: Effects

    private func perform(_ effect: ConsumerCore.Effect) {
        switch effect {
        case .join(let ticket, let memberID, let protocols): join(ticket, memberID, protocols)
        case .sync(let ticket, let member, let protocolName, let assignments):
            surroundings.groups.sync(
                configuration.group, member, protocolType: ConsumerGroup.consumerProtocolType,
                protocolName: protocolName, assignments: assignments
            ) { answer in
                self.happen { $0.apply($0.membership.syncAnswered(answer, ticket: ticket)) }
            }
        case .heartbeat(let member):
            let error = surroundings.groups.heartbeat(configuration.group, member)
            if error != .none { happen { $0.apply($0.membership.heartbeatAnswered(error)) } }
        case .leave(let memberID):
            _ = surroundings.groups.leave(configuration.group, [(memberID: memberID, instanceID: nil)])
        case .commit(let positions, let member, let after):
            // A commit that fails is made up for by the next one; the group may also have gone on without us.
            commit(positions, by: member) { _ in self.happen { $0.committed(after) } }
        case .read(let plan, let epoch): read(plan, epoch)
        case .pause(let epoch):
            let timers = surroundings.timers
            _ = timers.schedule(at: timers.now + Self.gatheringPause) {
                self.happen { $0.pauseOver(epoch: epoch) }
            }
        case .watch(let partitions): watch(partitions)
        case .finish(let id, let result): finish(id, result)
        case .closed: finishClosing()
        }
    }

    private func join(_ ticket: UInt64, _ memberID: String, _ protocols: [GroupProtocol]) {
        let settings = surroundings.groups.settings
        let sessionTimeout = max(
            settings.minSessionTimeoutMilliseconds,
            min(Self.sessionTimeoutMilliseconds, settings.maxSessionTimeoutMilliseconds))
        let joining = GroupCoordinator.Joining(
            group: configuration.group, memberID: memberID, instanceID: nil,
            clientID: configuration.clientID, clientHost: configuration.caller.host,
            sessionTimeoutMilliseconds: sessionTimeout, rebalanceTimeoutMilliseconds: sessionTimeout,
            protocolType: ConsumerGroup.consumerProtocolType, protocols: protocols,
            requiresKnownMemberID: false)
        surroundings.groups.join(joining) { [log = surroundings.log] answer in
            self.happen {
                $0.apply(
                    $0.membership.joinAnswered(answer, ticket: ticket) { log.partitionCount(of: $0) })
            }
        }
    }

    private func read(_ plan: ReadPlan, _ epoch: UInt64) {
        surroundings.threads.run { [reader] in
            reader.read(plan)
        } then: { result in
            var harvest = Harvest(failure: ConsumerCore.closedError)
            if case .success(let found) = result { harvest = found }
            self.happen { [now = self.surroundings.timers.now] in
                $0.readFinished(harvest, epoch: epoch, now: now)
            }
        }
    }

    private func watch(_ partitions: [TopicPartition]) {
        let former = state.withLock { state in
            defer { state.watched = partitions }
            return state.watched
        }
        guard former != partitions else { return }
        if !former.isEmpty { surroundings.room.leave(self, former) }
        if !partitions.isEmpty { surroundings.room.enter(self, partitions) }
    }

    func appended(_ byteCount: Int, to partition: TopicPartition) { happen { $0.appended() } }

    /// Asks the coordinator and looks at the topics, as long as it is a member.
    private func tick() {
        let names = surroundings.topics.names()
        state.withLock { state in
            state.ticking = nil
            guard state.core.needsTicks else { return }
            let isNew = state.namesVersion != names.version
            state.namesVersion = names.version
            state.core.tick(names: isNew ? visible(names.all) : nil) { [log = surroundings.log] in
                log.partitionCount(of: $0)
            }
            collect(&state)
        }
        performAll()
    }

    /// Topics that the caller may not even know of are matched by no pattern.
    func visible(_ names: Set<TopicName>) -> Set<TopicName> {
        names.filter {
            configuration.caller.may(.describe, .topic, $0.rawValue, surroundings.authorizer)
        }
    }

    // MARK: Polls

    func poll(_ request: PollRequest) async throws(ConsumerError) -> PolledRecords {
        let id = state.withLock { state in
            state.nextPoll += 1
            return state.nextPoll
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { begin(id, request, $0) }
        } onCancel: {
            abandon(id)
        }
        return try result.get()
    }

    private func begin(
        _ id: ConsumerCore.PollID, _ request: PollRequest,
        _ reply: CheckedContinuation<Result<PolledRecords, ConsumerError>, Never>
    ) {
        let timers = surroundings.timers
        let timer = timers.schedule(at: timers.now + TimeAmount(request.timeout)) {
            self.happen { $0.pollTimedOut(id, now: timers.now) }
        }
        state.withLock { $0.polls[id] = WaitingPoll(timer: timer, reply: reply) }
        happen { $0.pollBegan(id, request, now: timers.now) }
        // One that was cancelled before it was known here.
        if Task.isCancelled { abandon(id) }
    }

    private func abandon(_ id: ConsumerCore.PollID) {
        happen { [now = surroundings.timers.now] in $0.pollAbandoned(id, now: now) }
    }

    private func finish(_ id: ConsumerCore.PollID, _ result: Result<PolledRecords, ConsumerError>) {
        guard let poll = state.withLock({ $0.polls.removeValue(forKey: id) }) else { return }
        poll.timer.cancel()
        poll.reply.resume(returning: result)
    }

    // MARK: Closing

    func close() async {
        await withCheckedContinuation { continuation in
            let wasClosed = state.withLock { state in
                // Whoever else closes it waits too, unless that is over.
                if state.core.isClosed, state.closers.isEmpty { return true }
                state.closers.append(continuation)
                return false
            }
            if wasClosed { return continuation.resume() }
            happen { $0.close() }
        }
    }

    private func finishClosing() {
        let (closers, ticking) = state.withLock { state in
            defer { (state.closers, state.ticking) = ([], nil) }
            return (state.closers, state.ticking)
        }
        ticking?.cancel()
        for closer in closers { closer.resume() }
    }
}
