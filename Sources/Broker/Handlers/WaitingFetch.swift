import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Synchronization

/// A Fetch on its way: reads when there is something, waits when there is not.
///
/// Waiting takes no thread: an entry in the waiting room and a timer of the event loop.
final class WaitingFetch: AppendWaiter {
    struct Surroundings: Sendable {
        var log: CommitLog
        var threads: BrokerThreads
        var room: FetchWaitingRoom
    }

    private enum Phase {
        /// An append, the timer or the end of the connection makes it go on.
        case waiting
        /// Somebody is looking or reading; an append meanwhile is noted.
        case busy(sawAppend: Bool)
        case answered
    }

    private struct State {
        var phase = Phase.busy(sawAppend: false)
        /// The answer must not wait any longer.
        var isOverdue = false
        var timer: Scheduled<Void>?
        var isInRoom = false
    }

    /// A client that waits for many bytes is not looked after more often, however small the appends are.
    private static let gatheringPause = TimeAmount.milliseconds(5)

    private let plan: FetchPlan
    private let minBytes: Int
    private let surroundings: Surroundings
    private let loop: any EventLoop
    private let reply: Reply<FetchResponse>
    private let state = Mutex(State())

    init(
        _ plan: FetchPlan, minBytes: Int, surroundings: Surroundings, loop: any EventLoop,
        reply: Reply<FetchResponse>
    ) {
        self.plan = plan
        self.minBytes = minBytes
        self.surroundings = surroundings
        self.loop = loop
        self.reply = reply
    }

    /// Reads at once if there is something, else waits for at most `maxWait`; to be called on the event loop.
    func begin(maxWait: TimeAmount?) {
        guard let maxWait else {
            state.withLock { $0.isOverdue = true }
            return lookAgain()
        }
        if plan.outlook(surroundings.log) == .something, minBytes <= 1 { return read() }
        let timer = loop.scheduleTask(in: maxWait) { self.stopWaiting() }
        state.withLock { state in
            state.timer = timer
            state.isInRoom = true
        }
        // Entered before the look that counts: what is appended after that look is told of.
        surroundings.room.enter(self, plan.partitions)
        lookAgain()
    }

    // MARK: What makes it go on

    /// Something was appended to one of the partitions; called on the log's threads.
    func appended() {
        let goesOn = state.withLock { state in
            switch state.phase {
            case .waiting:
                state.phase = .busy(sawAppend: false)
                return true
            case .busy:
                state.phase = .busy(sawAppend: true)
                return false
            case .answered: return false
            }
        }
        guard goesOn else { return }
        guard minBytes > 1 else { return read() }
        loop.scheduleTask(in: Self.gatheringPause) { self.read() }
    }

    /// The time is over, or nobody waits for the answer any more.
    func stopWaiting() {
        let goesOn = state.withLock { state in
            state.isOverdue = true
            guard case .waiting = state.phase else { return false }
            state.phase = .busy(sawAppend: false)
            return true
        }
        if goesOn { lookAgain() }
    }

    // MARK: Going on

    /// Reads if there is something to read; does not block.
    private func lookAgain() {
        switch plan.outlook(surroundings.log) {
        case .something: read()
        case .nothing: settle(FetchPlan.Harvest(response: FetchResponse(topics: [])), isRead: false)
        }
    }

    private func read() {
        surroundings.threads.run { [plan, surroundings] in
            plan.read(surroundings.log)
        } then: { result in
            switch result {
            case .success(let harvest): self.settle(harvest, isRead: true)
            case .failure: self.answer(FetchResponse(topics: []))
            }
        }
    }

    /// Answers, or waits for more.
    private func settle(_ harvest: FetchPlan.Harvest, isRead: Bool) {
        enum Step { case answer, wait, lookAgain }
        let step = state.withLock { state -> Step in
            if state.isOverdue || harvest.hasError || (isRead && harvest.byteCount >= minBytes) {
                return .answer
            }
            guard case .busy(sawAppend: true) = state.phase else {
                state.phase = .waiting
                return .wait
            }
            state.phase = .busy(sawAppend: false)
            return .lookAgain
        }
        switch step {
        case .wait: break
        case .lookAgain: lookAgain()
        // Without a read the answer still tells of the offsets.
        case .answer: answer(isRead ? harvest.response : plan.readNothing(surroundings.log))
        }
    }

    private func answer(_ response: FetchResponse) {
        let (timer, wasInRoom) = state.withLock { state in
            state.phase = .answered
            defer { state.timer = nil }
            return (state.timer, state.isInRoom)
        }
        timer?.cancel()
        if wasInRoom { surroundings.room.leave(self, plan.partitions) }
        reply(response)
    }
}

/// Who waits for more in some partitions.
protocol AppendWaiter: AnyObject, Sendable {
    /// Something was appended to one of them; called on the log's threads: must not block.
    func appended()
}

/// Where fetches wait, by partition.
final class FetchWaitingRoom: AppendObserver {
    private let waiting = Mutex<[TopicPartition: [ObjectIdentifier: any AppendWaiter]]>([:])
    private let count = Atomic<Int>(0)

    func enter(_ fetch: any AppendWaiter, _ partitions: [TopicPartition]) {
        count.add(1, ordering: .sequentiallyConsistent)
        waiting.withLock { waiting in
            for partition in partitions { waiting[partition, default: [:]][ObjectIdentifier(fetch)] = fetch }
        }
    }

    func leave(_ fetch: any AppendWaiter, _ partitions: [TopicPartition]) {
        waiting.withLock { waiting in
            for partition in partitions {
                waiting[partition]?.removeValue(forKey: ObjectIdentifier(fetch))
                if waiting[partition]?.isEmpty == true { waiting[partition] = nil }
            }
        }
        count.subtract(1, ordering: .sequentiallyConsistent)
    }

    func appended(to partition: TopicPartition) {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return }
        let fetches = waiting.withLock { $0[partition].map { Array($0.values) } ?? [] }
        for fetch in fetches { fetch.appended() }
    }
}
