import KafkaWire
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Broker

@Suite struct KafkaConnectionTests {
    private let noTopics = ProduceResponse(topics: [])
    private let noBroker = MetadataResponse(
        broker: .init(nodeID: 0, host: "h", port: 1), clusterID: "c", topics: [])

    // MARK: Order

    @Test func produceRequestsBehindOneAnotherAreWorkedOnAtOnceAndAnsweredInOrder() throws {
        let broker = try EmbeddedBroker()
        for id in 1...3 { try broker.send(WireBytes.produce(correlationID: Int32(id))) }
        #expect(broker.produce.requests.count == 3)
        broker.produce.answer(2, noTopics)
        broker.produce.answer(1, noTopics)
        #expect(try broker.answered().isEmpty)
        broker.produce.answer(0, noTopics)
        #expect(try broker.answered() == [1, 2, 3])
    }

    @Test func anotherRequestWaitsForThoseBeforeIt() throws {
        let broker = try EmbeddedBroker()
        var bytes = WireBytes.produce(correlationID: 1)
        bytes.writeImmutableBuffer(WireBytes.metadata(correlationID: 2))
        bytes.writeImmutableBuffer(WireBytes.produce(correlationID: 3))
        try broker.send(bytes)
        #expect(broker.produce.requests.count == 1)
        #expect(broker.metadata.requests.isEmpty)
        broker.produce.answer(0, noTopics)
        #expect(broker.metadata.requests.count == 1)
        #expect(broker.produce.requests.count == 1)
        broker.metadata.answer(0, noBroker)
        #expect(broker.produce.requests.count == 2)
        #expect(try broker.answered() == [1, 2])
    }

    @Test func noMoreThanTheLimitOfProduceRequestsIsWorkedOnAtOnce() throws {
        let broker = try EmbeddedBroker()
        for id in 0..<100 { try broker.send(WireBytes.produce(correlationID: Int32(id))) }
        #expect(broker.produce.requests.count == 64)
        broker.produce.answer(0, noTopics)
        #expect(broker.produce.requests.count == 65)
    }

    @Test func anAnswerFromAnotherThreadIsSentOnTheEventLoop() async throws {
        let broker = try EmbeddedBroker()
        try broker.send(WireBytes.produce(correlationID: 5))
        #expect(try broker.answered().isEmpty)
        broker.produce.answer(0, noTopics)
        broker.channel.embeddedEventLoop.run()
        #expect(try broker.answered() == [5])
    }

    @Test func aRequestWithoutAnswerLeavesNoGapInTheOrder() throws {
        let broker = try EmbeddedBroker()
        for id in 1...2 { try broker.send(WireBytes.produce(correlationID: Int32(id), acks: 0)) }
        broker.produce.answer(1, noTopics)
        broker.produce.answerNothing(0)
        #expect(try broker.answered() == [2])
    }

    @Test func aSecondAnswerToTheSameRequestIsDropped() throws {
        let broker = try EmbeddedBroker()
        try broker.send(WireBytes.produce(correlationID: 1))
        broker.produce.answer(0, noTopics)
        broker.produce.answer(0, noTopics)
        #expect(try broker.answered() == [1])
    }

    // MARK: What is not understood

    @Test func apiVersionsOfALaterVersionIsAnsweredInVersionZero() throws {
        let broker = try EmbeddedBroker()
        try broker.send(
            WireBytes.framed(ByteBuffer(bytes: [0, 18, 0, 99, 0, 0, 0, 7, 0, 1, 0x61, 0xFF, 0xFF])))
        // Correlation id 7, error 35, one entry: key 18, versions 0 to 3.
        let expected: [UInt8] = [0, 0, 0, 16, 0, 0, 0, 7, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 3]
        #expect(try broker.sent() == ByteBuffer(bytes: expected))
        #expect(broker.channel.isActive)
    }

    @Test func produceOfAnOldVersionIsRefusedInItsOwnShape() throws {
        let broker = try EmbeddedBroker()
        try broker.send(WireBytes.produce(version: 0, correlationID: 9, topic: "t", partition: 4))
        var writer = WireWriter(isFlexible: false)
        writer.int32(9)
        writer.array(["t"]) { writer, name in
            writer.string(name)
            writer.array([Int32(4)]) { writer, index in
                writer.int32(index)
                writer.error(.unsupportedVersion)
                writer.int64(-1)
            }
        }
        #expect(try broker.sent() == WireBytes.framed(writer.buffer))
        #expect(broker.produce.requests.isEmpty)
    }

    @Test(arguments: [
        // An API that is not known, a version that is not, a body that ends too early, a string too long.
        [0, 99, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF], [0, 3, 0, 99, 0, 0, 0, 1, 0xFF, 0xFF],
        [0, 3, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0, 0], [0, 3, 0, 1, 0, 0, 0, 1, 0x7F, 0xFF, 0, 0],
    ])
    func whatIsNotUnderstoodClosesTheConnection(frame: [UInt8]) throws {
        let broker = try EmbeddedBroker()
        try broker.send(WireBytes.framed(ByteBuffer(bytes: frame)))
        #expect(!broker.channel.isActive)
        #expect(try broker.sent().readableBytes == 0)
        #expect(broker.counters.refusedRequests.load(ordering: .relaxed) == 1)
    }

