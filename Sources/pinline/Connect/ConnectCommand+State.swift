import ArgumentParser
import JSONText
import NIOHTTP1
import QueryEngine
import StreamModel

extension ConnectCommand {
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows tasks with what each has read and stored, and when it flushes next.",
            discussion: """
                Of a worker that is no Pinline server only states are shown. The lag is how many records are not in \
                the store yet; next_flush is in seconds from now.
                """)

        @Argument(help: ArgumentHelp("The connectors' names (default: all).", valueName: "name"))
        var names: [String] = []
        @OptionGroup var worker: WebOptions

        func run() async throws {
            let client = try worker.client()
            var rows = RowTable([
                ("connector", .text), ("task", .integer), ("state", .text), ("topic", .text),
                ("partition", .integer), ("committed", .integer), ("end", .integer), ("lag", .integer),
                ("open_records", .integer), ("next_flush", .integer), ("store", .text), ("trace", .text),
            ])
            let all = try await client.send(.GET, ["connectors"]).body.elements?.compactMap(\.text) ?? []
            for name in names.isEmpty ? all : names {
                let status = try await client.send(.GET, ["connectors", name, "status"]).body
                let progress = try? await client.send(.GET, ["connectors", name, "progress"]).body
                add(name, status, progress ?? .null, to: &rows)
            }
            rows.show(worker.format)
        }

        private func add(_ name: String, _ status: JSONTree, _ progress: JSONTree, to rows: inout RowTable) {
            let connector = status["connector"]
            let tasks = status["tasks"]?.elements ?? []
            if tasks.isEmpty {
                rows.add(
                    .text(name), .null, connector?.cell("state") ?? .null, .null, .null, .null, .null, .null,
                    .null, .null, .null, connector?.cell("trace") ?? .null)
            }
            for task in tasks {
                let known = progress["tasks"]?.elements?.first { $0["id"] == task["id"] }
                let partitions = known?["partitions"]?.elements ?? []
                for partition in partitions.isEmpty ? [.null] : partitions {
                    rows.add(
                        .text(name), task.cell("id"), task.cell("state"), partition.cell("topic"),
                        partition.cell("partition"), partition.cell("committed"), partition.cell("end"),
                        partition.cell("lag"), partition.cell("open_records"), Self.seconds(partition),
                        known?.cell("store") ?? .null, task.cell("trace"))
                }
            }
        }

        /// Seconds until the next flush.
        private static func seconds(_ partition: JSONTree) -> SQLValue {
            guard let next = partition["next_flush"]?.integer else { return .null }
            return .integer(max(0, (next - WallClock.system.milliseconds) / 1_000))
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pauses connectors; they stay so until they are resumed, across restarts of the server."
        )
        @OptionGroup var connectors: NamedConnectors
        func run() async throws { try await connectors.each(.PUT, "pause", "paused") }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets connectors go on that were paused or stopped.")
        @OptionGroup var connectors: NamedConnectors
        func run() async throws { try await connectors.each(.PUT, "resume", "resumed") }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops connectors; their offsets can be changed then.")
        @OptionGroup var connectors: NamedConnectors
        func run() async throws { try await connectors.each(.PUT, "stop", "stopped") }
    }

    struct Restart: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Starts connectors and their tasks again.")
        @Flag(help: "Only what has failed.")
        var onlyFailed = false
        @OptionGroup var connectors: NamedConnectors

        func run() async throws {
            let query = [("includeTasks", "true")] + (onlyFailed ? [("onlyFailed", "true")] : [])
            try await connectors.each(.POST, "restart", "restarted", query: query)
        }
    }

    struct Flush: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes objects of the open files now, and waits until they are stored.")
        @OptionGroup var connectors: NamedConnectors
        func run() async throws { try await connectors.each(.POST, "flush", "flushed") }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes connectors; what they have stored stays.",
            discussion: "A new connector of the same name goes on where this one was.")
        @OptionGroup var connectors: NamedConnectors
        func run() async throws { try await connectors.each(.DELETE, nil, "deleted") }
    }
}

/// Connectors by name, each of which has the same done to it.
struct NamedConnectors: ParsableArguments {
    @Argument(help: ArgumentHelp("The connectors' names.", valueName: "name"))
    var names: [String]
    @OptionGroup var worker: WebOptions

    func each(
        _ method: HTTPMethod, _ action: String?, _ result: String, query: [(String, String)] = []
    ) async throws {
        let client = try worker.client()
        var rows = RowTable([("connector", .text), ("result", .text)])
        for name in names {
            let path = ["connectors", name] + (action.map { [$0] } ?? [])
            try await client.send(method, path, query: query)
            rows.add(.text(name), .text(result))
        }
        rows.show(worker.format)
    }
}
