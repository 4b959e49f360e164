import NIOPosix

/// Threads that may block: the disk is read here, never on an event loop.
package final class BrokerThreads: Sendable {
    private let pool: NIOThreadPool

    package init(count: Int) {
        pool = NIOThreadPool(numberOfThreads: max(1, count))
        pool.start()
    }

    /// Runs `body` on a thread, then `then` on the same one with what came out.
    ///
    /// After `shutDown` nothing is run any more: `then` gets `BrokerThreads.Closed` at once.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value,
        then: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        pool.submit { state in
            guard case .active = state else { return then(.failure(Closed())) }
            then(Result { try body() })
        }
    }

    /// The server is being shut down.
    package struct Closed: Error {}

    /// Finishes what has begun; what waits gets `Closed`.
    package func shutDown() async {
        try? await pool.shutdownGracefully()
    }
}
