import KafkaWire
import Logging
import NIOCore
import Synchronization

/// One connection of the Kafka port: cuts requests out of the stream, has them handled, answers in order.
///
/// A request is worked on when the one before it is answered, as Apache Kafka does it; only Produce requests behind
/// one another go to the log at once, so that one flush serves them. Meanwhile reading pauses once a little has piled
/// up, and so it does while the client does not take its answers.
///
/// `@unchecked Sendable`: after it is added to its channel it is touched on that channel's event loop alone.
final class KafkaConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all connections of a listener share.
    struct Surroundings: Sendable {
        var dispatcher: RequestDispatcher
        var settings: BrokerSettings
        var security: any ListenerSecurity
        var counters: BrokerCounters
        /// Whether the log has so much to write that a connection with a request there should wait with the next.
        var isCongested: @Sendable () -> Bool = { false }
        var logger: Logger
    }

    /// A request whose answer is not sent.
    private struct InFlight {
        var sequence: UInt64
        var correlationID: Int32
        var apiKey: Int16
        var byteCount: Int
        /// The answer is a bare token, too.
        var isBareToken = false
        var isAnswered = false
        /// The answer, once there is one; nil if none is expected.
        var frame: [ByteBuffer]?
    }

    /// Bytes that a client may send ahead while its request is worked on.
    private static let readAheadBytes = 64 << 10
    /// Produce requests of one connection that may be worked on at once, and their bytes.
    private static let maxPipelinedRequests = 64
    private static let maxPipelinedBytes = 24 << 20

    private let surroundings: Surroundings
    private let outbox: AnswerOutbox
    private let framing: RequestFraming
    private let session: ConnectionSession
    private let advertised: BrokerAddress
    private let clientHost: String
    private var context: ChannelHandlerContext?
    /// Set before the connection is shared, for callers on other threads.
    let loop: any EventLoop
    private var received = ByteBuffer()
    /// What of `received` is in the count of all connections.
    private var countedBytes = 0
    private var inFlight: [InFlight] = []
    private var inFlightBytes = 0
    private var nextSequence: UInt64 = 0
    /// No further request is begun; the connection is closed when all are answered.
    private var isClosing = false
    private var readWasAsked = false
    private var isProcessing = false
    private var lastActivity: NIODeadline
    private var idleWatch: Scheduled<Void>?

    init(
        _ surroundings: Surroundings, outbox: AnswerOutbox, loop: any EventLoop, clientHost: String,
        advertised: BrokerAddress
    ) {
        self.surroundings = surroundings
        self.outbox = outbox
        self.loop = loop
        lastActivity = loop.now
        self.clientHost = clientHost
        self.advertised = advertised
        framing = RequestFraming(
            maxRequestBytes: surroundings.settings.maxRequestBytes,
            maxControlRequestBytes: surroundings.settings.maxControlRequestBytes)
        session = ConnectionSession(security: surroundings.security)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchIdleness(after: idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        idleWatch?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        drop()
        session.abandonWait?()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActivity = loop.now
        guard !isClosing else { return }
        var bytes = unwrapInboundIn(data)
        surroundings.counters.receivedBytes.add(bytes.readableBytes, ordering: .relaxed)
        framing.append(&bytes, to: &received)
        process()
    }

    /// Forgets what has not been worked on.
    private func drop() {
        received = ByteBuffer()
        countReceived()
    }

    /// Keeps all connections together within their limit; what one may send ahead does not count.
    private func countReceived() {
        let count = received.readableBytes > Self.readAheadBytes ? received.readableBytes : 0
        guard count != countedBytes else { return }
        let total = surroundings.counters.bufferedBytes.add(count - countedBytes, ordering: .relaxed).newValue
        let grows = count > countedBytes
        countedBytes = count
        if grows, total > surroundings.settings.maxBufferedBytes {
            refuse("\(total) bytes of half-sent requests are held (kafka.max.buffered.bytes)")
        }
    }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { readWasAsked = true }
    }

    /// A client that does not take its answers gets no further ones.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        process()
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        surroundings.logger.debug(
            "kafka connection failed", metadata: ["client": "\(clientHost)", "error": "\(error)"])
        context.close(promise: nil)
    }

    /// Answers what is being worked on, then closes.
    func closeWhenIdle() {
        isClosing = true
        session.abandonWait?()
        closeIfDone()
    }

    private func closeIfDone() {
        if isClosing, inFlight.isEmpty { context?.close(promise: nil) }
    }

    // MARK: Idleness

    private var idleTimeout: TimeAmount { .milliseconds(surroundings.settings.idleTimeoutMilliseconds) }

    /// Closes the connection when nothing has arrived for the idle time: one timer for as long, not one a read.
    private func watchIdleness(after time: TimeAmount) {
        idleWatch = loop.assumeIsolated().scheduleTask(in: time) { [self] in
            let rest = lastActivity + idleTimeout - loop.now
            // An answer that the client does not take is no work.
            let isWorking = !inFlight.isEmpty && context?.channel.isWritable == true
            if rest > .zero || isWorking {
                watchIdleness(after: max(rest, .milliseconds(100)))
            } else {
                context?.close(promise: nil)
            }
        }
    }

    // MARK: Requests

    private var isWritable: Bool { context?.channel.isWritable == true }

    /// A request that is not all there is read to its end; one that has to wait holds up the rest.
    private var mayRead: Bool {
        guard received.readableBytes > Self.readAheadBytes else { return isWritable }
        guard case .incomplete = head else { return false }
        return isWritable
    }

    private var head: RequestFraming.Head {
        session.sendsBareTokens ? framing.tokenHead(of: received) : framing.head(of: received)
    }

    private func resumeReading() {
        guard readWasAsked, mayRead else { return }
        readWasAsked = false
        context?.read()
    }

    private func process() {
        // An answer given at once would begin the next request inside this one.
        guard !isProcessing else { return }
        isProcessing = true
        defer {
            isProcessing = false
            countReceived()
        }
        while !isClosing, isWritable {
            switch head {
            case .incomplete: return sendAnswers()
            case .refused(let reason): return refuse(reason)
            case .whole(let apiKey, let byteCount):
                guard mayBegin(apiKey) else { return sendAnswers() }
                // A bare token with its length is what SaslAuthenticate of version 0 has after its head.
                let token =
                    session.sendsBareTokens
                    ? received.getSlice(at: received.readerIndex, length: byteCount + 4) : nil
                guard let frame = framing.cut(byteCount, from: &received) else { return }
                begin(token ?? frame, isBareToken: token != nil)
            }
            sendAnswers()
        }
        closeIfDone()
    }

    private func mayBegin(_ apiKey: Int16) -> Bool {
        guard let last = inFlight.last else { return true }
        return apiKey == APIKey.produce.rawValue && last.apiKey == apiKey
            && inFlight.count < Self.maxPipelinedRequests && inFlightBytes < Self.maxPipelinedBytes
            && !surroundings.isCongested()
    }

    private func begin(_ frame: ByteBuffer, isBareToken: Bool) {
        var body = frame
        do throws(KafkaWireError) {
            let header = try isBareToken ? .bareToken : RequestHeader(&body)
            let principal = try principal(for: header)
            surroundings.counters.count(requestOf: header.apiKey)
            let sequence = nextSequence
            nextSequence &+= 1
            inFlight.append(
                InFlight(
                    sequence: sequence, correlationID: header.correlationID, apiKey: header.apiKey,
                    byteCount: frame.readableBytes, isBareToken: isBareToken))
            inFlightBytes += frame.readableBytes
            let context = RequestContext(
                apiVersion: header.apiVersion, clientID: header.clientID, clientHost: clientHost,
                principal: principal, loop: loop, session: session, advertised: advertised)
            try surroundings.dispatcher.start(header, body, context) { [outbox, self] response, version in
                outbox.deliver(
                    .init(connection: self, sequence: sequence, response: response, version: version))
            }
        } catch {
            refuse(error.message)
        }
    }

    /// Who asks; before the login only what belongs to it may be asked.
    private func principal(for header: RequestHeader) throws(KafkaWireError) -> Principal {
        if session.principal == nil, let channel = context?.channel {
            session.principal = surroundings.security.principal(of: channel)
        }
        let isOver = session.loginEnd.map { $0 <= .now() } ?? false
        if let principal = session.principal, !isOver { return principal }
        switch APIKey(rawValue: header.apiKey) {
        case .apiVersions, .saslHandshake, .saslAuthenticate: return .anonymous
        default:
            throw KafkaWireError(.unsupportedRequest, "a request of key \(header.apiKey) without a login")
        }
    }

    /// Closes the connection, as Apache Kafka does: after bytes that are not understood nothing else is.
    private func refuse(_ reason: String) {
        surroundings.counters.refusedRequests.add(1, ordering: .relaxed)
        surroundings.logger.debug(
            "kafka connection closed", metadata: ["client": "\(clientHost)", "reason": "\(reason)"])
        isClosing = true
        drop()
        context?.close(promise: nil)
    }

    // MARK: Answers

    /// A handler's answer, on the event loop.
    func finish(_ answer: AnswerOutbox.Answer) {
        guard let place = inFlight.firstIndex(where: { $0.sequence == answer.sequence }),
            !inFlight[place].isAnswered
        else { return }
        inFlight[place].isAnswered = true
        if let response = answer.response {
            inFlight[place].frame =
                inFlight[place].isBareToken
                ? bareToken(response) : encode(response, answer.version, for: inFlight[place])
        }
        guard !isProcessing else { return }
        sendAnswers()
        process()
        resumeReading()
    }

    private func encode(
        _ response: any KafkaResponse, _ version: Int16, for request: InFlight
    ) -> [ByteBuffer] {
        let api = APIKey(rawValue: request.apiKey)
        let buffer = context?.channel.allocator.buffer(capacity: 256) ?? ByteBuffer()
        var writer = WireWriter(buffer, isFlexible: api?.isFlexible(version) ?? false)
        writer.int32(0)
        writer.int32(request.correlationID)
        if api?.hasFlexibleResponseHeader(version) == true { writer.emptyTaggedFields() }
        response.write(to: &writer, version: version)
        var segments = writer.finish()
        let byteCount = segments.reduce(0) { $0 + $1.readableBytes }
        segments[0].setInteger(Int32(clamping: byteCount - 4), at: segments[0].readerIndex)
        return segments
    }

    /// A login that fails is told of by the end of the connection alone.
    private func bareToken(_ response: any KafkaResponse) -> [ByteBuffer] {
        guard let response = response as? SaslAuthenticateResponse, response.error == .none else { return [] }
        var writer = WireWriter(isFlexible: false)
        writer.bytes(response.token)
        return writer.finish()
    }

    /// Sends the answers whose turn it is.
    private func sendAnswers() {
        guard let context, let first = inFlight.first, first.isAnswered else { return }
        var count = 0
        var byteCount = 0
        while count < inFlight.count, inFlight[count].isAnswered {
            for segment in inFlight[count].frame ?? [] {
                byteCount += segment.readableBytes
                context.write(wrapOutboundOut(segment), promise: nil)
            }
            inFlightBytes -= inFlight[count].byteCount
            count += 1
        }
        inFlight.removeFirst(count)
        lastActivity = loop.now
        if session.closesAfterAnswer { isClosing = true }
        surroundings.counters.sentBytes.add(byteCount, ordering: .relaxed)
        if isClosing, inFlight.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
                self.context?.close(promise: nil)
            }
        } else if byteCount > 0 {
            context.flush()
        }
    }
}
