import ArgumentParser
import Foundation
import Pipelines
import QueryEngine
import ServerAssembly

/// `pinline tables export`: a table as a file that any program reads.
struct TablesExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a table, or all, as CSV, Parquet or JSON lines.",
        discussion: """
            The file appears whole or not at all. Into a folder each table goes as <table>.<format>.

            EXAMPLES
              pinline tables export pin pins.parquet
              pinline tables export pin - --format csv --at '2026-11-01 12:00:00'
              pinline tables export --all out/ --format ndjson
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv, parquet, ndjson

        fileprivate var options: String {
            switch self {
            case .csv: "FORMAT csv, HEADER"
            case .parquet: "FORMAT parquet, COMPRESSION zstd"
            case .ndjson: "FORMAT json"
            }
        }
    }

    @Argument(
        help: ArgumentHelp(
            "The table, and the file or folder; with --all only the folder.", valueName: "table target"))
    var names: [String]
    @Flag(help: "Every table, into a folder.")
    var all = false
    @Option(help: "csv, parquet or ndjson (default: by the file's ending).")
    var format: Format?
    @Option(help: ArgumentHelp("As of this version.", valueName: "n"))
    var version: Int64?
    @Option(name: .customLong("at"), help: ArgumentHelp("As of this time, in UTC.", valueName: "time"))
    var time: String?
    @Flag(help: "Write over files that are there.")
    var overwrite = false
    @OptionGroup var options: TablesCommand.Options

    func validate() throws {
        guard names.count == (all ? 1 : 2) else {
            throw ValidationError(all ? "--all takes a folder" : "give a table, and a file or folder")
        }
        guard version == nil || time == nil else { throw ValidationError("give --version or --at") }
    }

    func run() async throws {
        let catalog = try await options.catalog()
        let session = try await TablesSession(catalog)
        defer { session.close() }
        let target = names.last ?? ""
        for name in all ? try await catalog.names() : [names[0]] {
            let (path, format) = try place(of: name, target)
            let count = try await write(name, to: path, format, session)
            print("\(path): \(count) rows")
        }
    }

    private func place(of name: String, _ target: String) throws -> (String, Format) {
        var isFolder: ObjCBool = false
        var status = stat()
        if stat(target, &status) == 0 { isFolder = ObjCBool(status.st_mode & S_IFMT == S_IFDIR) }
        guard all || target.hasSuffix("/") || isFolder.boolValue else {
            let ending = target.split(separator: ".").last.map { $0.lowercased() } ?? ""
            let known = [
                "csv": Format.csv, "parquet": .parquet, "ndjson": .ndjson, "jsonl": .ndjson, "json": .ndjson,
            ]
            guard let format = format ?? known[ending] else {
                throw CommandFailure("\(target) does not tell a format: give --format csv, parquet or ndjson")
            }
            return (target, format)
        }
        guard let format else { throw CommandFailure("a folder does not tell a format: give --format") }
        let folder = target.hasSuffix("/") ? String(target.dropLast()) : target
        guard isFolder.boolValue || mkdir(folder, 0o755) == 0 else {
            throw CommandFailure("cannot make the folder \(folder): \(String(cString: strerror(errno)))")
        }
        return ("\(folder)/\(name).\(format.rawValue)", format)
    }

    private func write(
        _ name: String, to path: String, _ format: Format, _ session: TablesSession
    ) async throws -> String {
        guard overwrite || access(path, F_OK) != 0 else {
            throw CommandFailure("\(path) is there already: name another file, or say --overwrite")
        }
        let unfinished = path + ".partial"
        let moment =
            version.map { " AT (VERSION => \($0))" } ?? time.map { " AT (TIMESTAMP => \($0.quotedText))" }
            ?? ""
        let result = try await session.run(
            SQLText(
                "COPY (SELECT * FROM \(name.quotedName)\(moment)) TO \(unfinished.quotedText) (\(format.options))"
            ))
        guard rename(unfinished, path) == 0 else {
            throw CommandFailure("cannot name \(path): \(String(cString: strerror(errno)))")
        }
        return result.rows.first?.first?.text ?? String(result.rowsChanged)
    }
}
