import ArgumentParser
import Foundation
import ObjectStore
import Pipelines
import ServerAssembly

/// The options of every command that may read a bucket of S3.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The address of a store that speaks S3 (default: AWS_ENDPOINT_URL_S3, else AWS).",
            valueName: "url"))
    var s3Endpoint: String?
    @Option(
        help: ArgumentHelp("The bucket's region (default: AWS_REGION, else us-east-1).", valueName: "region"))
    var s3Region: String?
    @Option(
        help: ArgumentHelp(
            "The CSV of an access key that AWS hands out (default: the environment and the files of AWS's tools).",
            valueName: "file"))
    var s3Credentials: String?
    @Flag(name: .customLong("s3-virtual-host"), help: "The bucket is a part of the host's name.")
    var virtualHost = false
    @Option(
        help: ArgumentHelp(
            "Most bytes of objects that are kept in the data folder's cache.", valueName: "size"))
    var cacheSize = "10GB"

    @Option(
        help: ArgumentHelp(
            "YAML file with settings, as 'pinline serve' takes it: data, pipeline and mounts count here.",
            valueName: "file"))
    var config: String?

    func validate() throws {
        guard Self.bytes(cacheSize) != nil else {
            throw ValidationError("--cache-size is a size like 512MB or 20GB")
        }
    }

    var access: S3Access {
        S3Access(
            endpoint: s3Endpoint, region: s3Region, credentials: s3Credentials,
            virtualHost: virtualHost ? true : nil)
    }

    /// What paths stand for, with the mounts of a data folder.
    func mounts(data: String) throws -> MountedPaths {
        var settings = ServerSettings()
        if let config { try settings.read(file: config) }
        return MountedPaths(
            table: try MountTable(data: data).adding(settings.mounts), access: access,
            environment: ProcessInfo.processInfo.environment,
            cache: ObjectCache(
                folder: data + "/" + ObjectCache.folderName,
                maxBytes: Self.bytes(cacheSize) ?? ObjectCache.defaultMaxBytes))
    }

    /// A size like 512MB.
    static func bytes(_ text: String) -> Int64? {
        let units: [(String, Int64)] = [("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1)]
        let text = text.uppercased()
        for (unit, size) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), (0...1_000_000).contains(number) else {
                return nil
            }
            return Int64(number * Double(size))
        }
        return Int64(text).flatMap { $0 >= 0 ? $0 : nil }
    }
}
