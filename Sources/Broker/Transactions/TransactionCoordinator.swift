import GRDB
import KafkaWire
import LogStorage
import Logging
import NIOCore
import StateStore
import StreamModel
import Synchronization

/// Decides transactions, and sees to it that every decision is carried out.
///
/// The order of an end: the decision is durable in `state.sqlite`; a marker is durable on every partition; the offsets
/// of groups hold; the client is answered; the completion is written down. A client that has the answer to EndTxn
/// therefore finds the records with the next read. Whatever a crash interrupts is begun again at the next start with
/// the step after the durable decision: markers and offsets may be completed twice without harm.
///
/// What is in memory is always durable but for a completion, which the next change of the same id, or a restart,
/// replaces. A change that is on its way to the disk is the id's `pending` status, and keeps out every other.
final class TransactionCoordinator: Sendable {
    typealias Answer = @Sendable (KafkaErrorCode) -> Void

    struct Contents: Sendable {
        var transactions: [String: TransactionState]
        /// The ids with an open transaction, to find those that time out without looking at all.
        var ongoing: Set<String>
        /// How many writes of an open transaction are being handed over; until none is, it does not end.
        var writing: [String: Int] = [:]
        /// How many decided transactions are being completed.
        var completing = 0
        var nextExpiry: Int64 = .min
        var ticks: RepeatedTask?
        var isStopped = false
    }

    struct Parts: Sendable {
        var producerIDs: ProducerIDs
        var log: any TransactionLog
        var offsets: any TransactionalOffsets
        var loop: any EventLoop
        var clock = WallClock.system
        var logger: Logger
    }

    let contents: Mutex<Contents>
    let counters = TransactionCounters()
    let store: TransactionStore
    let settings: TransactionSettings
    let parts: Parts

