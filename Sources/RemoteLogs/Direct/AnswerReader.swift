import NIOCore
import Synchronization

/// Cuts answers out of what a connection receives, and hands each to the request that waits for it.
final class AnswerReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private struct State {
        var received = ByteBuffer()
        var waiting: EventLoopPromise<ByteBuffer>?
        var failure: RemoteLogError?
    }

    /// No answer of administration is longer.
    private static let maxAnswerBytes = 64 << 20

    private let state = Mutex(State())

    /// Takes the next answer, or the failure of the connection; one request waits at a time.
    func expect(_ promise: EventLoopPromise<ByteBuffer>) {
        let failure = state.withLock { state in
            if state.failure == nil { state.waiting = promise }
            return state.failure
        }
        if let failure { promise.fail(failure) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        let (answer, isTooLong) = state.withLock { state -> (ByteBuffer?, Bool) in
            state.received.writeBuffer(&bytes)
            guard let length = state.received.getInteger(at: state.received.readerIndex, as: Int32.self)
            else { return (nil, false) }
            guard (4...Self.maxAnswerBytes).contains(Int(length)) else { return (nil, true) }
            guard state.received.readableBytes >= Int(length) + 4 else { return (nil, false) }
            state.received.moveReaderIndex(forwardBy: 4)
            return (state.received.readSlice(length: Int(length)), false)
        }
        if isTooLong { fail("it does not answer as a Kafka server does", context) }
        guard let answer else { return }
        take()?.succeed(answer)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("the server has closed the connection", context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("\(error)", context)
    }

    private func take() -> EventLoopPromise<ByteBuffer>? {
        state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
    }

    private func fail(_ reason: String, _ context: ChannelHandlerContext) {
        let error = RemoteLogError(.unreachable, reason)
        state.withLock { if $0.failure == nil { $0.failure = error } }
        take()?.fail(error)
        context.close(promise: nil)
    }
}
