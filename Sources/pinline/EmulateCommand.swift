import ArgumentParser
import Dispatch
import Emulation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `pinline emulate`: posts like users do.
struct EmulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulate",
        abstract: "Post pins with their places and users, as an image-sharing site would.",
        discussion: """
            Each post is three requests: its pin, where it was posted, and who posted it. They go to the \
            topics <id>.pin, <id>.geo and <id>.user, with --api kinesis to the streams streaming-<id>-pin, \
            streaming-<id>-geo and streaming-<id>-user, with --api both to topics and streams. The posts are made up unless --source names a folder \
            of tables or a file of posts. The same seed gives the same posts.

            A record counts as acknowledged when the answer is 200 and has no error for it. Answers 429 \
            and 503 and lost connections are tried again; a record whose answer was lost may then be \
            stored twice. Ctrl-C ends the run after the posts under way.

            Examples:
              pinline emulate --count 2000
              pinline emulate --to http://127.0.0.1:8082/test --rate 50 --count 0
              pinline emulate --api both --rate 50 --count 0
              pinline emulate --source tables/ --concurrency 32
              pinline emulate --source post_log.ndjson --batch 100 --format json
            """)

    enum API: String, ExpressibleByArgument, CaseIterable {
        case kafka, kinesis, both

        var interfaces: [PostingInterface] {
            switch self {
            case .kafka: [.kafka]
            case .kinesis: [.kinesis]
            case .both: [.kafka, .kinesis]
            }
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(help: "Address of the gateway; a stage may follow, as in http://127.0.0.1:8082/test.")
    var to = PostingTarget.default

    @Option(
        help: "How to post: kafka (POST /topics/<topic>), kinesis (PUT /streams/<stream>/record) or both.")
    var api = API.kafka

    @Option(help: "synthetic, a folder of CSV or NDJSON tables, or an NDJSON file of posts.")
    var source = "synthetic"

    @Option(
        help: """
            Posts to send; 0 means until stopped. Without it 1000 synthetic posts, or all of a folder or \
            file once; a number beyond its posts starts again from the first.
            """)
    var count: Int?

    @Option(help: "Posts a second; 0 means as fast as answers come.")
    var rate = 0.0

    @Option(help: "Seed of the synthetic posts.")
    var seed = EmulationSettings.defaultSeed

    @Option(help: "Senders that work at the same time.")
    var concurrency = EmulationSettings.defaultConcurrency

    @Option(help: "The user in the names of topics and streams (default: 12 hex digits made of the seed).")
    var id: String?

    @Option(help: "Posts whose rows go in one request.")
    var batch = 1

    @Option(help: "How often a request is repeated before its records count as failed.")
    var retries = RetryPolicy().maxRetries

    @Option(help: "Seconds that an answer may take.")
    var timeout = 30.0

    @Option(help: "Form of the result on standard output: text or json.")
    var format = Format.text

    func validate() throws {
        try require(count ?? 0 >= 0, "--count is a number of posts, or 0 for no end")
        try require(rate >= 0 && rate.isFinite, "--rate is a number of posts a second, or 0")
        try require(
            (1...EmulationSettings.maxConcurrency).contains(concurrency),
            "--concurrency is a number from 1 to \(EmulationSettings.maxConcurrency)")
        try require(
            (1...maxBatch).contains(batch),
            "--batch is a number from 1 to \(maxBatch) with --api \(api.rawValue)")
        try require((0...1_000).contains(retries), "--retries is a number from 0 to 1000")
        try require(timeout > 0 && timeout <= 3_600, "--timeout is a number of seconds up to 3600")
        try require(
            id.map(EmulationSettings.isUsable(id:)) ?? true,
            "--id is made of ASCII letters, digits, `-`, `_` and `.`, at most 100 of them")
        do {
            _ = try PostingTarget(to)
        } catch {
            throw ValidationError(error.message)
        }
    }

    private var maxBatch: Int { api.interfaces.map(\.maxBatch).min() ?? 1 }

    private func require(_ condition: Bool, _ message: String) throws {
        if !condition { throw ValidationError(message) }
    }

    func run() async throws {
        do {
            let report = try await emulate()
            if report.tally.failed > 0 { throw ExitCode.failure }
        } catch let error as EmulationError {
            Console.writeError("pinline emulate: \(error.message)\n")
            throw ExitCode.failure
        }
    }

    private func emulate() async throws -> EmulationReport {
        let posts = try SourceLoader(disk: LocalDisk()).open(
            source, seed: seed, posts: count ?? EmulationSettings.defaultPosts)
        for note in posts.notes { Console.writeError("note: \(note)\n") }
        let settings = settings(for: posts)
        let report = try await HTTPRecordPoster.withPoster(
            to: try PostingTarget(to), connections: concurrency, timeout: .seconds(timeout)
        ) { poster in
            let emulator = Emulator(
                source: posts, settings: settings, network: poster, clock: ContinuousClock())
            let interrupts = Interrupts { emulator.stop() }
            defer { interrupts.restore() }
            return try await emulator.run(
                reportingEvery: Console.isTerminal ? .milliseconds(200) : .seconds(2),
                report: Console.showProgress)
        }
        Console.clearProgress()
        for complaint in report.tally.complaints { Console.writeError("failed: \(complaint)\n") }
        print(
            format == .json ? report.json(EmulatedTable.allCases.flatMap(settings.destinations)) : report.text
        )
        return report
    }

    private func settings(for posts: any PostSource) -> EmulationSettings {
        let wanted = count ?? posts.postCount ?? EmulationSettings.defaultPosts
        return EmulationSettings(
            id: id ?? EmulationSettings.id(ofSeed: seed), interfaces: api.interfaces,
            posts: wanted == 0 ? nil : wanted,
            rate: rate > 0 ? rate : nil, seed: seed, concurrency: concurrency, batch: batch,
            retry: RetryPolicy(maxRetries: retries))
    }
}

/// Standard error, where progress goes: a bar if it is a terminal, else lines.
private enum Console {
    static let isTerminal = isatty(STDERR_FILENO) == 1

    static func writeError(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    @Sendable static func showProgress(_ report: EmulationReport) {
        writeError(isTerminal ? "\r\u{1B}[K\(report.progressBar())" : "\(report.progress)\n")
    }

    static func clearProgress() {
        if isTerminal { writeError("\r\u{1B}[K") }
    }
}

/// Ctrl-C and a request to end: the first is passed on, a second one ends the process at once.
private final class Interrupts {
    private let sources: [any DispatchSourceSignal]
    private static let signals = [SIGINT, SIGTERM]

    init(_ stop: @escaping @Sendable () -> Void) {
        sources = Interrupts.signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                stop()
                signal(number, SIG_DFL)
            }
            source.resume()
            return source
        }
    }

    func restore() {
        for source in sources { source.cancel() }
        for number in Interrupts.signals { signal(number, SIG_DFL) }
    }
}
