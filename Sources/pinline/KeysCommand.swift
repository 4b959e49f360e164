import ArgumentParser
import Foundation
import QueryEngine
import ServerAssembly

/// `pinline keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "API keys for the ingest port (the header x-api-key).",
        discussion: """
            Works on the data folder, with or without a running server, which takes a new key at once and a revoked one \
            for at most gateway.auth.cache.ms more. A key is shown when it is made and never again: only its hash is kept.

            EXAMPLES
              pinline keys create alice
              pinline keys create alice --days 90 --data /var/lib/pinline
              pinline keys create alice --key-file key.txt
              pinline keys list
              pinline keys revoke 0a1b2c3d4e
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct FolderOptions: ParsableArguments {
        @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
        var data: String?
        @Option(help: "table, json or csv.")
        var format = ResultFormat.table

        func accounts(creating: Bool = false) throws -> APIKeyAccounts {
            try APIKeyAccounts(data: DataFolderOption.path(data), creating: creating)
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key for a user, or takes over one that clients have already.")

        @Argument(help: ArgumentHelp("Who the key's bearer is: User:<name> of the ACLs.", valueName: "user"))
        var user: String
        @Option(help: ArgumentHelp("For how long it is good (default: for ever).", valueName: "days"))
        var days: Int64?
        @Option(help: ArgumentHelp("A file whose first line is the key.", valueName: "file"))
        var keyFile: String?
        @OptionGroup var folder: FolderOptions

        func validate() throws {
            guard !user.isEmpty else { throw ValidationError("a key needs a user") }
            if let days, !(1...36_500).contains(days) {
                throw ValidationError("--days is a number from 1 to 36500")
            }
        }

        func run() throws {
            let text = try keyFile.map { try Self.firstLine(of: $0) }
            let (key, secret) = try folder.accounts(creating: true).create(
                user: user, text: text, seconds: days.map { $0 * 86_400 })
            var done = RowTable([("id", .text), ("user", .text), ("key", .text)])
            done.add(.text(key.id), .text(key.user), .text(secret))
            done.show(folder.format)
        }

        private static func firstLine(of file: String) throws -> String {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw CommandFailure("\(file) cannot be read as UTF-8 text")
            }
            return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).first
                .map(String.init) ?? ""
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists keys, without the keys themselves.")

        @OptionGroup var folder: FolderOptions

        func run() throws {
            var rows = RowTable([("id", .text), ("user", .text), ("created", .text), ("end", .text)])
            for key in try folder.accounts().list() {
                rows.add(
                    .text(key.id), .text(key.user), .text(Self.day(key.created)),
                    .text(key.end.map(Self.day) ?? "never"))
            }
            rows.show(folder.format)
        }

        private static func day(_ seconds: Int64) -> String {
            Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revokes keys.")

        @Argument(help: ArgumentHelp("The keys' ids, as 'pinline keys list' shows them.", valueName: "id"))
        var ids: [String]
        @OptionGroup var folder: FolderOptions

        func run() throws {
            let accounts = try folder.accounts()
            try RowTable.show(["id", "result"], folder.format, for: ids) { id in
                guard try accounts.revoke(id) else {
                    throw CommandFailure("there is no key \(id); 'pinline keys list' shows those there are")
                }
                return [.text(id), .text("revoked")]
            }
        }
    }
}
