import NIOCore
import StreamModel

/// Asks clients who they are and limits how much each may send, as it is set.
struct CheckingGate: RequestGate {
    /// Nil: nobody is asked.
    let authenticator: Authenticator?
    /// Nil: nobody is limited.
    let limits: RateLimits?
    let access: (any AccessControl)?

    func admit(_ head: HTTPRequestHead, _ body: ByteBuffer?, from connection: ConnectionFacts) -> Admission {
        guard let authenticator else {
            return limited(Caller(name: nil, address: connection.address), body)
        }
        switch authenticator.caller(of: head, body, from: connection) {
        case .admitted(let caller): return limited(caller, body)
        case .refused(let fault): return .refused(fault)
        case .later(let future):
            return .later(future.assumeIsolated().map { limited($0, body) }.nonisolated())
        }
    }

    private func limited(_ admission: Admission, _ body: ByteBuffer?) -> Admission {
        guard case .admitted(let caller) = admission else { return admission }
        return limited(caller, body)
    }

    private func limited(_ caller: Caller, _ body: ByteBuffer?) -> Admission {
        var caller = caller
        caller.access = access
        guard let limits else { return .admitted(caller) }
        let wait = limits.admit(caller.identity, byteCount: body?.readableBytes ?? 0)
        guard let wait else { return .admitted(caller) }
        return .refused(
            GatewayFault(
                .tooManyRequests(retryAfter: wait),
                "too many requests or bytes of \(caller.identity): try again in \(wait) s"))
    }

    func charge(_ byteCount: Int, to caller: Caller) { limits?.charge(caller.identity, byteCount: byteCount) }
}
