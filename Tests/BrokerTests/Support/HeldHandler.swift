import KafkaWire
import NIOCore
import Synchronization

@testable import Broker

/// Keeps requests until the test answers them.
final class HeldHandler<Request: KafkaRequest>: RequestHandler, Sendable {
    private struct State {
        var requests: [Request] = []
        var contexts: [RequestContext] = []
        var replies: [Reply<Request.Response>] = []
    }

    private let state = Mutex(State())

    func handle(_ request: Request, _ context: RequestContext, _ reply: Reply<Request.Response>) {
        state.withLock { state in
            state.requests.append(request)
            state.contexts.append(context)
            state.replies.append(reply)
        }
    }

    var requests: [Request] { state.withLock { $0.requests } }
    var contexts: [RequestContext] { state.withLock { $0.contexts } }

    /// Answers the request at a place in the order of their coming.
    func answer(_ place: Int, _ response: Request.Response) { state.withLock { $0.replies[place] }(response) }

    func answerNothing(_ place: Int) { state.withLock { $0.replies[place] }.nothing() }
}
