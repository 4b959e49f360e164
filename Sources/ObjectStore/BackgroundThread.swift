import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread of its own for work that blocks and may wait, run piece by piece in order.
///
/// Its lower priority leaves the processors to the threads that answer requests while these need them. It must not
/// be a thread of a shared pool, whose other users would inherit that priority.
package final class BackgroundThread: Sendable {
    private struct Work {
        var pieces: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private final class Inbox: Sendable {
        let work = Mutex(Work())
        let arrived = DispatchSemaphore(value: 0)
    }

    private let inbox = Inbox()

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: shown by tools of the system; 15 characters at most.
    ///   - niceness: 0 as other threads, up to 19 for the lowest priority.
    package init(name: String, niceness: Int32) {
        let thread = Thread { [inbox] in
            Thread.current.name = name
            #if canImport(Glibc)
                // On Linux the priority is that of the calling thread, not of the process.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
            #endif
            Self.work(on: inbox)
        }
        thread.start()
    }

    deinit {
        inbox.work.withLock { $0.isClosed = true }
        inbox.arrived.signal()
    }

    private static func work(on inbox: Inbox) {
        while true {
            inbox.arrived.wait()
            let (piece, isClosed) = inbox.work.withLock { work in
                (work.pieces.isEmpty ? nil : work.pieces.removeFirst(), work.isClosed)
            }
            if let piece { piece() } else if isClosed { return }
        }
    }

    /// Runs `body` on the thread, after what was handed in before.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            inbox.work.withLock { $0.pieces.append { continuation.resume(with: Result(catching: body)) } }
            inbox.arrived.signal()
        }
    }
}

extension BackgroundThread {
    /// Runs what a store does on this machine, after what was handed in before.
    func store<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ObjectStoreError) -> Value
    ) async throws(ObjectStoreError) -> Value {
        do {
            return try await run(work)
        } catch let error as ObjectStoreError {
            throw error
        } catch {
            throw ObjectStoreError(.unavailable, "\(error)")
        }
    }
}
