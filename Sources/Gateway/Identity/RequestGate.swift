import NIOCore
import StreamModel
import Synchronization

/// Decides whether a request is let in, and who its caller is.
protocol RequestGate: Sendable {
    /// Called on the connection's event loop, before the request is served; must not block.
    ///
    /// - Parameter body: nil if it is handed out as it comes.
    func admit(_ head: HTTPRequestHead, _ body: ByteBuffer?, from connection: ConnectionFacts) -> Admission

    /// Counts bytes of a body that came after its request was let in.
    func charge(_ byteCount: Int, to caller: Caller)
}

/// What is known of a connection before its requests.
struct ConnectionFacts: Sendable {
    /// The client's address, without port.
    var address: String
    var isSecure = false
    /// Who the client is by its certificate; nil if it has shown none.
    var certificateName: String?
    /// Who the last request's caller was.
    let memory = ConnectionMemory()
    let loop: any EventLoop

    init(address: String, isSecure: Bool = false, loop: any EventLoop) {
        self.address = address
        self.isSecure = isSecure
        self.loop = loop
    }
}

/// What a connection showed last, and what came of it: a client says the same with each request.
final class ConnectionMemory: Sendable {
    struct Entry: Sendable {
        var shown: Credential
        var caller: Caller
        var until: NIODeadline
    }

    private let entry = Mutex<Entry?>(nil)

    func caller(for shown: Credential, at now: NIODeadline) -> Caller? {
        entry.withLock { entry in
            guard let known = entry, known.until > now, known.shown == shown else { return nil }
            return known.caller
        }
    }

    func keep(_ new: Entry) { entry.withLock { $0 = new } }
}

/// What a gate says of a request.
enum Admission: Sendable {
    case admitted(Caller)
    case refused(GatewayFault)
    /// It is being found out; on the connection's loop.
    case later(EventLoopFuture<Admission>)
}

/// Asks nobody who it is and limits nobody.
struct OpenGate: RequestGate {
    /// Decides what anonymous callers may do; nil: everything.
    var access: (any AccessControl)?

    func admit(_ head: HTTPRequestHead, _ body: ByteBuffer?, from connection: ConnectionFacts) -> Admission {
        .admitted(Caller(name: nil, address: connection.address, access: access))
    }

    func charge(_ byteCount: Int, to caller: Caller) {}
}
