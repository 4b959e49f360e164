import ArgumentParser
import JSONText
import QueryEngine
import ServerAssembly

/// The options of every command that asks the web port.
struct WebOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's web port; for connectors any Kafka Connect (default: the server that runs with the data folder).",
            valueName: "url"))
    var url: String?
    @Option(help: ArgumentHelp("The running server's data folder (default: data).", valueName: "dir"))
    var data: String?
    @Option(help: "Seconds that an answer may take.")
    var timeout = 60.0
    @Option(help: "table, json or csv.")
    var format = ResultFormat.table

    /// Where the server listens unless told otherwise.
    private static let defaultURL = "http://127.0.0.1:8080"

    func validate() throws {
        try RunningServer.check(timeout: timeout)
        if let url, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            throw ValidationError("--url is an address like http://127.0.0.1:8080, not \(url)")
        }
    }

    func client() throws -> WebClient {
        WebClient(url: try url ?? runningServer(), timeout: timeout)
    }

    /// The web port of the server that runs with a data folder.
    private func runningServer() throws -> String {
        let folder = try DataFolderOption.path(data)
        guard let endpoints = RunningServer.endpoints(of: folder) else {
            guard data == nil else {
                throw CommandFailure(
                    "no server runs with the data folder \(folder): start 'pinline serve', or name a server by --url"
                )
            }
            return Self.defaultURL
        }
        return "http://\(endpoints.web)"
    }
}

extension JSONTree {
    /// A member's value as a cell of a table.
    func cell(_ name: String) -> SQLValue {
        switch self[name] {
        case .string(let text)?: .text(text)
        case .number(let text)?: Int64(text).map { .integer($0) } ?? .text(text)
        case .bool(let value)?: .bool(value)
        default: .null
        }
    }
}
