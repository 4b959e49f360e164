import ArgumentParser
import DeltaFormat
import Foundation
import Pipelines
import QueryEngine
import ServerAssembly

/// `pinline tables`: the Delta tables of a data folder or a bucket.
struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "The Delta tables: what there is, what it was, upkeep, export.",
        discussion: """
            EXAMPLES
              pinline tables list
              pinline tables describe pin --tables s3://my-bucket/tables
              pinline tables history pin --limit 5 --format json
              pinline tables vacuum pin --retention 7d --dry-run
              pinline tables export pin pins.csv --version 3
              pinline tables agree
            """,
        subcommands: [
            List.self, Describe.self, History.self, Compact.self, Vacuum.self, TablesImportCommand.self,
            TablesExportCommand.self,
            TablesAgreeCommand.self,
        ])

    /// What most of these commands take.
    struct Options: ParsableArguments {
        @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
        var data: String?
        @OptionGroup var tables: TableOptions
        @Option(help: ArgumentHelp("DuckDB's library.", valueName: "file"))
        var libduckdb: String?
        @OptionGroup var store: StoreOptions

        func dataFolder() throws -> String { try DataFolderOption.path(data, config: store.config) }

        /// The tables, with what a running server has acknowledged.
        func catalog() async throws -> DeltaCatalog {
            let data = try dataFolder()
            try await tables.flush(data: data)
            return try tables.catalog(data: data, store: store, library: libduckdb)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the tables with version, size and time.")

        @Option(help: "table, json or csv.")
        var format = ResultFormat.table
        @OptionGroup var options: Options

        func run() async throws {
            let catalog = try await options.catalog()
            var rows = RowTable([
                ("table", .text), ("version", .integer), ("files", .integer), ("bytes", .integer),
                ("committed", .timestamp),
            ])
            for name in try await catalog.names() {
                let snapshot = try await catalog.snapshot(name, at: .latest)
                rows.add(
                    .text(name), .integer(snapshot.version.rawValue), .number(snapshot.fileCount),
                    .integer(snapshot.bytes), .timestamp(snapshot.timestamp &* 1000))
            }
            rows.show(format)
        }
    }

    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a table's columns, or what else is known of it.")

        @Argument(help: ArgumentHelp("The table.", valueName: "table"))
        var name: String
        @Flag(help: "Id, version, rows, files, properties and writers instead of the columns.")
        var details = false
        @Option(help: ArgumentHelp("As of this version (default: the newest).", valueName: "n"))
        var version: Int64?
        @Option(help: "table, json or csv.")
        var format = ResultFormat.table
        @OptionGroup var options: Options

        func run() async throws {
            let catalog = try await options.catalog()
            let snapshot = try await catalog.snapshot(
                name, at: version.map { .version(TableVersion($0)) } ?? .latest)
            details ? try await showDetails(snapshot, catalog) : showColumns(snapshot)
        }

        private func showColumns(_ snapshot: TableSnapshot) {
            var rows = RowTable([
                ("column", .text), ("type", .text), ("nullable", .bool), ("partition", .bool),
            ])
            for field in snapshot.schema.fields {
                rows.add(
                    .text(field.name), .text(TablesText.name(field.type)), .bool(field.isNullable),
                    .bool(snapshot.partitionColumns.contains(field.name)))
            }
            rows.show(format)
        }

        private func showDetails(_ snapshot: TableSnapshot, _ catalog: DeltaCatalog) async throws {
            let session = try await TablesSession(catalog)
            defer { session.close() }
            let count = try await session.run(
                SQLText(
                    "SELECT count(*) FROM \(name.quotedName) AT (VERSION => \(snapshot.version.rawValue))"))
            var rows = RowTable([("what", .text), ("value", .text)])
            func add(_ what: String, _ value: String?) { rows.add(.text(what), .optional(value)) }
            add("id", snapshot.metadata.id)
            add("place", catalog.place + "/" + name)
            add("version", snapshot.version.description)
            add("committed", SQLValue.timestamp(snapshot.timestamp &* 1000).text)
            add("rows", count.rows.first?.first?.text)
            add("files", String(snapshot.fileCount))
            add("bytes", String(snapshot.bytes))
            add("reader version", String(snapshot.needs.minReaderVersion))
            add("writer version", String(snapshot.needs.minWriterVersion))
            add("partition columns", snapshot.partitionColumns.joined(separator: ", "))
            for (key, value) in snapshot.properties.sorted(by: { $0.key < $1.key }) { add(key, value) }
            for (app, version) in snapshot.transactions.sorted(by: { $0.key < $1.key }) {
                add("writer \(app)", String(version))
            }
            rows.show(format)
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a table's commits, newest first.")

        @Argument(help: ArgumentHelp("The table.", valueName: "table"))
        var name: String
        @Option(help: ArgumentHelp("Most commits that are shown.", valueName: "n"))
        var limit: Int?
        @Option(help: "table, json or csv.")
        var format = ResultFormat.table
        @OptionGroup var options: Options

        func run() async throws {
            let table = try await options.catalog().table(name)
            var rows = RowTable(TablesText.historyColumns)
            for entry in try await table.history(limit: limit ?? .max) {
                rows.add(TablesText.row(entry))
            }
            rows.show(format)
        }
    }

    struct Compact: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Merges a table's small files by one commit, beside whoever writes to it.")

        @Argument(help: ArgumentHelp("The tables (default: all).", valueName: "table"))
        var names: [String] = []
        @Option(help: "table, json or csv.")
        var format = ResultFormat.table
        @OptionGroup var options: Options

        func run() async throws {
            let catalog = try await options.catalog()
            var rows = RowTable([
                ("table", .text), ("version", .integer), ("files_before", .integer),
                ("files_after", .integer),
            ])
            for name in names.isEmpty ? try await catalog.names() : names {
                let before = try await catalog.snapshot(name, at: .latest)
                _ = try await catalog.table(name).optimize()
                let after = try await catalog.snapshot(name, at: .latest)
                rows.add(
                    .text(name), .integer(after.version.rawValue), .number(before.fileCount),
                    .number(after.fileCount))
            }
            rows.show(format)
        }
    }

    struct Vacuum: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes files that no version within the retention needs.",
            discussion: """
                Versions older than the retention can then no longer be read. A retention below the table's own
                (delta.deletedFileRetentionDuration, a week if it says nothing) needs --force: a reader or writer that is
                at work may need such files.
                """)

        @Argument(help: ArgumentHelp("The tables (default: all).", valueName: "table"))
        var names: [String] = []
        @Option(
            help: ArgumentHelp(
                "How old a file must be that no version needs: 12h, 7d (default: what the table says).",
                valueName: "time"))
        var retention: String?
        @Flag(help: "Show the files, and delete none.")
        var dryRun = false
        @Flag(help: "Take a retention that is shorter than the table's own.")
        var force = false
        @Option(help: "table, json or csv.")
        var format = ResultFormat.table
        @OptionGroup var options: Options

        func validate() throws {
            if let retention, BucketCompactCommand.milliseconds(retention) == nil {
                throw ValidationError("--retention is a time like 12h or 7d")
            }
        }

        func run() async throws {
            let catalog = try await options.catalog()
            var rows = RowTable([("table", .text), (dryRun ? "would_delete" : "deleted", .text)])
            for name in names.isEmpty ? try await catalog.names() : names {
                let outcome = try await catalog.table(name).vacuum(
                    retention: retention.flatMap(BucketCompactCommand.milliseconds), isForced: force,
                    isDryRun: dryRun)
                for file in outcome.files { rows.add(.text(name), .text(file)) }
            }
            rows.show(format)
        }
    }
}
