import ArgumentParser
import Foundation
import QueryEngine
import ServerAssembly

/// `pinline users`.
struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "Users who log in to the Kafka port by password (SCRAM, PLAIN).",
        discussion: """
            Works on the data folder, with or without a running server, which takes a change from the next login on. \
            Passwords are kept as Kafka keeps them: salted and hashed.

            EXAMPLES
              pinline users add alice
              pinline users add alice --password-file secret.txt --data /var/lib/pinline
              PINLINE_PASSWORD=… pinline users add alice
              pinline users list
              pinline users remove alice
            """,
        subcommands: [Add.self, List.self, Remove.self])

    struct FolderOptions: ParsableArguments {
        @Option(help: ArgumentHelp("The data folder (default: data).", valueName: "dir"))
        var data: String?
        @Option(help: "table, json or csv.")
        var format = ResultFormat.table

        func accounts(creating: Bool = false) throws -> UserAccounts {
            try UserAccounts(data: DataFolderOption.path(data), creating: creating)
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a user, or gives one another password.",
            discussion:
                "The password comes from --password-file, else PINLINE_PASSWORD, else it is asked for.")

        @Argument(help: ArgumentHelp("The user's name.", valueName: "name"))
        var name: String
        @Option(help: ArgumentHelp("A file whose first line is the password.", valueName: "file"))
        var passwordFile: String?
        @OptionGroup var folder: FolderOptions

        func validate() throws {
            guard !name.isEmpty else { throw ValidationError("a user needs a name") }
        }

        func run() throws {
            let password = try Password.read(file: passwordFile, for: name)
            let isNew = try folder.accounts(creating: true).set(name, password: password)
            var done = RowTable([("user", .text), ("result", .text)])
            done.add(.text(name), .text(isNew ? "added" : "has another password"))
            done.show(folder.format)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists users.")

        @OptionGroup var folder: FolderOptions

        func run() throws {
            var rows = RowTable([("user", .text), ("mechanisms", .list(.text))])
            for user in try folder.accounts().list() {
                rows.add(.text(user.name), .list(user.mechanisms.map { .text($0) }))
            }
            rows.show(folder.format)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes users; connections that are logged in stay.")

        @Argument(help: ArgumentHelp("The users' names.", valueName: "name"))
        var names: [String]
        @OptionGroup var folder: FolderOptions

        func run() throws {
            let accounts = try folder.accounts()
            try RowTable.show(["user", "result"], folder.format, for: names) { name in
                guard try accounts.remove(name) else {
                    throw CommandFailure(
                        "there is no user \(name); 'pinline users list' shows those there are")
                }
                return [.text(name), .text("removed")]
            }
        }
    }
}

/// Where a password comes from: never the command line, which others can see.
private enum Password {
    static func read(file: String?, for name: String) throws -> String {
        let password: String
        if let file {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw CommandFailure("\(file) cannot be read as UTF-8 text")
            }
            password =
                text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).first.map(
                    String.init) ?? ""
        } else if let text = ProcessInfo.processInfo.environment["PINLINE_PASSWORD"] {
            password = text
        } else {
            guard isatty(STDIN_FILENO) == 1 else {
                throw CommandFailure("no password: give --password-file FILE, or set PINLINE_PASSWORD")
            }
            password = ask("Password of \(name): ")
            guard ask("Again: ") == password else { throw CommandFailure("the two passwords differ") }
        }
        guard !password.isEmpty else { throw CommandFailure("the password is empty") }
        return password
    }

    /// Reads a line from the terminal without showing it.
    private static func ask(_ prompt: String) -> String {
        var before = termios()
        tcgetattr(STDIN_FILENO, &before)
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        FileHandle.standardError.write(Data(prompt.utf8))
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        return readLine() ?? ""
    }
}
