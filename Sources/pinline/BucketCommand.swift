import ArgumentParser
import ObjectStore
import Pipelines
import QueryEngine

/// `pinline bucket`: the objects of a bucket, wherever it lies.
struct BucketCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bucket",
        abstract: "The objects of a bucket: of the data folder, of S3, of a mount or of any folder.",
        discussion: """
            EXAMPLES
              pinline bucket list
              pinline bucket list s3://my-bucket/topics/me.pin/ --format csv
              pinline bucket get s3://my-bucket/topics/me.pin/partition=0/me.pin+0+0000000000.json pin.json
              pinline bucket put pins.json s3://my-bucket/topics/me.pin/pins.json --if-absent
              pinline bucket compact s3://my-bucket --prefix topics/me.pin/ --dry-run
            """,
        subcommands: [List.self, Get.self, Put.self, BucketCompactCommand.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows keys, sizes and times, in the order of keys.")

        @Argument(help: ArgumentHelp("The place (default: bucket in the data folder).", valueName: "place"))
        var place: String?
        @Option(help: "Only keys that begin so, behind what the place says.")
        var prefix = ""
        @Option(help: ArgumentHelp("Most objects that are shown.", valueName: "n"))
        var limit: Int?
        @Option(help: "table, json or csv.")
        var format = ResultFormat.table
        @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
        var data: String?
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let data = try DataFolderOption.path(data, config: store.config)
            let (store, prefix) = try store.mounts(data: data).store(of: place ?? data + "/bucket")
            let found = try await store.listOnce(prefix: prefix + self.prefix, limit: limit ?? .max)
            var rows = RowTable([("key", .text), ("bytes", .integer), ("modified", .timestamp)])
            for object in found {
                rows.add(
                    .text(object.key.rawValue), .integer(object.stat.size),
                    .timestamp(object.stat.modified &* 1000))
            }
            rows.show(format)
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes an object into a file of this machine.")

        @Argument(
            help: ArgumentHelp("The object, such as s3://bucket/key or /mnt/name/key.", valueName: "object"))
        var object: String
        @Argument(help: ArgumentHelp("The file, in place of what it held.", valueName: "file"))
        var file: String
        @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
        var data: String?
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (store, key) = try BucketCommand.object(
                object, try store.mounts(data: DataFolderOption.path(data, config: store.config)))
            guard let stat = try await store.get(key, into: file) else {
                throw PipelineError(.nothingToRead, "There is no object \(object).")
            }
            print("\(object): \(stat.size) bytes")
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stores a file as an object, whole or not at all; a large one in parts.")

        @Argument(help: ArgumentHelp("The file.", valueName: "file"))
        var file: String
        @Argument(
            help: ArgumentHelp("The object, such as s3://bucket/key or /mnt/name/key.", valueName: "object"))
        var object: String
        @Flag(help: "Leave an object alone that is there already.")
        var ifAbsent = false
        @Option(help: ArgumentHelp("A tag of the object; may be repeated.", valueName: "name=value"))
        var tag: [SettingArgument] = []
        @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
        var data: String?
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (store, key) = try BucketCommand.object(
                object, try store.mounts(data: DataFolderOption.path(data, config: store.config)))
            let options = PutOptions(ifAbsent: ifAbsent, tags: tag.map { ($0.name, $0.value) })
            let outcome = try await store.put(file: file, as: key, options: options)
            print("\(object): \(outcome == .stored ? "stored" : "exists")")
        }
    }

    private static func object(
        _ text: String, _ mounts: MountedPaths
    ) throws -> (store: any ObjectStore, key: ObjectKey) {
        guard let (store, key) = try mounts.object(text) else {
            throw PipelineError(
                .nothingToRead, "\(text) names no object of a bucket: give s3://bucket/key or /mnt/name/key.")
        }
        return (store, key)
    }
}
