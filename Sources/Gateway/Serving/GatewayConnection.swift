import JSONText
import NIOCore
import StreamModel
import TransportSecurity

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
        var services: GatewayServices
        var settings: GatewaySettings
        var counters: GatewayCounters
        var tasks: RequestTasks
        var gate: any RequestGate
        /// Nil: no request is looked for among those before.
        var repeats: RequestRepeats?
        /// Nil: requests are not written down.
        var accessLog: AccessLog?
        var router: RequestRouter

        /// - Parameter dialects: those beside REST Proxy v2, which answers for paths that are nobody's.
        init(
            services: GatewayServices, settings: GatewaySettings, counters: GatewayCounters,
            tasks: RequestTasks, gate: any RequestGate = OpenGate(), repeats: RequestRepeats? = nil,
            accessLog: AccessLog? = nil, dialects: [any Dialect] = []
        ) {
            self.services = services
            self.settings = settings
            self.counters = counters
            self.tasks = tasks
            self.gate = gate
            self.repeats = repeats
            self.accessLog = accessLog
            let restProxy = RESTProxyDialect(
                cluster: services.cluster, consumers: services.consumers, schemas: services.schemas)
            router = RequestRouter(dialects + [restProxy], fallback: restProxy)
        }
    }

    /// What is being worked on.
    enum Pending {
        /// The gate has yet to say whether the request is let in.
        case admission
        case append(recordCount: Int, byteCount: Int, keepsAlive: Bool)
        case exchange(CurrentExchange)

        var isBodyUnderWay: Bool {
            if case .exchange(let current) = self { return current.receiver != nil }
            return false
        }
    }

    /// A request that a handler answers.
    struct CurrentExchange {
        var exchange: Exchange
        var keepsAlive: Bool
        var isVersion10: Bool
        /// Takes the body, until that is complete.
        var receiver: (any BodyReceiver)?
        var caller: Caller
        /// The head of a streamed answer was sent.
        var hasBegun = false
    }

    /// Bytes that a client may send ahead while its request is worked on.
    private static let readAheadBytes = 64 << 10

    let surroundings: Surroundings
    let outbox: LoopOutbox
    private var parser: HTTPRequestParser
    private var scanner: JSONScanner
    var writer = HTTPResponseWriter()
    var context: ChannelHandlerContext?
    /// Set before the connection is shared, for callers on other threads.
    let loop: any EventLoop
    var facts: ConnectionFacts
    /// The request being worked on, if it may be repeated, and its answer so far, if it comes in parts.
    var once: RequestOnce?
    var answerInParts: GatewayResponse?
    /// What the access log will tell of the request being worked on.
    var logEntry: AccessLogEntry?
    var slowness = SlowClientWatch()
    private var slownessWatch: Scheduled<Void>?
    private var received = ByteBuffer()
    var pending: Pending?
    var isClosing = false
    /// The client sends no more; what it has sent is still answered.
    var hasSentAll = false
    /// The last answer was sent; whatever else the client sends is dropped.
    var isFinished = false
    private var isProcessing = false
    private var readWasAsked = false
    private var lastRead = NIODeadline.now()
    private var idleWatch: Scheduled<Void>?
    private var lastRoute: (target: String, route: GatewayRoute)?

    init(_ surroundings: Surroundings, outbox: LoopOutbox, facts: ConnectionFacts) {
        loop = facts.loop
        self.facts = facts
        self.surroundings = surroundings
        self.outbox = outbox
        let router = surroundings.router
        parser = HTTPRequestParser(
            maxHeadBytes: surroundings.settings.maxHeaderBytes,
            maxBodyBytes: surroundings.settings.maxRequestBytes,
            streams: { head in
                // Only these are worth the search for a route before the body is there.
                guard head.body == .chunked || head.target.hasSuffix("/records") else { return false }
                return router.route(head).endpoint?.handlers[head.method] is any StreamingHandler
            })
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
        slownessWatch?.cancel()
        if case .exchange(let current) = pending {
            pending = nil
            current.receiver?.aborted()
            current.exchange.close()
            takeOnce()?.abandon()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        var bytes = unwrapInboundIn(data)
        slowness.received(bytes.readableBytes)
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
            if rest > .zero || pending.map({ !$0.isBodyUnderWay }) == true {
                watchIdleness(after: max(rest, .milliseconds(100)))
            } else {
                context?.close(promise: nil)
            }
        }
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        hasSentAll = true
        if case .exchange(let current) = pending { current.exchange.closeInput() }
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

    /// Nothing is being worked on but a body that comes, and the client takes its answers.
    private var isFree: Bool {
        guard context?.channel.isWritable == true else { return false }
        guard case .exchange(let current) = pending else { return pending == nil }
        return current.receiver?.wantsMore == true
    }

    func process() {
        // A handler may answer at once: the loop that called it goes on with the next request.
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        while isFree {
            guard !isFinished else { return received.clear() }
            switch parser.next(&received) {
            case .needsMore:
                if received.readableBytes == 0 { received = ByteBuffer() }
                watchSlowness()
                // Behind the answers that are still on their way.
                if hasSentAll { endOfRequests() }
                return
            case .head(let head):
                slowness.bodyBegan(at: lastRead, byteCount: received.readableBytes)
                if head.expectsContinue { sendContinue() }
            case .request(let head, let body):
                slowness.ended()
                admit(head, body)
            case .streamed(let head):
                slowness.ended()
                if head.expectsContinue { sendContinue() }
                admit(head, nil)
            case .bodyPart(let part): receive(part)
            case .bodyEnd: endBody()
            case .fault(let fault): refuse(fault)
            }
        }
    }

    private func endOfRequests() {
        guard pending != nil else { return finishSending(after: ByteBuffer()) }
        // A body that stays incomplete.
        context?.close(promise: nil)
    }

    private func refuse(_ fault: HTTPFault) {
        if fault.closes { isClosing = true }
        guard pending == nil else {
            context?.close(promise: nil)
            return
        }
        slowness.ended()
        logEntry = surroundings.accessLog?.entry(HTTPRequestHead(), byteCount: 0, address: facts.address)
        // The last head that was understood is this request's, unless it is the head that breaks the rules.
        let dialect = surroundings.router.route(HTTPRequestHead(target: parser.lastTarget)).dialect
        answer(dialect.response(to: GatewayFault(fault)), keepsAlive: !fault.closes)
    }

    /// - Parameter body: nil if it is still to come.
    private func admit(_ head: HTTPRequestHead, _ body: ByteBuffer?) {
        pending = .admission
        if let accessLog = surroundings.accessLog {
            logEntry = accessLog.entry(head, byteCount: body?.readableBytes ?? 0, address: facts.address)
        }
        if facts.isSecure, facts.certificateName == nil { facts.certificateName = certificateName() }
        admitted(surroundings.gate.admit(head, body, from: facts), head, body)
    }

    private func certificateName() -> String? {
        context.flatMap { surroundings.services.tls?.clientName(of: $0.channel) }
    }

    private func admitted(_ admission: Admission, _ head: HTTPRequestHead, _ body: ByteBuffer?) {
        switch admission {
        case .admitted(let caller):
            pending = nil
            serve(head, body, caller)
        case .refused(let fault):
            pending = nil
            // What follows the head of a refused request cannot be told from another request.
            if body == nil { isClosing = true }
            let route = route(of: head)
            logEntry?.template = route.endpoint?.template ?? ""
            answer(route.dialect.response(to: fault), keepsAlive: head.keepsAlive)
        case .later(let future):
            future.assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let admission): admitted(admission, head, body)
                case .failure(let error):
                    admitted(.refused(GatewayFault(.internalError, "\(error)")), head, body)
                }
                process()
                resumeReading()
            }
        }
    }

    private func serve(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ caller: Caller) {
        let route = route(of: head)
        if logEntry != nil {
            logEntry?.caller = caller.name
            logEntry?.template = route.endpoint?.template ?? ""
        }
        guard let endpoint = route.endpoint else {
            return answer(
                route.dialect.response(to: GatewayFault(.notFound, "no such path")),
                keepsAlive: head.keepsAlive)
        }
        if let missing = caller.missingRight(head.method, route.path, route.query) {
            if body == nil { isClosing = true }
            let fault = GatewayFault(missing, of: caller)
            return answer(route.dialect.response(to: fault), keepsAlive: head.keepsAlive)
        }
        if head.hasIdempotencyKey, once == nil, let body, beginOnce(head, body, caller, route) { return }
        if let path = endpoint.produce, head.method == .post, let body {
            if let handler = schemaHandler(head, path) { return serve(head, body, route, handler, caller) }
            return produce(head, body, path)
        }
        guard let handler = endpoint.handlers[head.method] else {
            let fault = GatewayFault(
                .methodNotAllowed(allowed: endpoint.methods), "the method is not served at this path")
            return answer(route.dialect.response(to: fault), keepsAlive: head.keepsAlive)
        }
        serve(head, body, route, handler, caller)
    }

    private func serve(
        _ head: HTTPRequestHead, _ body: ByteBuffer?, _ route: GatewayRoute, _ handler: any GatewayHandler,
        _ caller: Caller
    ) {
        guard let context else { return }
        let exchange = Exchange(
            self, dialect: route.dialect, outbox: outbox, tasks: surroundings.tasks,
            allocator: context.channel.allocator)
        pending = .exchange(
            CurrentExchange(
                exchange: exchange, keepsAlive: head.keepsAlive, isVersion10: head.isVersion10, caller: caller
            ))
        let request = GatewayRequest(
            head: head, path: route.path, stage: route.stage, query: route.query, body: body ?? ByteBuffer(),
            caller: caller, isSecure: facts.isSecure, once: once)
        if body == nil, let handler = handler as? any StreamingHandler {
            let receiver = handler.open(request, exchange)
            // The handler may have answered already.
            guard case .exchange(var current) = pending else { return receiver.aborted() }
            current.receiver = receiver
            pending = .exchange(current)
        } else {
            handler.handle(request, exchange)
        }
    }

    /// Looks whether the request was there before, and serves it if it was not.
    ///
    /// - Returns: false if it is not one that may be repeated.
    private func beginOnce(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ caller: Caller, _ route: GatewayRoute
    ) -> Bool {
        guard let repeats = surroundings.repeats, head.method == .post || head.method == .put else {
            return false
        }
        guard let key = RequestKey(head, body, caller) else {
            let message = "Idempotency-Key must be one of 1 to \(RequestKey.maxLength) visible characters"
            let fault = GatewayFault(.malformed(status: 400), message)
            answer(route.dialect.response(to: fault), keepsAlive: head.keepsAlive)
            return true
        }
        pending = .admission
        repeats.begin(key, on: loop).assumeIsolated().whenSuccess { [self] beginning in
            pending = nil
            switch beginning {
            case .first(let request):
                guard context != nil else { return request.abandon() }
                once = request
                serve(head, body, caller)
            case .answered(var response):
                response.headers.append((name: "Idempotency-Replayed", value: "true"))
                answer(response, keepsAlive: head.keepsAlive)
            case .refused(let fault):
                answer(route.dialect.response(to: fault), keepsAlive: head.keepsAlive)
            }
            goOn()
        }
        return true
    }

    private func receive(_ part: ByteBuffer) {
        logEntry?.requestBytes += part.readableBytes
        guard case .exchange(let current) = pending else { return }
        surroundings.gate.charge(part.readableBytes, to: current.caller)
        current.receiver?.receive(part)
    }

    /// Looks after a while whether a request that has begun comes on; one that is there whole needs no timer.
    private func watchSlowness() {
        slowness.waits(isInHead: parser.isInHead && received.readableBytes > 0, at: lastRead)
        guard slowness.isWaiting, slownessWatch == nil else { return }
        let settings = surroundings.settings
        let time = min(settings.headTimeoutMilliseconds, settings.bodyGraceMilliseconds, 1000)
        slownessWatch = loop.assumeIsolated().scheduleTask(in: .milliseconds(max(10, time))) { [self] in
            slownessWatch = nil
            guard slowness.isWaiting, pending == nil else { return }
            guard let fault = slowness.fault(settings, at: .now()) else { return watchSlowness() }
            refuse(fault)
        }
    }

    private var receiver: (any BodyReceiver)? {
        guard case .exchange(let current) = pending else { return nil }
        return current.receiver
    }

    private func endBody() {
        guard case .exchange(var current) = pending, let receiver = current.receiver else { return }
        current.receiver = nil
        pending = .exchange(current)
        receiver.end()
    }

    /// A client posts to few paths: the last one needs no second look.
    private func route(of head: HTTPRequestHead) -> GatewayRoute {
        if let lastRoute, lastRoute.target == head.target { return lastRoute.route }
        let route = surroundings.router.route(head)
        // What serves the path `/` depends on more than the target.
        if !route.path.isEmpty { lastRoute = (head.target, route) }
        return route
    }

    /// What takes records with schemas; nil for others, and where there is no registry.
    private func schemaHandler(_ head: HTTPRequestHead, _ path: ProducePath) -> SchemaProduceHandler? {
        guard let registry = surroundings.services.schemas,
            case .schema(let kind) = EmbeddedFormat(contentType: head.contentType)
        else { return nil }
        return SchemaProduceHandler(
            kind: kind, path: path, registry: registry, appender: surroundings.services.appender,
            counters: surroundings.counters, settings: surroundings.settings)
    }

    private func produce(_ head: HTTPRequestHead, _ body: ByteBuffer, _ path: ProducePath) {
        do throws(RESTProxyError) {
            let format = EmbeddedFormat(contentType: head.contentType)
            guard let format, format == .json || format == .binary else { throw .unsupportedMediaType }
            guard AcceptHeader.allowsJSON(head.accept) else { throw .notAcceptable }
            guard let topic = path.topic else { throw .invalidTopic(path.text) }
            var records = try ProduceRequest.decode(
                body, as: format, partition: path.partition,
                maxRecords: surroundings.settings.maxRequestRecords,
                with: &scanner)
            records.once = once
            pending = .append(
                recordCount: records.entries.count, byteCount: body.readableBytes, keepsAlive: head.keepsAlive
            )
            surroundings.services.appender.append(records, to: topic) { [outbox, self] result in
                outbox.deliver(.appended(self, result))
            }
        } catch {
            answer(error.response(), keepsAlive: head.keepsAlive)
        }
    }

    /// The log's answer, on the event loop.
    func finish(_ result: Result<AppendReceipt, AppendError>) {
        guard case .append(let recordCount, let byteCount, let keepsAlive) = pending else { return }
        pending = nil
        switch result {
        case .success(let receipt):
            surroundings.counters.count(records: recordCount, bytes: byteCount)
            answer(status: 200, contentType: MediaType.kafkaV2, keepsAlive: keepsAlive) { buffer in
                RESTProxyAnswer.write(receipt, recordCount: recordCount, to: &buffer)
            }
        case .failure(let error): answer(RESTProxyError(error).response(), keepsAlive: keepsAlive)
        }
        goOn()
    }

    /// Takes up the next request.
    func goOn() {
        process()
        resumeReading()
    }

    private func resumeReading() {
        guard readWasAsked, isFree else { return }
        readWasAsked = false
        context?.read()
    }
}