    static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        ProducerIDs.registerMigrations(&migrator)
        TransactionStore.registerMigrations(&migrator)
    }

    /// Reads what `database` holds; nothing is completed before `start`.
    init(
        _ database: any DatabaseWriter, writer: StateWriter, settings: TransactionSettings, parts: Parts
    ) throws {
        let transactions = try database.read { try TransactionStore.load($0) }
        let ongoing = Set(transactions.values.filter { $0.status == .ongoing }.map(\.transactionalID))
        let completing = transactions.values.count(where: \.isPrepared)
        contents = Mutex(
            Contents(transactions: transactions, ongoing: ongoing, completing: completing))
        store = TransactionStore(writer: writer)
        self.settings = settings
        self.parts = parts
    }

    var now: Int64 { parts.clock.milliseconds }

    // MARK: Requests

    /// Gives a producer its id, and with a transactional id an epoch that fences its predecessors.
    func initProducerID(
        transactionalID: String?, timeoutMilliseconds: Int32, expected: ProducerIdentity?,
        then answer: @escaping @Sendable (InitProducerIdResponse) -> Void
    ) {
        guard let transactionalID else {
            return parts.producerIDs.next { [self] result in
                switch result {
                case .success(let id):
                    answer(InitProducerIdResponse(error: .none, producerID: id, producerEpoch: 0))
                case .failure(let error):
                    answer(InitProducerIdResponse(error: refusal(error, of: "producer id")))
                }
            }
        }
        guard !transactionalID.isEmpty, transactionalID.utf8.count <= Int16.max else {
            return answer(InitProducerIdResponse(error: .invalidRequest))
        }
        guard (1...settings.maxTimeoutMilliseconds).contains(timeoutMilliseconds) else {
            return answer(InitProducerIdResponse(error: .invalidTransactionTimeout))
        }
        let session = SessionRequest(
            transactionalID: transactionalID, timeoutMilliseconds: timeoutMilliseconds, expected: expected)
        begin(session, freshProducerID: nil, then: answer)
    }

    private struct SessionRequest: Sendable {
        var transactionalID: String
        var timeoutMilliseconds: Int32
        var expected: ProducerIdentity?
    }

    private func begin(
        _ session: SessionRequest, freshProducerID: Int64?,
        then answer: @escaping @Sendable (InitProducerIdResponse) -> Void
    ) {
        let now = now
        change(session.transactionalID) { state in
            guard
                let known = state
                    ?? freshProducerID.map({ id in
                        TransactionState(
                            transactionalID: session.transactionalID, producerID: id,
                            timeoutMilliseconds: session.timeoutMilliseconds, now: now)
                    })
            else { return .needsProducerID }
            return known.initialised(
                timeoutMilliseconds: session.timeoutMilliseconds, expected: session.expected,
                freshProducerID: freshProducerID, now: now)
        } then: { [self] outcome in
            switch outcome {
            case .answered(let code): answer(InitProducerIdResponse(error: code))
            case .needsProducerID:
                parts.producerIDs.next { [self] result in
                    switch result {
                    case .success(let id): begin(session, freshProducerID: id, then: answer)
                    case .failure(let error):
                        answer(InitProducerIdResponse(error: refusal(error, of: session.transactionalID)))
                    }
                }
            case .stored(let state) where state.isPrepared:
                // The transaction of the session before is aborted first; the client comes again.
                complete(state) { answer(InitProducerIdResponse(error: .concurrentTransactions)) }
            case .stored(let state):
                answer(
                    InitProducerIdResponse(
                        error: .none, producerID: state.producerID, producerEpoch: state.producerEpoch))
            }
        }
    }

    private func refusal(_ error: any Error, of name: String) -> KafkaErrorCode {
        parts.logger.error(
            "no producer id could be given out; the producer is told to try again",
            metadata: ["for": "\(name)", "error": "\(error)"])
        return .coordinatorLoadInProgress
    }

    /// Takes partitions into the producer's transaction.
    func add(
        _ partitions: Set<TopicPartition>, to transactionalID: String, by producer: ProducerIdentity,
        then answer: @escaping Answer
    ) {
        let now = now
        add(to: transactionalID, { $0.adding(partitions, by: producer, now: now) }, then: answer)
    }

    /// Takes a group, offsets of which are to be committed, into the producer's transaction.
    func add(
        group: String, to transactionalID: String, by producer: ProducerIdentity,
        then answer: @escaping Answer
    ) {
        let now = now
        let limit = settings.maxGroupsPerTransaction
        add(
            to: transactionalID,
            { state in
                let step = state.adding([], groups: [group], by: producer, now: now)
                if case .store(let next) = step, next.groups.count > limit {
                    return .answer(.policyViolation)
                }
                return step
            }, then: answer)
    }

    private func add(
        to transactionalID: String, _ step: (TransactionState) -> TransactionStep,
        then answer: @escaping Answer
    ) {
        guard !transactionalID.isEmpty else { return answer(.invalidRequest) }
        change(transactionalID) { state in
            state.map(step) ?? .answer(.invalidProducerIDMapping)
        } then: { outcome in
            answer(outcome.error)
        }
    }

    /// Commits or aborts the producer's transaction.
    ///
    /// Apache Kafka answers as soon as the decision is durable; here the markers are waited for, which costs one flush
    /// on one machine, and lets the client begin its next transaction without being sent back. Where a marker cannot
    /// be written at once, the answer comes as in Apache Kafka.
    func end(
        _ transactionalID: String, commit: Bool, by producer: ProducerIdentity, then answer: @escaping Answer
    ) {
        guard !transactionalID.isEmpty else { return answer(.invalidRequest) }
        let now = now
        change(transactionalID) { state in
            state?.ended(commit: commit, by: producer, now: now) ?? .answer(.invalidProducerIDMapping)
        } then: { [self] outcome in
            guard case .stored(let state) = outcome else { return answer(outcome.error) }
            complete(state) { answer(.none) }
        }
    }

    // MARK: What is under way

    func state(of transactionalID: String) -> TransactionState? {
        contents.withLock { $0.transactions[transactionalID] }
    }

    /// All transactional ids, in the order of their names.
    func states() -> [TransactionState] {
        contents.withLock { Array($0.transactions.values) }.sorted { $0.transactionalID < $1.transactionalID }
    }

    /// Runs `append` if the partition is part of the producer's open transaction, which does not end meanwhile.
    ///
    /// So no record of a transaction is handed to the log behind the marker that ends it. `append` must not block.
    /// - Returns: `none`, or why the records are to be refused.
    func whileOngoing(
        _ transactionalID: String, _ producer: ProducerIdentity, writesTo partition: TopicPartition,
        append: () -> Void
    ) -> KafkaErrorCode {
        let error = beginWrite(transactionalID) { $0.check(producer, writesTo: partition) }
        guard error == .none else { return error }
        append()
        endWrite(transactionalID)
        return .none
    }

    /// Keeps the transaction from ending until `endWrite`, if `check` finds that it may be written to.
    func beginWrite(
        _ transactionalID: String, check: (TransactionState) -> KafkaErrorCode
    ) -> KafkaErrorCode {
        contents.withLock { contents in
            guard let state = contents.transactions[transactionalID] else { return .invalidProducerIDMapping }
            let error = check(state)
            if error == .none { contents.writing[transactionalID, default: 0] += 1 }
            return error
        }
    }

    func endWrite(_ transactionalID: String) {
        contents.withLock { contents in
            let rest = (contents.writing[transactionalID] ?? 1) - 1
            contents.writing[transactionalID] = rest > 0 ? rest : nil
        }
    }
}
