import NIOCore

/// What goes out; all on the event loop.
extension GatewayConnection {
    func sendContinue() {
        guard let context else { return }
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    func answer(
        status: Int, contentType: String, keepsAlive: Bool, _ writeBody: (inout ByteBuffer) -> Void
    ) {
        if once != nil {
            var body = ByteBuffer()
            writeBody(&body)
            let response = GatewayResponse(status: status, contentType: contentType, body: body)
            return answer(response, keepsAlive: keepsAlive)
        }
        guard let context else { return }
        surroundings.counters.count(status: status)
        let stays = keepsAlive && !isClosing
        let bytes = writer.response(
            status: status, contentType: contentType, keepsAlive: stays,
            allocator: context.channel.allocator, writeBody)
        if logEntry != nil { writeLog(status, bytes.readableBytes) }
        send(bytes, stays: stays)
    }

    func answer(_ response: GatewayResponse, keepsAlive: Bool) {
        takeOnce()?.answered(response)
        guard let context else { return }
        surroundings.counters.count(status: response.status)
        let stays = keepsAlive && !isClosing
        let bytes = HTTPResponseWriter.bytes(
            of: response, keepsAlive: stays, allocator: context.channel.allocator)
        if logEntry != nil { writeLog(response.status, bytes.readableBytes) }
        send(bytes, stays: stays)
    }

    /// What is to be told of the answer, if the request may be repeated.
    func takeOnce() -> RequestOnce? {
        defer { once = nil }
        return once
    }

    private func writeLog(_ status: Int, _ byteCount: Int) {
        guard var entry = logEntry else { return }
        logEntry = nil
        entry.status = status
        entry.responseBytes += byteCount
        entry.nanoseconds = (NIODeadline.now() - entry.began).nanoseconds
        surroundings.accessLog?.write(entry)
    }

    private func send(_ bytes: ByteBuffer, stays: Bool) {
        guard stays else { return finishSending(after: bytes) }
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Sends the last answer and closes.
    func finishSending(after response: ByteBuffer) {
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

    // MARK: Exchanges

    /// The request that the exchange belongs to, if it is the one being worked on.
    private func current(_ exchange: Exchange) -> CurrentExchange? {
        guard case .exchange(let current) = pending, current.exchange === exchange else { return nil }
        return current
    }

    func answer(_ exchange: Exchange, _ response: GatewayResponse) {
        guard let current = current(exchange), !current.hasBegun else { return }
        leave(current)
        answer(response, keepsAlive: current.keepsAlive)
        goOn()
    }

    func begin(_ exchange: Exchange, _ head: GatewayResponse) {
        guard var current = current(exchange), !current.hasBegun, let context else { return }
        surroundings.counters.count(status: head.status)
        current.hasBegun = true
        logEntry?.status = head.status
        if once != nil { answerInParts = head }
        // Without chunks only the end of the connection ends the answer.
        if current.isVersion10 { current.keepsAlive = false }
        pending = .exchange(current)
        let bytes = HTTPResponseWriter.head(
            of: head, keepsAlive: current.keepsAlive && !isClosing, isChunked: !current.isVersion10,
            allocator: context.channel.allocator)
        logEntry?.responseBytes += bytes.readableBytes
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// - Parameter sent: called when the part has left, or never will.
    func write(_ exchange: Exchange, _ part: ByteBuffer, sent: @escaping @Sendable () -> Void) {
        guard let current = current(exchange), current.hasBegun, let context else { return sent() }
        let bytes =
            current.isVersion10 ? part : HTTPResponseWriter.chunk(part, allocator: context.channel.allocator)
        logEntry?.responseBytes += bytes.readableBytes
        // Past its limit an answer is not kept, however much of it there is.
        if once != nil, (answerInParts?.body.readableBytes ?? 0) <= RequestOnce.maxAnswerBytes {
            answerInParts?.body.writeImmutableBuffer(part)
        }
        context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in sent() }
    }

    func end(_ exchange: Exchange) {
        guard let current = current(exchange), current.hasBegun else { return }
        if let response = answerInParts { takeOnce()?.answered(response) }
        answerInParts = nil
        leave(current)
        if let status = logEntry?.status { writeLog(status, 0) }
        let last = current.isVersion10 ? ByteBuffer() : ByteBuffer(staticString: "0\r\n\r\n")
        send(last, stays: current.keepsAlive && !isClosing)
        goOn()
    }

    func resumeBody(of exchange: Exchange) {
        if current(exchange) != nil { goOn() }
    }

    private func leave(_ current: CurrentExchange) {
        pending = nil
        if let receiver = current.receiver {
            // Answered before the body was complete: what still comes of it is no request.
            isClosing = true
            receiver.aborted()
        }
        current.exchange.close()
    }
}
