/// Sends posts: of each the pin, then its place, then its user, one request each and for each interface.
///
/// Several senders work at the same time. What is sent depends on source and settings only; in which
/// order the posts of different senders arrive does not.
package final class Emulator<TimeSource: Clock>: Sendable where TimeSource.Duration == Duration {
    private let source: any PostSource
    private let settings: EmulationSettings
    private let network: any RecordPoster
    private let clock: TimeSource
    private let state = RunState()

    /// A wait is cut into pieces no longer than this, so that a stop is noticed soon.
    private static var longestNap: Duration { .milliseconds(100) }

    package init(
        source: any PostSource, settings: EmulationSettings, network: any RecordPoster, clock: TimeSource
    ) {
        self.source = source
        self.settings = settings
        self.network = network
        self.clock = clock
    }

    /// Lets every sender finish the post it is at; the run then ends as usual.
    package func stop() { state.stop() }

    /// Sends all posts and says what became of them.
    ///
    /// - Parameters:
    ///   - interval: How often `report` is called while posts are sent; nil for never.
    /// - Throws: `serverUnreachable` if no connection can be made before anything was answered. Later on
    ///   a lost connection is one of the things that are retried.
    package func run(
        reportingEvery interval: Duration? = nil,
        report: @escaping @Sendable (EmulationReport) -> Void = { _ in }
    ) async throws -> EmulationReport {
        let start = clock.now
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for sender in 0..<settings.concurrency {
                group.addTask {
                    try await self.send(as: sender, since: start)
                    return true
                }
            }
            if let interval {
                group.addTask {
                    try await self.tick(every: interval, since: start, report)
                    return false
                }
            }
            var sending = settings.concurrency
            while sending > 0, let isSender = try await group.next() {
                if isSender { sending -= 1 }
            }
            group.cancelAll()
        }
        return makeReport(since: start)
    }

    private func makeReport(since start: TimeSource.Instant) -> EmulationReport {
        EmulationReport(
            tally: state.tally, elapsed: start.duration(to: clock.now), posts: settings.posts)
    }

    private func tick(
        every interval: Duration, since start: TimeSource.Instant,
        _ report: @Sendable (EmulationReport) -> Void
    ) async throws {
        while !Task.isCancelled {
            do { try await clock.sleep(until: clock.now.advanced(by: interval), tolerance: nil) } catch {
                return
            }
            report(makeReport(since: start))
        }
    }

    // MARK: One sender

    private func send(as sender: Int, since start: TimeSource.Instant) async throws {
        var chance = SplitMix64(seed: settings.seed, stream: .retry, item: UInt64(sender))
        let pacing = Pacing(rate: settings.rate)
        while let posts = state.takePosts(settings.batch, of: settings.posts) {
            await wait(until: start.advanced(by: pacing.dueTime(ofPost: posts.lowerBound)))
            if isOver { return }
            for table in EmulatedTable.allCases {
                for destination in settings.destinations(of: table) {
                    try await deliver(to: destination, posts, &chance)
                }
            }
            state.count { $0.postsAreDone(posts.count) }
        }
    }

    private var isOver: Bool { state.isStopped || Task.isCancelled }

    private func wait(until end: TimeSource.Instant) async {
        while clock.now < end, !isOver {
            let nap = min(clock.now.duration(to: end), Self.longestNap)
            do { try await clock.sleep(until: clock.now.advanced(by: nap), tolerance: nil) } catch { return }
        }
    }

    /// Sends the rows of one table until they are acknowledged, refused or given up.
    private func deliver(
        to destination: PostingDestination, _ posts: Range<Int>, _ chance: inout SplitMix64
    ) async throws {
        let request = PostingRequest(to: destination, ofPosts: posts, from: source)
        guard request.recordCount > 0 else { return }
        var retries = 0
        while true {
            let (cause, reason) = try await attempt(request, destination)
            guard let cause else { return }
            let delay = settings.retry.delay(after: cause, retriesSoFar: retries, chance: &chance)
            guard let delay, !isOver else {
                let end = isOver ? "stopped" : "given up after \(retries + 1) attempts"
                state.count {
                    $0.settleUnanswered("\(reason); \(end)", records: request.recordCount, to: destination)
                }
                return
            }
            retries += 1
            state.count { $0.requestWasRepeated() }
            await wait(until: clock.now.advanced(by: delay))
        }
    }

    /// Sends a request once.
    ///
    /// - Returns: Why it has to be sent again, in two forms; no cause if its records are settled.
    private func attempt(
        _ request: PostingRequest, _ destination: PostingDestination
    ) async throws -> (cause: RetryPolicy.Cause?, reason: String) {
        let start = clock.now
        do throws(PostingFailure) {
            let answer = try await network.post(request)
            let took = start.duration(to: clock.now)
            state.serverAnswered()
            if answer.status == 429 || answer.status == 503 {
                return (.busy(retryAfter: answer.retryAfter), "\(answer.status)")
            }
            let verdict = PostingVerdict(answer, of: destination.interface, records: request.recordCount)
            state.count {
                $0.requestTook(took)
                $0.settle(verdict, records: request.recordCount, to: destination)
            }
            return (nil, "")
        } catch {
            if error.code == .cannotConnect, !state.wasAnswered {
                throw EmulationError(.serverUnreachable, error.message)
            }
            return (.noAnswer, error.message)
        }
    }
}
