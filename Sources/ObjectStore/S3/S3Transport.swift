import AsyncHTTPClient
import NIOCore
import Synchronization

/// The connections to stores, shared by all that reach theirs in the same way.
///
/// They live as long as the process; those that are idle are closed after a while.
enum S3Transport {
    private struct Way: Hashable {
        var proxy: S3Proxy?
        var timeoutMilliseconds: Int
    }

    /// Most connections to one store.
    private static let mostConnections = 32

    private static let clients = Mutex<[Way: HTTPClient]>([:])

    static func client(for settings: S3Settings) -> HTTPClient {
        let way = Way(proxy: settings.proxy, timeoutMilliseconds: max(1, settings.timeoutMilliseconds))
        return clients.withLock { clients in
            if let client = clients[way] { return client }
            let client = make(way)
            clients[way] = client
            return client
        }
    }

    private static func make(_ way: Way) -> HTTPClient {
        // A redirect would go without a fitting signature: it is told as an error.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .milliseconds(min(Int64(way.timeoutMilliseconds), 10_000))
        configuration.timeout.read = .milliseconds(Int64(way.timeoutMilliseconds))
        configuration.timeout.write = .milliseconds(Int64(way.timeoutMilliseconds))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = mostConnections
        // Attempts are counted and spaced by the client above.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let proxy = way.proxy {
            let user = proxy.user.map {
                HTTPClient.Authorization.basic(username: $0, password: proxy.password ?? "")
            }
            configuration.proxy = .server(host: proxy.host, port: proxy.port, authorization: user)
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}

/// Chance for the spacing of attempts: nothing depends on its being unforeseeable.
final class S3Chance: Sendable {
    private let state: Mutex<UInt64>

    init(seed: UInt64) {
        state = Mutex(seed)
    }

    /// From 0 to 1.
    func next() -> Double {
        let bits = state.withLock { state in
            // SplitMix64.
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        return Double(bits >> 11) / Double(1 << 53)
    }
}
