import ArgumentParser
import Dispatch
import Pipelines
import QueryEngine
import ServerAssembly

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How rows are printed.
enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
}

/// What runs the SQL.
enum EngineName: String, ExpressibleByArgument, CaseIterable {
    case duckdb
}

/// The options of every command that reads a bucket.
struct BucketOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The bucket's folder, or any folder of objects by topic; s3://bucket/prefix; or a mount, as /mnt/name "
                + "(default: bucket in the data folder).",
            valueName: "place"))
    var bucket: String?
    @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
    var data: String?
    @Option(help: ArgumentHelp("The pipeline's folder (default: Pipelines/pinterest).", valueName: "dir"))
    var pipeline: String?
    @Option(help: "What runs the SQL.")
    var engine = EngineName.duckdb
    @Option(help: "table, json or csv.")
    var format = ResultFormat.table
    @Option(help: ArgumentHelp("Threads (default: one for each processor).", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp(
            "Most memory for tables and queries (default: half the machine's, at most 4GB).",
            valueName: "size"))
    var memory: String?
    @Option(help: ArgumentHelp("A value for a :name in queries; may be repeated.", valueName: "name=value"))
    var param: [String] = []
    @Option(help: ArgumentHelp("DuckDB's library.", valueName: "file"))
    var libduckdb: String?
    @OptionGroup var store: StoreOptions

    private static let maxThreads = 1024

    func validate() throws {
        if let threads, !(1...Self.maxThreads).contains(threads) {
            throw ValidationError("--threads is a number from 1 to \(Self.maxThreads)")
        }
        if let memory, memory.wholeMatch(of: /[0-9]+(\.[0-9]+)? ?([KMGT]i?B|B)/.ignoresCase()) == nil {
            throw ValidationError("--memory is a size like 512MB or 4GB")
        }
        for text in param where text.firstIndex(of: "=").map({ $0 == text.startIndex }) ?? true {
            throw ValidationError("--param takes name=value, not \(text)")
        }
    }

    /// The job that these options and the environment describe.
    func job() throws -> BatchJob {
        var settings = ServerSettings()
        if let config = store.config { try settings.read(file: config) }
        try settings.read(environment: Self.environment)
        let folder = try PipelineFolder.load(
            try PipelineFolder.locate(configured: pipeline ?? settings.pipeline, environment: nil))
        var parameters: [String: SQLValue] = [:]
        for text in param {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            parameters[String(parts[0])] = QueryParameters.value(of: String(parts[1]))
        }
        let data = data ?? settings.data
        let mounts = try store.mounts(data: data)
        return BatchJob(
            pipeline: folder, bucket: try mounts.place(of: bucket ?? data + "/bucket"), mounts: mounts,
            settings: BatchSettings(library: libduckdb, threads: threads, memoryLimit: memory),
            parameters: parameters)
    }

    static var environment: [String: String] {
        var variables: [String: String] = [:]
        for name in ["PINLINE_DATA", "PINLINE_PIPELINE"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }
}

/// Runs a job while showing how far it is, until it ends or Ctrl-C is pressed.
enum WatchedRun {
    /// - Throws: `ExitCode` 130 or 143 if a signal ended the run.
    static func run(
        _ body: @escaping @Sendable (BatchProgress) async throws -> BatchReport
    ) async throws -> BatchReport {
        let progress = BatchProgress()
        let work = Task { try await body(progress) }
        let line = ProgressLine(progress)
        let interrupts = [(SIGINT, Int32(130)), (SIGTERM, Int32(143))].map { number, code in
            InterruptSource(number, exitCode: code) { work.cancel() }
        }
        defer {
            line.stop()
            for interrupt in interrupts { interrupt.restore() }
        }
        do {
            return try await work.value
        } catch {
            line.stop()
            guard let code = interrupts.compactMap(\.received).first else { throw error }
            StandardError.show("pinline: stopped\n")
            throw ExitCode(code)
        }
    }
}

/// Turns a signal into a call; the second one ends the process at once.
private final class InterruptSource: @unchecked Sendable {
    // Unchecked: `received` is written by the handler's queue and read after the work has ended.
    private let number: Int32
    private let source: any DispatchSourceSignal
    private(set) var received: Int32?

    init(_ number: Int32, exitCode: Int32, _ action: @escaping @Sendable () -> Void) {
        self.number = number
        signal(number, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { [weak self] in
            self?.received = exitCode
            signal(number, SIG_DFL)
            action()
        }
        source.resume()
    }

    func restore() {
        source.cancel()
        signal(number, SIG_DFL)
    }
}

/// Shows a run's phase on standard error: in place on a terminal, else as lines once two seconds have passed.
private final class ProgressLine {
    private let timer: any DispatchSourceTimer
    private static let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ progress: BatchProgress) {
        let timer = DispatchSource.makeTimerSource()
        let interval: DispatchTimeInterval = Self.isTerminal ? .milliseconds(100) : .seconds(2)
        timer.schedule(deadline: .now() + interval, repeating: interval)
        timer.setEventHandler {
            let text = Self.text(progress.phase)
            StandardError.show(Self.isTerminal ? "\r\u{1B}[K" + text : text + "\n")
        }
        timer.resume()
        self.timer = timer
    }

    func stop() {
        guard !timer.isCancelled else { return }
        timer.cancel()
        if Self.isTerminal { StandardError.show("\r\u{1B}[K") }
    }

    private static func text(_ phase: BatchProgress.Phase) -> String {
        guard phase.total > 0 else { return phase.name }
        guard phase.isBytes else { return "\(phase.name): \(phase.done) of \(phase.total)" }
        let percent = phase.done * 100 / phase.total
        return "\(phase.name): \(percent) % of \((phase.total + 999_999) / 1_000_000) MB"
    }
}

/// Standard error, unbuffered.
private enum StandardError {
    static func show(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
