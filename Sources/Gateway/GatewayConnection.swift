import JSONText
import NIOCore
import StreamModel

/// One connection of the ingest port: cuts requests out of the stream, appends, answers in order.
///
/// A request is worked on when the one before it is answered; meanwhile reading pauses once a request's worth of
/// bytes has piled up. No task and no `await` on the way: the log's answer comes back through the loop's outbox.
///
/// `@unchecked Sendable`: after it is added to its channel it is touched on that channel's event loop alone.
final class GatewayConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all connections of a gateway share.
    struct Surroundings: Sendable {
        var appender: any RecordAppender
        var settings: GatewaySettings
        var counters: GatewayCounters
    }

    private struct Pending {
        var recordCount: Int
        var byteCount: Int
        var keepsAlive: Bool
    }

    /// Bytes that a client may send ahead while its request is worked on.
    private static let readAheadBytes = 64 << 10

    private let surroundings: Surroundings
    private let outbox: LoopOutbox
    private var parser: HTTPRequestParser
    private var scanner: JSONScanner
    private var writer = HTTPResponseWriter()
    private var context: ChannelHandlerContext?
    /// Set before the connection is shared, for callers on other threads.
    let loop: any EventLoop
    private var received = ByteBuffer()
    private var pending: Pending?
    private var isClosing = false
    /// The client sends no more; what it has sent is still answered.
    private var hasSentAll = false
    /// The last answer was sent; whatever else the client sends is dropped.
    private var isFinished = false
    private var readWasAsked = false
    private var lastRead = NIODeadline.now()
    private var idleWatch: Scheduled<Void>?
    private var lastRoute: (target: String, route: GatewayRoute)?

    init(_ surroundings: Surroundings, outbox: LoopOutbox, loop: any EventLoop) {
        self.loop = loop
        self.surroundings = surroundings
        self.outbox = outbox
        parser = HTTPRequestParser(
            maxHeadBytes: surroundings.settings.maxHeaderBytes,
            maxBodyBytes: surroundings.settings.maxRequestBytes)
        scanner = JSONScanner(maxDepth: surroundings.settings.maxJSONDepth)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastRead = .now()
        watchIdleness(after: idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        idleWatch?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        var bytes = unwrapInboundIn(data)
        if received.readableBytes == 0 { received = bytes } else { received.writeBuffer(&bytes) }
        process()
    }

    func read(context: ChannelHandlerContext) {
        if !isFree, received.readableBytes > Self.readAheadBytes {
            readWasAsked = true
        } else {
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: inputClosed(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private var idleTimeout: TimeAmount { .milliseconds(surroundings.settings.idleTimeoutMilliseconds) }

    /// Closes the connection when nothing has arrived for the idle time: one timer for as long, not one a read.
    private func watchIdleness(after time: TimeAmount) {
        idleWatch = loop.assumeIsolated().scheduleTask(in: time) { [self] in
            let rest = lastRead + idleTimeout - .now()
            if rest > .zero || pending != nil {
                watchIdleness(after: max(rest, .milliseconds(100)))
            } else {
                context?.close(promise: nil)
            }
        }
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        hasSentAll = true
        process()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Answers what is being worked on, then closes.
    func closeWhenIdle() {
        isClosing = true
        if pending == nil { context?.close(promise: nil) }
    }

    /// A client that sends on without reading its answers is not listened to meanwhile.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        process()
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    // MARK: Requests

    /// Nothing is being worked on, and the client takes its answers.
    private var isFree: Bool { pending == nil && context?.channel.isWritable == true }

    private func process() {
        while isFree {
            guard !isFinished else { return received.clear() }
            switch parser.next(&received) {
            case .needsMore:
                if received.readableBytes == 0 { received = ByteBuffer() }
                // Behind the answers that are still on their way.
                if hasSentAll { finishSending(after: ByteBuffer()) }
                return
            case .head(let head):
                if head.expectsContinue { sendContinue() }
            case .request(let head, let body): handle(head, body)
            case .fault(let fault):
                if fault.closes { isClosing = true }
                answer(RESTProxyError(fault), keepsAlive: !fault.closes)
            }
        }
    }

    private func handle(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        do throws(RESTProxyError) {
            switch route(of: head.target) {
            case .produce(let topic, let text, let partition):
                guard head.method == .post else { throw .methodNotAllowed(but: "POST") }
                try produce(head, body, topic, text, partition)
            case .root:
                guard head.method == .get else { throw .methodNotAllowed(but: "GET") }
                answer(status: 200, keepsAlive: head.keepsAlive) { $0.writeStaticString("{}") }
            case .notFound: throw .notFound
            }
        } catch {
            answer(error, keepsAlive: head.keepsAlive)
        }
    }

    /// A client posts to few topics: the last one's path needs no second look.
    private func route(of target: String) -> GatewayRoute {
        if let lastRoute, lastRoute.target == target { return lastRoute.route }
        let route = RequestRouter.route(target)
        lastRoute = (target, route)
        return route
    }

    private func produce(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ topic: TopicName?, _ text: String, _ partition: Int32?
    ) throws(RESTProxyError) {
        guard let format = EmbeddedFormat(contentType: head.contentType) else { throw .unsupportedMediaType }
        guard AcceptHeader.allowsJSON(head.accept) else { throw .notAcceptable }
        guard let topic else {
            throw RESTProxyError(
                .kafkaBadRequest,
                "Invalid topic name '\(text.prefix(260))': 1 to 249 of the characters a-z A-Z 0-9 . _ - are allowed"
            )
        }
        let records = try ProduceRequest.decode(
            body, as: format, partition: partition, maxRecords: surroundings.settings.maxRequestRecords,
            with: &scanner)
        pending = Pending(
            recordCount: records.entries.count, byteCount: body.readableBytes, keepsAlive: head.keepsAlive)
        surroundings.appender.append(records, to: topic) { [outbox, self] result in
            outbox.deliver(.init(connection: self, result: result))
        }
    }

    /// The log's answer, on the event loop.
    func finish(_ result: Result<AppendReceipt, AppendError>) {
        guard let pending else { return }
        self.pending = nil
        switch result {
        case .success(let receipt):
            surroundings.counters.count(records: pending.recordCount, bytes: pending.byteCount)
            answer(status: 200, keepsAlive: pending.keepsAlive) { buffer in
                RESTProxyAnswer.write(receipt, recordCount: pending.recordCount, to: &buffer)
            }
        case .failure(let error): answer(RESTProxyError(error), keepsAlive: pending.keepsAlive)
        }
        process()
        resumeReading()
    }

    private func resumeReading() {
        guard readWasAsked, isFree else { return }
        readWasAsked = false
        context?.read()
    }

    // MARK: Answers

    private func sendContinue() {
        guard let context else { return }
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    private func answer(_ error: RESTProxyError, keepsAlive: Bool) {
        let extra = HTTPResponseWriter.Extra(retryAfter: error.retryAfter, allow: error.allowedMethod)
        answer(status: error.code.status, keepsAlive: keepsAlive, extra: extra) { buffer in
            RESTProxyAnswer.write(error, to: &buffer)
        }
    }

    private func answer(
        status: Int, keepsAlive: Bool, extra: HTTPResponseWriter.Extra = .init(),
        _ writeBody: (inout ByteBuffer) -> Void
    ) {
        guard let context else { return }
        surroundings.counters.count(status: status)
        let stays = keepsAlive && !isClosing
        let response = writer.response(
            status: status, keepsAlive: stays, extra: extra, allocator: context.channel.allocator,
            writeBody)
        guard !stays else { return context.writeAndFlush(wrapOutboundOut(response), promise: nil) }
        finishSending(after: response)
    }

    /// Sends the last answer and closes.
    private func finishSending(after response: ByteBuffer) {
        guard let context, !isFinished else { return }
        isClosing = true
        isFinished = true
        // Closing the writing side first lets the client read the answer though it may still be sending.
        context.writeAndFlush(wrapOutboundOut(response)).assumeIsolated().whenComplete { [self] _ in
            if hasSentAll { return self.context?.close(promise: nil) ?? () }
            self.context?.close(mode: .output, promise: nil)
            self.context?.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) {
                self.context?.close(promise: nil)
            }
        }
    }
}
