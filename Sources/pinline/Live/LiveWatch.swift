import ArgumentParser
import AsyncHTTPClient
import Dispatch
import Foundation
import JSONText
import NIOCore

/// Shows an answer again whenever it changes: in place on a terminal, else one after the other.
struct LiveWatch: Sendable {
    let client: WebClient
    let metric: String
    let query: [(String, String)]
    let format: ResultFormat

    private enum Ending: Error { case interrupted }

    /// Until Ctrl-C, which is how it is meant to end.
    func run() async throws {
        let interrupts = AsyncStream<Void>.makeStream()
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { interrupts.continuation.yield() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await show() }
                group.addTask {
                    for await _ in interrupts.stream { throw Ending.interrupted }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch Ending.interrupted {}
    }

    private func show() async throws {
        var lines = EventLines()
        for try await part in try await client.events(["live", metric], query: query) {
            for data in lines.add(part.readableBytesView) {
                let answer = try JSONTree(data)
                if isatty(STDOUT_FILENO) == 1, format == .table { print("\u{1B}[H\u{1B}[2J", terminator: "") }
                LiveTable.show(answer, format)
                fflush(nil)
            }
        }
        throw CommandFailure("the server ended the stream: it stops, or was stopped")
    }
}

/// Takes the data out of server-sent events.
struct EventLines {
    private var line: [UInt8] = []
    private var data: [UInt8] = []

    /// - Returns: the data of each event that is whole now.
    mutating func add(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            if line.isEmpty, !data.isEmpty {
                events.append(data)
                data = []
            } else if line.starts(with: Array("data: ".utf8)) {
                data += line.dropFirst(6)
            }
            line = []
        }
        return events
    }
}
