import ArgumentParser
import Foundation
import RemoteLogs
import ServerAssembly
import StreamModel

/// The options of every command that asks a Kafka server.
struct KafkaOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server (default: the one that runs with the data folder).", valueName: "host:port"))
    var bootstrap: String?
    @Option(
        help: ArgumentHelp(
            "A client's properties as Kafka's own tools take them: login, TLS.", valueName: "file"))
    var commandConfig: String?
    @Option(help: ArgumentHelp("The running server's data folder (default: data).", valueName: "dir"))
    var data: String?
    @Option(help: "Seconds that an answer may take.")
    var timeout = 15.0
    @Option(help: "table, json or csv.")
    var format = ResultFormat.table

    func validate() throws {
        try RunningServer.check(timeout: timeout)
        if let bootstrap, !bootstrap.contains(":") {
            throw ValidationError("--bootstrap takes HOST:PORT, not \(bootstrap)")
        }
    }

    /// Connects to the server.
    func connect() throws -> KafkaAdmin { try KafkaAdmin(clientSettings()) }

    /// How the server is reached.
    func clientSettings() throws -> KafkaClientSettings {
        var properties: [String: String] = [:]
        if let commandConfig { properties = JavaProperties.parse(try read(commandConfig)) }
        let hasAddress = properties["bootstrap.servers"]?.isEmpty == false
        let address = try bootstrap ?? (hasAddress ? nil : runningServer())
        var settings = try KafkaClientSettings(
            bootstrap: address, properties: properties, timeout: .seconds(timeout))
        if settings.asksForIAM { settings.iam = try Self.identity(profile: settings.iamProfile) }
        return settings
    }

    /// The access key that the environment or the file of shared credentials gives.
    private static func identity(profile: String?) throws -> IAMIdentity {
        let environment = ProcessInfo.processInfo.environment
        let path =
            environment["AWS_SHARED_CREDENTIALS_FILE"] ?? (environment["HOME"] ?? "") + "/.aws/credentials"
        return try IAMIdentity(
            profile: profile, environment: environment,
            credentials: try? String(contentsOfFile: path, encoding: .utf8))
    }

    /// Whether it was done; false if it failed with the code that may be passed over.
    static func did(_ pardoned: RemoteLogError.Code?, _ body: () throws -> Void) throws -> Bool {
        do {
            try body()
            return true
        } catch let error as RemoteLogError {
            guard error.code == pardoned else { throw error }
            return false
        }
    }

    private func read(_ path: String) throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandFailure("\(path) cannot be read as UTF-8 text: \(error.localizedDescription)")
        }
    }

    private func runningServer() throws -> String {
        let folder = try DataFolderOption.path(data)
        guard let endpoints = RunningServer.endpoints(of: folder) else {
            throw CommandFailure(
                "no server runs with the data folder \(folder): start 'pinline serve', name its folder by --data, "
                    + "or another server by --bootstrap HOST:PORT")
        }
        guard let kafka = endpoints.kafka else {
            throw CommandFailure("the server of \(folder) does not serve Kafka clients: use a newer version")
        }
        return kafka
    }
}

/// What went wrong and what to do, in one line.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// `NAME=VALUE` on the command line.
struct SettingArgument: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}