    @Test(arguments: [-1, 3, Int32.max])
    func aWrongLengthClosesTheConnection(length: Int32) throws {
        let broker = try EmbeddedBroker()
        try broker.send(ByteBuffer(integer: length))
        #expect(!broker.channel.isActive)
    }

    // MARK: Limits

    @Test func aClientThatDoesNotTakeItsAnswersIsNotListenedTo() throws {
        let broker = try EmbeddedBroker()
        broker.channel.isWritable = false
        broker.channel.pipeline.fireChannelWritabilityChanged()
        try broker.send(WireBytes.metadata())
        #expect(broker.metadata.requests.isEmpty)
        broker.channel.isWritable = true
        broker.channel.pipeline.fireChannelWritabilityChanged()
        #expect(broker.metadata.requests.count == 1)
    }

    @Test func readingPausesWhileARequestWaitsAndMoreHasPiledUp() throws {
        let broker = try EmbeddedBroker()
        let reads = ReadCounter()
        try broker.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        try broker.send(WireBytes.metadata())
        broker.channel.read()
        #expect(reads.count == 1)
        let large = ByteBuffer(repeating: 1, count: 70_000)
        try broker.send(WireBytes.produce(records: large))
        broker.channel.read()
        #expect(reads.count == 1)
        broker.metadata.answer(0, noBroker)
        #expect(reads.count == 2)
    }

    @Test func aConnectionOnWhichNothingArrivesIsClosed() throws {
        var settings = BrokerSettings()
        settings.idleTimeoutMilliseconds = 1000
        let broker = try EmbeddedBroker(settings: settings)
        // Half a request is nothing.
        try broker.send(ByteBuffer(bytes: [0, 0, 0]))
        broker.channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
        #expect(broker.channel.isActive)
        broker.channel.embeddedEventLoop.advanceTime(by: .milliseconds(2))
        #expect(!broker.channel.isActive)
    }

    @Test func aConnectionWhoseRequestIsWorkedOnIsNotIdle() throws {
        var settings = BrokerSettings()
        settings.idleTimeoutMilliseconds = 1000
        let broker = try EmbeddedBroker(settings: settings)
        try broker.send(WireBytes.metadata())
        broker.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(broker.channel.isActive)
        broker.metadata.answer(0, noBroker)
        broker.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!broker.channel.isActive)
    }

    @Test func aClientThatTakesNoAnswerForTheIdleTimeIsClosed() throws {
        var settings = BrokerSettings()
        settings.idleTimeoutMilliseconds = 1000
        let broker = try EmbeddedBroker(settings: settings)
        try broker.send(WireBytes.metadata())
        broker.channel.isWritable = false
        broker.channel.embeddedEventLoop.advanceTime(by: .seconds(3))
        #expect(!broker.channel.isActive)
    }

    // MARK: The end

    @Test func closingAnswersWhatIsWorkedOnAndBeginsNothingNew() throws {
        let broker = try EmbeddedBroker()
        try broker.send(WireBytes.produce(correlationID: 1))
        broker.connection.closeWhenIdle()
        try broker.send(WireBytes.produce(correlationID: 2))
        #expect(broker.channel.isActive)
        broker.produce.answer(0, noTopics)
        #expect(try broker.answered() == [1])
        #expect(!broker.channel.isActive)
        #expect(broker.produce.requests.count == 1)
    }

    @Test func aHandlerCanHaveTheConnectionClosedAfterItsAnswer() throws {
        let broker = try EmbeddedBroker()
        try broker.send(WireBytes.produce(correlationID: 1, acks: 0))
        broker.produce.contexts[0].session.closesAfterAnswer = true
        broker.produce.answerNothing(0)
        #expect(!broker.channel.isActive)
    }

    @Test func aRequestThatOnlyWaitsIsToldThatItsClientIsGone() throws {
        let broker = try EmbeddedBroker()
        try broker.send(WireBytes.metadata())
        let isAbandoned = Atomic<Bool>(false)
        broker.metadata.contexts[0].session.abandonWait = { isAbandoned.store(true, ordering: .relaxed) }
        broker.channel.pipeline.fireChannelInactive()
        let wasTold = isAbandoned.load(ordering: .relaxed)
        #expect(wasTold)
    }

    // MARK: Login

    private struct LoginNeeded: ListenerSecurity {
        func makeTransportHandler() throws -> (any ChannelHandler)? { nil }
        func principal(of channel: any Channel) -> Principal? { nil }
    }

    @Test func beforeTheLoginOnlyItsOwnRequestsAreAnswered() throws {
        let broker = try EmbeddedBroker(security: LoginNeeded())
        try broker.send(WireBytes.apiVersions(version: 3, correlationID: 1))
        #expect(try broker.answered() == [1])
        try broker.send(WireBytes.metadata())
        #expect(!broker.channel.isActive)
        #expect(broker.metadata.requests.isEmpty)
    }
}

/// Counts how often the connection asks for more bytes.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
