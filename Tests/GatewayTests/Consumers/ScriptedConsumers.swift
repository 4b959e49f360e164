import StreamModel
import Synchronization

@testable import Gateway

/// Consumers that note what they are asked, and hand out what they are told to.
final class ScriptedConsumers: ConsumerOpening {
    let opened = Mutex<[(configuration: ConsumerConfiguration, consumer: ScriptedConsumer)]>([])
    let refusal: ConsumerError?

    init(refusal: ConsumerError? = nil) {
        self.refusal = refusal
    }

    func open(_ configuration: ConsumerConfiguration) throws(ConsumerError) -> any GroupConsumer {
        if let refusal { throw refusal }
        let consumer = ScriptedConsumer()
        opened.withLock { $0.append((configuration, consumer)) }
        return consumer
    }

    var closedCount: Int { opened.withLock { $0.count { $0.consumer.isClosed } } }
}

final class ScriptedConsumer: OffsetCommitting, PositionSeeking, RecordPolling, TopicSubscribing {
    private let closed = Mutex(false)

    var isClosed: Bool { closed.withLock { $0 } }

    func subscribe(to topics: [TopicName]) {}
    func subscribe(toPattern pattern: String) {}
    func unsubscribe() {}
    func subscription() -> [TopicName] { [] }
    func assign(_ partitions: [TopicPartition]) {}
    func assignment() -> [TopicPartition] { [] }
    func poll(_ request: PollRequest) async throws(ConsumerError) -> PolledRecords { PolledRecords() }
    func close() async { closed.withLock { $0 = true } }
    func commitConsumed() async throws(ConsumerError) {}
    func commit(_ positions: [CommittedPosition]) async throws(ConsumerError) {}
    func committed(_ partitions: [TopicPartition]) -> [CommittedPosition] { [] }
    func seek(_ positions: [TopicPartition: Offset]) {}
    func seekToBeginning(_ partitions: [TopicPartition]) {}
    func seekToEnd(_ partitions: [TopicPartition]) {}
    func seek(toTimes times: [TopicPartition: Int64]) async throws(ConsumerError) {}
}
