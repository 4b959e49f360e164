import NIOCore
import Synchronization

/// The answer to one request, given from any thread: whole by `answer`, or in parts by `begin`, `write` and `end`.
final class Exchange: Sendable {
    private struct State {
        var isOpen = true
        var whenClosed: [@Sendable () -> Void] = []
        var isInputClosed = false
        var whenInputClosed: [@Sendable () -> Void] = []
    }

    let loop: any EventLoop
    let allocator: ByteBufferAllocator
    private let connection: GatewayConnection
    private let outbox: LoopOutbox
    private let tasks: RequestTasks
    private let dialect: any Dialect
    private let state = Mutex(State())
    /// Bytes of a streamed answer that the client has yet to take.
    private let unsentBytes = Atomic<Int>(0)

    /// More unsent bytes than these, and the client is behind.
    private static let congestionBytes = 1 << 20

    init(
        _ connection: GatewayConnection, dialect: any Dialect, outbox: LoopOutbox, tasks: RequestTasks,
        allocator: ByteBufferAllocator
    ) {
        self.connection = connection
        self.dialect = dialect
        self.outbox = outbox
        self.tasks = tasks
        self.allocator = allocator
        loop = connection.loop
    }

    // MARK: Answers

    /// Answers; a second answer is dropped.
    func answer(_ response: GatewayResponse) {
        onLoop { [self] in connection.answer(self, response) }
    }

    /// Answers in the dialect's shape.
    func refuse(_ fault: GatewayFault) { answer(dialect.response(to: fault)) }

    /// Works in a task that the server owns, and answers what it returns; an error other than a `GatewayFault` is told
    /// as one of the server's.
    func run(_ work: @escaping @Sendable () async throws -> GatewayResponse) {
        tasks.submit { [self] in
            do {
                answer(try await work())
            } catch let fault as GatewayFault {
                refuse(fault)
            } catch is CancellationError {
                refuse(GatewayFault(.unavailable(retryAfter: 1), "the server is being shut down: try again"))
            } catch {
                refuse(GatewayFault(.internalError, "\(error)"))
            }
        }
    }

    /// Works in a task that the server owns, for an answer that is given otherwise.
    func work(_ work: @escaping @Sendable () async -> Void) { tasks.submit(work) }

    /// Begins an answer whose parts follow.
    func begin(status: Int, contentType: String, headers: [(name: String, value: String)] = []) {
        let head = GatewayResponse(status: status, contentType: contentType, headers: headers)
        onLoop { [self] in connection.begin(self, head) }
    }

    func write(_ part: ByteBuffer) {
        let count = part.readableBytes
        guard count > 0 else { return }
        unsentBytes.add(count, ordering: .relaxed)
        onLoop { [self] in
            connection.write(self, part) { self.unsentBytes.subtract(count, ordering: .relaxed) }
        }
    }

    func end() { onLoop { [self] in connection.end(self) } }

    /// Whether the client is so far behind that the next part should wait.
    var isCongested: Bool { unsentBytes.load(ordering: .relaxed) > Self.congestionBytes }

    /// Tells that the receiver of the request's body can take more.
    func resumeReading() { onLoop { [self] in connection.resumeBody(of: self) } }

    private func onLoop(_ work: @escaping @Sendable () -> Void) {
        if loop.inEventLoop { work() } else { outbox.deliver(.work(work)) }
    }

    // MARK: Its end

    /// False once the answer is complete or the client is gone.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Runs when the answer is complete or the client is gone; at once if it is so already.
    func whenClosed(_ body: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            if state.isOpen { state.whenClosed.append(body) }
            return state.isOpen
        }
        if !isOpen { body() }
    }

    /// Runs when the client has closed its side of the connection, as it does when it goes away; one that only sends
    /// no more can still be answered.
    func whenInputClosed(_ body: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if !state.isInputClosed { state.whenInputClosed.append(body) }
            return state.isInputClosed
        }
        if isClosed { body() }
    }

    /// Called by the connection.
    func closeInput() {
        let waiting = state.withLock { state in
            state.isInputClosed = true
            defer { state.whenInputClosed = [] }
            return state.whenInputClosed
        }
        for body in waiting { body() }
    }

    /// Called by the connection.
    func close() {
        let waiting = state.withLock { state in
            state.isOpen = false
            defer { (state.whenClosed, state.whenInputClosed) = ([], []) }
            return state.whenClosed
        }
        for body in waiting { body() }
    }
}
