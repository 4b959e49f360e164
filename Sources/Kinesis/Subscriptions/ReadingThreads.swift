import Dispatch

/// Threads that may block on the disk: one queue each, so that a shard is read by one at a time.
final class ReadingThreads: Sendable {
    private let queues: [DispatchQueue]

    init(count: Int) {
        queues = (0..<max(1, count)).map { DispatchQueue(label: "kinesis-reader-\($0)") }
    }

    /// - Parameter number: the same number, the same thread.
    func run(_ number: Int, _ body: @escaping @Sendable () -> Void) {
        queues[Int(UInt(bitPattern: number) % UInt(queues.count))].async(execute: body)
    }
}
