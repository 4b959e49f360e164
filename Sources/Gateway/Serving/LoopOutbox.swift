import NIOCore
import StreamModel
import Synchronization

/// Carries answers to one event loop: however many a commit of the log brings, the loop is woken once.
final class LoopOutbox: Sendable {
    enum Delivery: Sendable {
        /// The log's answer to the records of a connection.
        case appended(GatewayConnection, Result<AppendReceipt, AppendError>)
        case work(@Sendable () -> Void)
    }

    private let loop: any EventLoop
    private let deliveries = Mutex<[Delivery]>([])

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// From any thread; what is delivered first is done first.
    func deliver(_ delivery: Delivery) {
        let wasEmpty = deliveries.withLock { deliveries in
            deliveries.append(delivery)
            return deliveries.count == 1
        }
        if wasEmpty { loop.execute { self.drain() } }
    }

    private func drain() {
        let delivered = deliveries.withLock { deliveries in
            defer { deliveries = [] }
            return deliveries
        }
        for delivery in delivered {
            switch delivery {
            case .appended(let connection, let result): connection.finish(result)
            case .work(let work): work()
            }
        }
    }
}
