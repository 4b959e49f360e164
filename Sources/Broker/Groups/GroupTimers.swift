import NIOCore

/// Time for groups, handed in so that tests can turn the hands.
protocol GroupTimers: Sendable {
    var now: NIODeadline { get }

    /// Runs `body` once, at `deadline` or a little later, on any thread.
    func schedule(at deadline: NIODeadline, _ body: @escaping @Sendable () -> Void) -> GroupTimer
}

/// Something that is to happen.
struct GroupTimer: Sendable {
    /// It may still happen if it is about to.
    let cancel: @Sendable () -> Void
}

/// Timers of an event loop.
struct EventLoopTimers: GroupTimers {
    let loop: any EventLoop

    var now: NIODeadline { .now() }

    func schedule(at deadline: NIODeadline, _ body: @escaping @Sendable () -> Void) -> GroupTimer {
        let scheduled = loop.scheduleTask(deadline: deadline, body)
        return GroupTimer { scheduled.cancel() }
    }
}
