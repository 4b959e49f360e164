import ArgumentParser
import Foundation
import ObjectStore
import Pipelines
import QueryEngine
import ServerAssembly

/// `pinline mount`: names for buckets, as notebooks use them.
struct MountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount",
        abstract: "Gives a bucket a name: /mnt/<name>/… then stands for its objects.",
        discussion: """
            The paths /mnt/<name>/… and dbfs:/mnt/<name>/… work in --bucket and in SQL. Nothing is copied before it is
            read. The mounts are kept in mounts.json in the data folder, which only its owner may read.

            EXAMPLES
              pinline mount s3://my-bucket --name pins --credentials key.csv --region eu-west-1
              pinline mount s3n://AKIA…:secret%2Fpercent%2Dencoded@my-bucket --name pins
              pinline mount /srv/objects --name local
              pinline mount list
              pinline mount remove pins
            """,
        subcommands: [MountAddCommand.self, MountListCommand.self, MountRemoveCommand.self],
        defaultSubcommand: MountAddCommand.self)
}

struct MountAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Gives a bucket a name, once it has shown that it can be read.")

    @Argument(help: ArgumentHelp("s3://bucket/prefix (also s3a, s3n), or a folder.", valueName: "source"))
    var source: String
    @Option(help: ArgumentHelp("What comes after /mnt/.", valueName: "name"))
    var name: String
    @Option(help: ArgumentHelp("The CSV of an access key that AWS hands out.", valueName: "file"))
    var credentials: String?
    @Option(help: ArgumentHelp("The address of a store that speaks S3.", valueName: "url"))
    var endpoint: String?
    @Option(help: ArgumentHelp("The bucket's region.", valueName: "region"))
    var region: String?
    @Flag(name: .customLong("virtual-host"), help: "The bucket is a part of the host's name.")
    var virtualHost = false
    @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
    var data: String?

    func validate() throws {
        guard Mount.isName(mountName) else {
            throw ValidationError("--name is one part of a path, like pins")
        }
    }

    /// People also write the whole path.
    private var mountName: String { name.hasPrefix("/mnt/") ? String(name.dropFirst(5)) : name }

    func run() async throws {
        var table = try MountTable(data: DataFolderOption.path(data))
        let mount = try await checkedMount()
        try table.add(mount)
        print("/mnt/\(mount.name) is \(mount.source)")
    }

    private func checkedMount() async throws -> Mount {
        guard S3Location.begins(source) else {
            let path = Self.absolute(source)
            guard access(path, R_OK) == 0 else {
                throw PipelineError(.nothingToRead, "There is no folder \(path) to mount.")
            }
            return Mount(name: mountName, source: path)
        }
        guard let location = S3Location(source) else {
            throw PipelineError(.nothingToRead, "A bucket is named like s3://bucket/prefix.")
        }
        var access = S3Access(
            endpoint: endpoint, region: region, credentials: credentials.map(Self.absolute),
            virtualHost: virtualHost ? true : nil)
        access.takeKey(of: location)
        let store = try access.store(of: location, environment: ProcessInfo.processInfo.environment)
        _ = try await store.list(prefix: location.folder, after: nil, limit: 1)
        return Mount(name: mountName, source: location.description, access: access)
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }
}

struct MountListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Shows the mounts.")

    @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
    var data: String?
    @Option(help: "table, json or csv.")
    var format = ResultFormat.table
    @Option(help: ArgumentHelp("YAML file with settings, whose mounts are shown too.", valueName: "file"))
    var config: String?

    func run() throws {
        var settings = ServerSettings()
        if let config { try settings.read(file: config) }
        let table = try MountTable(data: DataFolderOption.path(data, config: config))
            .adding(settings.mounts)
        var rows = RowTable([("path", .text), ("source", .text), ("endpoint", .text)])
        for mount in table.mounts + table.configured.filter({ !table.mounts.contains($0) }) {
            rows.add(.text("/mnt/" + mount.name), .text(mount.source), .optional(mount.access.endpoint))
        }
        rows.show(format)
    }
}

struct MountRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Takes a name away; the objects stay where they are.")

    @Argument(help: ArgumentHelp("The mount's name.", valueName: "name"))
    var name: String
    @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
    var data: String?

    func run() throws {
        var table = try MountTable(data: DataFolderOption.path(data))
        try table.remove(name.hasPrefix("/mnt/") ? String(name.dropFirst(5)) : name)
    }
}
