import ArgumentParser
import Foundation
import ObjectStore
import Pipelines
import QueryEngine
import ServerAssembly

/// `pinline bucket compact`: few large objects in the place of many small ones.
struct BucketCompactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Merges small objects of folders into which nothing more is written.",
        discussion: """
            Neighbours by offset of one topic partition, folder and ending become one object, which has the name of the
            first. What a sink may still write is left alone. In the data folder's own bucket that is known exactly;
            elsewhere a folder counts as closed when its time is over (year=…/month=…) and nothing has come for --min-age.
            May be killed and run again at any time, also while others read.

            EXAMPLES
              pinline bucket compact
              pinline bucket compact s3://my-bucket --prefix topics/me.pin/ --dry-run
              pinline bucket compact /mnt/pins --closed-before 2026-11-01 --target-bytes 256MB
            """)

    @Argument(help: ArgumentHelp("The place (default: bucket in the data folder).", valueName: "place"))
    var place: String?
    @Option(help: ArgumentHelp("The place, as other commands take it.", valueName: "place"))
    var bucket: String?
    @Option(help: "Only keys that begin so, behind what the place says.")
    var prefix = ""
    @Option(help: ArgumentHelp("Objects at least this large stay as they are.", valueName: "size"))
    var minBytes = "16MB"
    @Option(help: ArgumentHelp("Most bytes of a merged object.", valueName: "size"))
    var targetBytes = "128MB"
    @Option(
        help: ArgumentHelp(
            "How long nothing must have come into a folder: 90s, 15m, 1h, 2d (default: 1h).",
            valueName: "time"))
    var minAge: String?
    @Option(
        help: ArgumentHelp(
            "Folders of an earlier time, or without anything newer, are closed, whatever their age.",
            valueName: "date or time"))
    var closedBefore: String?
    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false
    @Flag(
        help: "Finish what a compaction of another machine has left, which cannot be asked whether it runs.")
    var takeOver = false
    @Option(help: "table, json or csv.")
    var format = ResultFormat.table
    @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
    var data: String?
    @Option(help: ArgumentHelp("DuckDB's library, for Parquet.", valueName: "file"))
    var libduckdb: String?
    @OptionGroup var store: StoreOptions

    func validate() throws {
        guard place == nil || bucket == nil else { throw ValidationError("give the place once") }
        _ = try settings()
    }

    private func settings() throws -> CompactionSettings {
        var settings = CompactionSettings()
        settings.minBytes = try size(minBytes, "--min-bytes")
        settings.targetBytes = try size(targetBytes, "--target-bytes")
        if let minAge {
            guard let milliseconds = Self.milliseconds(minAge) else {
                throw ValidationError("--min-age is a time like 90s, 15m, 1h or 2d")
            }
            settings.minAge = milliseconds
        }
        if let closedBefore {
            let text = closedBefore.contains("T") ? closedBefore : closedBefore + "T00:00:00Z"
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw ValidationError(
                    "--closed-before is a date like 2026-11-01, or a time like 2026-11-01T12:00:00Z")
            }
            settings.closedBefore = Int64(date.timeIntervalSince1970 * 1000)
        }
        return settings
    }

    private func size(_ text: String, _ flag: String) throws -> Int64 {
        guard let bytes = StoreOptions.bytes(text), bytes > 0 else {
            throw ValidationError("\(flag) is a size like 16MB")
        }
        return bytes
    }

    /// A time like 90s; nil for another text.
    static func milliseconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...1_000_000).contains(count)
        else { return nil }
        return count * unit
    }

    func run() async throws {
        let data = try DataFolderOption.path(data, config: store.config)
        let text = place ?? bucket ?? data + "/bucket"
        let mounts = try store.mounts(data: data)
        var folder: String?
        if case .folder(let path) = try mounts.place(of: text) {
            guard access(path, R_OK) == 0 else {
                throw CommandFailure(
                    "there is no folder \(path): name the place, or the data folder by --data")
            }
            folder = path
        }
        let (objects, base) = try mounts.store(of: text)
        let scratch = try ObjectCompaction.makeScratch(in: data + "/" + ObjectCache.folderName)
        defer { ObjectCompaction.removeScratch(scratch) }
        let library = libduckdb
        let compaction = ObjectCompaction(
            store: objects, settings: try settings(), scratch: scratch, takesOver: takeOver,
            finality: try ClosedObjects.finality(data: data, in: folder)
        ) { files, path in
            try await ParquetMerge.merge(files, into: path, library: library)
        }
        var rows = RowTable([
            ("folder", .text), ("objects", .integer), (dryRun ? "would_be" : "now", .integer),
            ("merged_bytes", .integer), ("note", .text),
        ])
        try await compaction.run(
            prefix: (base.isEmpty || base.hasSuffix("/") ? base : base + "/") + prefix, dryRun: dryRun
        ) { report in
            guard report.objectsAfter != report.objectsBefore || report.note != nil else { return }
            rows.add(
                .text(report.folder), .integer(Int64(report.objectsBefore)),
                .integer(Int64(report.objectsAfter)), .integer(report.mergedBytes), .optional(report.note))
        }
        rows.show(format)
    }
}
