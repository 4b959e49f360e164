import Dispatch
import Logging
import NIOCore
import StreamModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where and of which requests the access log is written.
package struct AccessLogSettings: Sendable, Equatable {
    /// `gateway.access.log` (file, default: none): one JSON line for each request; `-` is standard output.
    package var path: String?
    /// `gateway.access.log.sample` (number, default: 1): which part of the requests is written, 0 to 1; those that were
    /// refused or failed always are.
    package var sample = 1.0
    /// `gateway.access.log.queue` (lines, default: 10000): lines that may wait for the disk; further ones are dropped
    /// and counted.
    package var maxWaiting = 10_000

    package init() {}
}

/// An access log that cannot be written.
package struct AccessLogError: Error, CustomStringConvertible {
    package var description: String
}

/// Writes one line for each request, on a thread of its own.
final class AccessLog: Sendable {
    private struct State {
        var waiting: [AccessLogEntry] = []
        /// Grows by the sample's part with each request, in millionths of a line: as fractions, ten tenths would be less
        /// than one.
        var due = 0
        var dropped = 0
        var isFailing = false
    }

    private let settings: AccessLogSettings
    private let sampleMillionths: Int
    private let path: String
    private let start: String
    private let clock: WallClock
    private let logger: Logger
    private let queue = DispatchQueue(label: "access-log")
    private let state = Mutex(State())
    private let file: Mutex<CInt>
    private let numbers = Atomic<Int>(0)

    /// Opens the file.
    init(_ settings: AccessLogSettings, path: String, clock: WallClock = .system, logger: Logger)
        throws(AccessLogError)
    {
        self.settings = settings
        sampleMillionths = Int((min(max(settings.sample, 0), 1) * 1_000_000).rounded())
        self.path = path
        self.clock = clock
        self.logger = logger
        start = String(UInt64(clamping: clock.milliseconds), radix: 36)
        file = Mutex(try Self.open(path))
    }

    private static func open(_ path: String) throws(AccessLogError) -> CInt {
        if path == "-" { return STDOUT_FILENO }
        let file = systemOpen(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else {
            throw AccessLogError(
                description:
                    "gateway.access.log: \(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        return file
    }

    var dropped: Int { state.withLock { $0.dropped } }

    /// What is known when a request is there.
    func entry(_ head: HTTPRequestHead, byteCount: Int, address: String) -> AccessLogEntry {
        AccessLogEntry(
            time: clock.milliseconds, began: .now(), method: head.method.rawValue, template: "",
            number: numbers.add(1, ordering: .relaxed).newValue,
            givenID: head.fields["x-request-id"].map { String($0.prefix(128)) }, address: address,
            requestBytes: byteCount)
    }

    /// Takes a line; from any thread, without waiting.
    func write(_ entry: AccessLogEntry) {
        let isFirst = state.withLock { state in
            if entry.status < 400 {
                state.due += sampleMillionths
                guard state.due >= 1_000_000 else { return false }
                state.due -= 1_000_000
            }
            guard state.waiting.count < settings.maxWaiting else {
                state.dropped += 1
                return false
            }
            state.waiting.append(entry)
            return state.waiting.count == 1
        }
        if isFirst { queue.async { self.flush() } }
    }

    private func flush() {
        let entries = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        var text = ByteBuffer()
        for entry in entries {
            var line = entry.line(start: start)
            text.writeBuffer(&line)
            text.writeStaticString("\n")
        }
        let isWritten = file.withLock { file in
            text.withUnsafeReadableBytes { Self.write($0, to: file) }
        }
        let isNews = state.withLock { state in
            if !isWritten { state.dropped += entries.count }
            defer { state.isFailing = !isWritten }
            return !isWritten && !state.isFailing
        }
        if isNews { logger.warning("the access log cannot be written", metadata: ["file": "\(path)"]) }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to file: CInt) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = systemWrite(file, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// Opens the file anew, after it was renamed; what waits goes to the new one.
    func reopen() {
        guard path != "-" else { return }
        queue.async { [self] in
            do throws(AccessLogError) {
                let opened = try Self.open(path)
                let old = file.withLock { file in
                    defer { file = opened }
                    return file
                }
                close(old)
            } catch {
                logger.error("the access log stays with its old file", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Writes what waits, and closes the file.
    func finish() {
        queue.sync { flush() }
    }
}

// The system's calls, which methods of the same name hide.
private let systemOpen: @Sendable (String, CInt, mode_t) -> CInt = { open($0, $1, $2) }
private let systemWrite: @Sendable (CInt, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }
