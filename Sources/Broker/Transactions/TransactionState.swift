import KafkaWire
import StreamModel

/// A producer's id with the epoch that tells its sessions apart; the later one fences the earlier.
struct ProducerIdentity: Sendable, Equatable {
    var id: Int64
    var epoch: Int16
}

/// What is known of one transactional id, and what each request does to it.
///
/// A value without clock, disk or lock: requests return the state that has to become durable before anything
/// follows from it. The rules are those of Apache Kafka's `TransactionMetadata`.
struct TransactionState: Sendable, Equatable {
    /// The names are those that DescribeTransactions tells.
    enum Status: String, Sendable, CaseIterable {
        case empty = "Empty"
        case ongoing = "Ongoing"
        /// The decision is made; markers are being written.
        case prepareCommit = "PrepareCommit"
        case prepareAbort = "PrepareAbort"
        case completeCommit = "CompleteCommit"
        case completeAbort = "CompleteAbort"
        /// The id has not been used for long and is being forgotten; only ever a pending status.
        case dead = "Dead"
        /// A transaction is being aborted by a later session or its time-out; only ever a pending status.
        case prepareEpochFence = "PrepareEpochFence"
    }

    static let noProducerID: Int64 = -1
    static let noEpoch: Int16 = -1

    let transactionalID: String
    var producerID: Int64
    /// The id before the epochs of the present one began: tells a repeated request of that time.
    var previousProducerID = noProducerID
    var producerEpoch = noEpoch
    /// The epoch before the present one, if the same producer asked for both; else -1.
    var lastProducerEpoch = noEpoch
    var timeoutMilliseconds: Int32
    var status = Status.empty
    var partitions: Set<TopicPartition> = []
    /// Groups whose offsets the transaction commits.
    var groups: Set<String> = []
    /// When the newest transaction began, in milliseconds since 1970; -1 before the first.
    var startTimestamp: Int64 = -1
    var updateTimestamp: Int64
    /// The status that is on its way to the disk; until it is there no other change begins.
    var pending: Status?

    /// A transactional id that was not known before.
    init(transactionalID: String, producerID: Int64, timeoutMilliseconds: Int32, now: Int64) {
        self.transactionalID = transactionalID
        self.producerID = producerID
        self.timeoutMilliseconds = timeoutMilliseconds
        updateTimestamp = now
    }

    var producer: ProducerIdentity { ProducerIdentity(id: producerID, epoch: producerEpoch) }

    /// The last epoch of a producer id that a client is given; one more is kept for fencing it.
    static func isExhausted(_ epoch: Int16) -> Bool { epoch >= Int16.max - 1 }

    var isPrepared: Bool { status == .prepareCommit || status == .prepareAbort }

    /// Whether the transaction has been open for longer than its producer allowed.
    func hasTimedOut(now: Int64) -> Bool {
        status == .ongoing && pending == nil && startTimestamp + Int64(timeoutMilliseconds) < now
    }

    /// Whether nobody has used the id for so long that it may be forgotten.
    func hasExpired(after milliseconds: Int64, now: Int64) -> Bool {
        guard pending == nil, now - updateTimestamp >= milliseconds else { return false }
        return status == .empty || status == .completeCommit || status == .completeAbort
    }
}

/// What a request comes to.
enum TransactionStep: Sendable, Equatable {
    /// Nothing changes; `none` is success.
    case answer(KafkaErrorCode)
    /// This state has to become durable first.
    case store(TransactionState)
    /// All epochs of the producer id are used up: to be asked again with a new id.
    case needsProducerID
}
