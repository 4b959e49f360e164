import ArgumentParser
import Foundation
import Pipelines
import QueryEngine
import ServerAssembly

/// `pinline sql`: statements over the tables, one after the other.
struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Answers statements from standard input over the Delta tables, each as it ends with ';'.",
        discussion: """
            Each statement sees the newest version of every table, with all rows that a running server has acknowledged,
            or the version it names: pin AT (VERSION => 3), pin AT (TIMESTAMP => '2026-11-01 12:00:00').
            Lines that begin with a dot are commands: .help shows them. Ends with 1 if a statement failed.

            EXAMPLES
              pinline sql
              echo 'SELECT count(*) FROM pin;' | pinline sql --format csv
            """)

    @Option(help: "table, json or csv.")
    var format = ResultFormat.table
    @Option(help: ArgumentHelp("Threads (default: one for each processor).", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp("Most memory (default: half the machine's, at most 4GB).", valueName: "size"))
    var memory: String?
    @OptionGroup var options: TablesCommand.Options

    private static let help = """
        SELECT …;      answers a statement, over as many lines as it takes
        .tables        the tables' names
        .format NAME   table, json or csv
        .help          this
        .quit          ends, as the end of the input does

        """

    func run() async throws {
        let data = try options.dataFolder()
        let catalog = try options.tables.catalog(data: data, store: options.store, library: options.libduckdb)
        let session = try await TablesSession(
            catalog, mounts: try options.store.mounts(data: data),
            settings: BatchSettings(library: options.libduckdb, threads: threads, memoryLimit: memory))
        defer { session.close() }
        var prompt = SQLPrompt(format: format)
        while let line = prompt.readLine() {
            if prompt.isAtStart, line.hasPrefix(".") {
                guard try await obey(line, session, &prompt) else { break }
                continue
            }
            for statement in prompt.take(line) {
                do {
                    try await options.tables.flush(data: data)
                    let result = try await session.run(SQLText(statement))
                    prompt.show(result)
                } catch {
                    prompt.fail("\(error)")
                }
                catalog.release()
            }
        }
        if let rest = prompt.rest { prompt.fail("the last statement does not end with ';': \(rest)") }
        if prompt.hasFailed { throw ExitCode(1) }
    }

    /// - Returns: false for the command to end.
    private func obey(_ line: String, _ session: TablesSession, _ prompt: inout SQLPrompt) async throws
        -> Bool
    {
        let words = line.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case (".quit", 1), (".exit", 1): return false
        case (".help", 1): print(Self.help, terminator: "")
        case (".tables", 1):
            do {
                for name in try await session.tableNames() { print(name) }
            } catch {
                prompt.fail("\(error)")
            }
        case (".format", 2):
            guard let format = ResultFormat(rawValue: words[1]) else {
                prompt.fail("\(words[1]) is no format: table, json or csv")
                return true
            }
            prompt.format = format
        default: prompt.fail("\(line) is no command: .help shows them")
        }
        return true
    }
}

/// Standard input and output of a prompt.
private struct SQLPrompt {
    var format: ResultFormat
    private(set) var hasFailed = false
    private var text = ""
    private let isTerminal = isatty(STDIN_FILENO) == 1

    init(format: ResultFormat) {
        self.format = format
    }

    /// Whether no statement has begun.
    var isAtStart: Bool { rest == nil }

    /// A statement that has no end yet.
    var rest: String? {
        let statements = SQLText(text).statements
        return statements.rest.isEmpty ? nil : statements.rest
    }

    mutating func readLine() -> String? {
        if isTerminal {
            print(isAtStart ? "sql> " : "...> ", terminator: "")
            fflush(nil)
        }
        return Swift.readLine(strippingNewline: true)
    }

    /// Adds a line; gives the statements that end in it.
    mutating func take(_ line: String) -> [String] {
        text += line + "\n"
        let statements = SQLText(text).statements
        if !statements.whole.isEmpty || statements.rest.isEmpty { text = statements.rest }
        return statements.whole
    }

    func show(_ result: QueryResult) {
        switch format {
        case .table: print(ResultText.table(result), terminator: "")
        case .json: print(ResultText.json(result), terminator: "")
        case .csv: print(ResultText.csv(result), terminator: "")
        }
        fflush(nil)
    }

    mutating func fail(_ reason: String) {
        hasFailed = true
        FileHandle.standardError.write(Data("pinline: \(reason)\n".utf8))
    }
}
