// Produce (key 0), versions 3-9.
// Unlike Apache Kafka: acks 1 waits for the disk as acks -1 does, by the log's flush policy; the time-out is not
// looked at, since there are no replicas to wait for. A batch of a transaction is taken only while its partition is part
// of its producer's open transaction, from the first batch to the last.

import KafkaWire
import LogStorage
import NIOCore
import StreamModel
import Synchronization

struct ProduceHandler: RequestHandler {
    let log: CommitLog
    let authorizer: any Authorizer
    let transactions: TransactionCoordinator

    func handle(_ request: ProduceRequest, _ context: RequestContext, _ reply: Reply<ProduceResponse>) {
        let round = ProduceRound(request, context, reply)
        if let error = refusal(of: request, context) { return round.refuseAll(error) }
        var place = 0
        for topic in request.topics {
            let isAllowed = authorizer.allows(
                context.principal, from: context.clientHost, .write, on: .topic, named: topic.name)
            for partition in topic.partitions {
                let here = place
                place += 1
                guard isAllowed else {
                    round.finish(here, .topicAuthorizationFailed)
                    continue
                }
                append(partition, of: topic.name, request.transactionalID, context.apiVersion) { result in
                    round.finish(here, result)
                } refused: {
                    round.finish(here, $0)
                }
            }
        }
        round.finishDispatch()
    }

    /// What is wrong with the whole request.
    private func refusal(of request: ProduceRequest, _ context: RequestContext) -> KafkaErrorCode? {
        guard (-1...1).contains(request.acks) else { return .invalidRequiredAcks }
        let isOfTransaction = request.topics.contains { topic in
            topic.partitions.contains { ProducedBatch.isOfTransaction($0.records) }
        }
        guard isOfTransaction || request.transactionalID != nil else { return nil }
        guard let id = request.transactionalID,
            authorizer.allows(
                context.principal, from: context.clientHost, .write, on: .transactionalID, named: id)
        else { return .transactionalIDAuthorizationFailed }
        return nil
    }

    private func append(
        _ partition: ProduceRequest.Partition, of topic: String, _ transactionalID: String?, _ version: Int16,
        then: @escaping CommitLog.BatchCompletion, refused: (KafkaErrorCode) -> Void
    ) {
        guard let target = PartitionChecks.partition(topic, partition.index) else {
            return then(
                .failure(BatchRefusal(.unknownPartition, "there is no partition \(topic)-\(partition.index)"))
            )
        }
        let records = partition.records ?? ByteBuffer()
        if let refusal = ProducedBatch.refusal(of: records, version: version) {
            return then(.failure(refusal))
        }
        guard let transactionalID, let producer = ProducedBatch.transactionalProducer(of: records) else {
            return log.append(records, to: target, completion: then)
        }
        let error = transactions.whileOngoing(transactionalID, producer, writesTo: target) {
            log.append(records, to: target, completion: then)
        }
        if error != .none { refused(error) }
    }
}

/// What Produce asks of the bytes of a partition, beyond what the log asks.
enum ProducedBatch {
    private static let lengthPlace = 8
    private static let lengthPrefix = 12
    private static let attributesPlace = 21
    private static let producerPlace = 43

    private static func attributes(_ records: ByteBuffer) -> Int16? {
        records.getInteger(at: records.readerIndex + attributesPlace, as: Int16.self)
    }

    /// Whether the first batch is part of a transaction.
    static func isOfTransaction(_ records: ByteBuffer?) -> Bool {
        guard let records, let attributes = attributes(records) else { return false }
        return attributes & 0x10 != 0
    }

    /// Whose transaction the first batch is part of; nil if of none.
    static func transactionalProducer(of records: ByteBuffer) -> ProducerIdentity? {
        let start = records.readerIndex
        guard isOfTransaction(records),
            let id = records.getInteger(at: start + producerPlace, as: Int64.self),
            let epoch = records.getInteger(at: start + producerPlace + 8, as: Int16.self)
        else { return nil }
        return ProducerIdentity(id: id, epoch: epoch)
    }

    static func refusal(of records: ByteBuffer, version: Int16) -> BatchRefusal? {
        guard records.readableBytes > 0 else {
            return BatchRefusal(
                .invalidRecord, "a partition's part of a Produce request holds no record batch")
        }
        if let length = records.getInteger(at: records.readerIndex + lengthPlace, as: Int32.self), length > 0,
            Int(length) + lengthPrefix < records.readableBytes
        {
            return BatchRefusal(
                .invalidRecord, "a partition's part of a Produce request holds more than one record batch")
        }
        // Older clients than that would not be able to read it.
        if version < 7, let attributes = attributes(records), attributes & 7 == 4 {
            return BatchRefusal(.unsupportedCompression, "zstd takes version 7 of Produce")
        }
        return nil
    }
}

/// Gathers the answers of the partitions of one request.
private final class ProduceRound: Sendable {
    private struct State {
        var partitions: [ProduceResponse.Partition]
        /// Partitions without an answer, and one for the dispatch itself.
        var missing: Int
    }

    private let topics: [(name: String, partitionCount: Int)]
    private let acks: Int16
    private let session: ConnectionSession
    private let loop: any EventLoop
    private let reply: Reply<ProduceResponse>
    private let state: Mutex<State>

    init(_ request: ProduceRequest, _ context: RequestContext, _ reply: Reply<ProduceResponse>) {
        topics = request.topics.map { ($0.name, $0.partitions.count) }
        acks = request.acks
        session = context.session
        loop = context.loop
        self.reply = reply
        let partitions = request.topics.flatMap { topic in
            topic.partitions.map { ProduceResponse.Partition(index: $0.index, error: .none) }
        }
        state = Mutex(State(partitions: partitions, missing: partitions.count + 1))
    }

    func refuseAll(_ error: KafkaErrorCode) {
        state.withLock { state in
            for place in state.partitions.indices { state.partitions[place].error = error }
            state.missing = 0
        }
        answer()
    }

    func finish(_ place: Int, _ error: KafkaErrorCode) {
        settle { $0[place].error = error }
    }

    func finish(_ place: Int, _ result: Result<BatchReceipt, BatchRefusal>) {
        settle { partitions in
            switch result {
            case .success(let receipt):
                partitions[place].baseOffset = receipt.baseOffset.rawValue
                partitions[place].logStartOffset = receipt.logStartOffset.rawValue
            case .failure(let refusal):
                partitions[place].error = KafkaErrorCode(refusal.code)
                partitions[place].errorMessage = refusal.message
            }
        }
    }

    func finishDispatch() { settle { _ in } }

    private func settle(_ change: (inout [ProduceResponse.Partition]) -> Void) {
        let isLast = state.withLock { state in
            change(&state.partitions)
            state.missing -= 1
            return state.missing == 0
        }
        if isLast { answer() }
    }

    private func answer() {
        let partitions = state.withLock { $0.partitions }
        guard acks != 0 else { return answerNothing(partitions) }
        var rest = partitions[...]
        let answered = topics.map { topic in
            defer { rest = rest.dropFirst(topic.partitionCount) }
            return ProduceResponse.Topic(
                name: topic.name, partitions: Array(rest.prefix(topic.partitionCount)))
        }
        reply(ProduceResponse(topics: answered))
    }

    /// A client that expects no answer learns of an error by the end of its connection, as with Apache Kafka.
    private func answerNothing(_ partitions: [ProduceResponse.Partition]) {
        guard partitions.contains(where: { $0.error != .none }) else { return reply.nothing() }
        loop.execute { [session, reply] in
            session.closesAfterAnswer = true
            reply.nothing()
        }
    }
}
