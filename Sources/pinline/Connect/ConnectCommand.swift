import ArgumentParser
import Connect
import JSONText
import NIOHTTP1
import QueryEngine

/// `pinline connect`.
struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Sink connectors of the running server, or of any Kafka Connect.",
        discussion: """
            A connector's file is the one that Kafka Connect takes: Java's properties, or JSON.

            EXAMPLES
              pinline connect validate s3-sink.properties
              pinline connect apply s3-sink.properties
              pinline connect status
              pinline connect flush s3-sink
              pinline connect pause s3-sink
              pinline connect delete s3-sink
              pinline connect list --url http://connect.example.org:8083
            """,
        subcommands: [
            Apply.self, Validate.self, List.self, Status.self, Pause.self, Resume.self, Stop.self,
            Restart.self,
            Flush.self, Delete.self, Plugins.self,
        ])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes connectors, or gives those that are there the files' configuration.")

        @Argument(help: ArgumentHelp(".properties or .json files, one connector each.", valueName: "file"))
        var files: [String]
        @OptionGroup var worker: WebOptions

        func run() async throws {
            let connectors = try files.map { try ConnectorFile.read($0) }
            let client = try worker.client()
            var rows = RowTable([("connector", .text), ("result", .text)])
            for connector in connectors {
                let known = try await client.send(.GET, ["connectors"]).body.elements ?? []
                let isKnown = known.contains(.string(connector.name))
                let before =
                    isKnown
                    ? try await client.send(.GET, ["connectors", connector.name, "config"]).body : .null
                var configuration = connector.configuration
                configuration["name"] = connector.name
                let now = JSONTree.object(
                    configuration.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
                guard (before.members ?? []).sorted(by: { $0.name < $1.name }) != now.members else {
                    rows.add(.text(connector.name), .text("unchanged"))
                    continue
                }
                if isKnown {
                    let body = JSONWriter.bytes { $0.tree(now) }
                    try await client.send(.PUT, ["connectors", connector.name, "config"], body: body)
                } else {
                    let body = JSONWriter.bytes {
                        $0.object {
                            $0.member("name", connector.name)
                            $0.key("config")
                            $0.tree(now)
                            if connector.target != .running {
                                $0.member("initial_state", connector.target.rawValue)
                            }
                        }
                    }
                    try await client.send(.POST, ["connectors"], body: body)
                }
                rows.add(.text(connector.name), .text(isKnown ? "changed" : "created"))
            }
            rows.show(worker.format)
        }
    }

    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Checks a connector's file: exit code 1 and a line for each finding if it cannot be run.")

        @Argument(help: ArgumentHelp("A .properties or .json file.", valueName: "file"))
        var file: String
        @OptionGroup var worker: WebOptions

        func run() async throws {
            let connector = try ConnectorFile.read(file)
            var configuration = connector.configuration
            configuration["name"] = connector.name
            let name = configuration["connector.class"] ?? "connector.class"
            let body = JSONWriter.bytes { writer in
                writer.object {
                    for (key, value) in configuration.sorted(by: { $0.key < $1.key }) {
                        $0.member(key, value)
                    }
                }
            }
            let report = try await worker.client().send(
                .PUT, ["connector-plugins", name, "config", "validate"], body: body
            ).body
            var rows = RowTable([("key", .text), ("finding", .text)])
            var count = 0
            for value in report["configs"]?.elements ?? [] {
                for finding in value["value"]?["errors"]?.elements ?? [] {
                    rows.add(value["value"]?.cell("name") ?? .null, .text(finding.text ?? ""))
                    count += 1
                }
            }
            rows.show(worker.format)
            if count > 0 { throw ExitCode.failure }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists connectors.")

        @OptionGroup var worker: WebOptions

        func run() async throws {
            let all = try await worker.client().send(
                .GET, ["connectors"], query: [("expand", "status"), ("expand", "info")]
            ).body
            var rows = RowTable([("connector", .text), ("state", .text), ("tasks", .text), ("class", .text)])
            for member in (all.members ?? []).sorted(by: { $0.name < $1.name }) {
                let status = member.value["status"]
                let tasks = status?["tasks"]?.elements ?? []
                let running = tasks.count { $0["state"]?.text == "RUNNING" }
                rows.add(
                    .text(member.name), status?["connector"]?.cell("state") ?? .null,
                    .text("\(running)/\(tasks.count)"),
                    member.value["info"]?["config"]?.cell("connector.class") ?? .null)
            }
            rows.show(worker.format)
        }
    }

    struct Plugins: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the kinds of connectors there are, or the keys of one.")

        @Argument(help: ArgumentHelp("A class, in full or its last part.", valueName: "class"))
        var name: String?
        @OptionGroup var worker: WebOptions

        func run() async throws {
            let client = try worker.client()
            guard let name else {
                var rows = RowTable([("class", .text), ("type", .text), ("version", .text)])
                for plugin in try await client.send(.GET, ["connector-plugins"]).body.elements ?? [] {
                    rows.add(plugin.cell("class"), plugin.cell("type"), plugin.cell("version"))
                }
                return rows.show(worker.format)
            }
            let keys = try await client.send(.GET, ["connector-plugins", name, "config"]).body
            var rows = RowTable([
                ("key", .text), ("type", .text), ("default", .text), ("required", .bool), ("meaning", .text),
            ])
            for key in keys.elements ?? [] {
                rows.add(
                    key.cell("name"), key.cell("type"), key.cell("default_value"), key.cell("required"),
                    key.cell("documentation"))
            }
            rows.show(worker.format)
        }
    }
}
