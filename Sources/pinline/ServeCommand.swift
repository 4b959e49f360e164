import ArgumentParser
import Connect
import Foundation
import Logging
import ServerAssembly

/// `pinline serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs everything in one process, until it is stopped.",
        discussion: """
            Settings come from, later ones winning: defaults, the file of --config, variables named like
            PINLINE_SINK_FLUSH_SIZE, flags. Port 0 finds a free one; DIR/endpoints.json says which.

            EXAMPLES
              pinline serve
              pinline serve --data /var/lib/pinline --ingest 127.0.0.1:8082
              pinline serve --connect s3-sink.properties
              curl -X POST http://127.0.0.1:8082/topics/me.pin \\
                -H 'Content-Type: application/vnd.kafka.json.v2+json' \\
                -d '{"records":[{"value":{"index":1,"category":"art"}}]}'
            """)

    @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("Folder of log, bucket and state (default: data).", valueName: "dir"))
    var data: String?
    @Option(
        help: ArgumentHelp("Where REST Proxy clients post (default: 127.0.0.1:8082).", valueName: "host:port")
    )
    var ingest: String?
    @Option(
        help: ArgumentHelp(
            "Where Kafka clients connect (default: 127.0.0.1:9092).", valueName: "host:port"))
    var kafka: String?
    @Option(help: ArgumentHelp("Health and metrics (default: 127.0.0.1:8080).", valueName: "host:port"))
    var web: String?
    @Option(help: ArgumentHelp("The pipeline's folder (default: Pipelines/pinterest).", valueName: "dir"))
    var pipeline: String?
    @Option(
        help: ArgumentHelp(
            "A connector that shall run, as Kafka Connect's standalone mode takes it (.properties or .json); may be repeated.",
            valueName: "file"))
    var connect: [String] = []
    @Flag(help: "Allow addresses that other machines can reach, although nobody has to log in.")
    var insecure = false
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    func run() async throws {
        let settings = try makeSettings()
        let connectors = try connect.map { try ConnectorFile.read($0) }
        let levels = LogLevels(Logger.Level(rawValue: settings.loggingLevel) ?? .info)
        LoggingSystem.bootstrap { label in
            AdjustableLogHandler(StreamLogHandler.standardError(label: label), label: label, levels: levels)
        }
        let logger = Logger(label: "pinline")
        let scheme = settings.ingestScheme
        let server = Server(settings: settings, connectors: connectors, logger: logger, levels: levels) {
            endpoints, folder in
            print(
                """
                ready
                  ingest  \(scheme)://\(endpoints.ingest)  (POST /topics/<topic>)
                  kafka   \(endpoints.kafka ?? "")
                  web     http://\(endpoints.web)  (/healthz /readyz /metrics /connectors)
                  data    \(folder.path)
                """)
            // A pipe would keep the lines back otherwise.
            fflush(nil)
        }
        do {
            try await server.run()
        } catch let error as ConnectError where error.code == .invalid {
            throw ValidationError(error.message)
        }
    }

    private func makeSettings() throws -> ServerSettings {
        var settings = ServerSettings()
        if let config { try settings.read(file: config) }
        try settings.read(environment: ProcessInfo.processInfo.environment)
        let flags = [
            ("data", data), ("ingest", ingest), ("kafka", kafka), ("web", web), ("pipeline", pipeline),
            ("insecure", insecure ? "true" : nil), ("logging.level", logLevel),
        ]
        for (name, text) in flags {
            guard let text else { continue }
            do {
                try settings.set(name, to: text)
            } catch {
                throw ValidationError("\(error)")
            }
        }
        try settings.validate()
        return settings
    }
}
