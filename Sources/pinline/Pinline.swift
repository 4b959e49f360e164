import ArgumentParser
import Foundation

/// The root of the command line.
struct Pinline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pinline",
        abstract: "Takes in the posts of an image-sharing site and answers questions about them.",
        discussion: """
            One program with one folder of data. Start the server, post, ask:

              pinline serve &
              pinline emulate --to http://127.0.0.1:8082 --count 1000
              pinline batch
            """,
        subcommands: [
            ServeCommand.self, TopicsCommand.self, GroupsCommand.self, ConnectCommand.self, DLQCommand.self,
            UsersCommand.self, KeysCommand.self,
            ACLsCommand.self,
            EmulateCommand.self, BatchCommand.self, QueryCommand.self, SQLCommand.self, TablesCommand.self,
            LiveCommand.self, BucketCommand.self, MountCommand.self,
            DoctorCommand.self,
            VersionCommand.self,
        ])
}

/// Runs a command and ends the process: 0 done, 1 it failed, 2 the command line is wrong.
@main
enum Main {
    static func main() async {
        // A reader that goes away (`pinline batch | head`) is an error of a write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Pinline.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        let code = Pinline.exitCode(for: error)
        if let exit = error as? ExitCode { Foundation.exit(exit.rawValue) }
        switch code {
        case .success:
            print(Pinline.fullMessage(for: error))
            Foundation.exit(0)
        case .validationFailure:
            FileHandle.standardError.write(Data((Pinline.fullMessage(for: error) + "\n").utf8))
            Foundation.exit(2)
        default:
            FileHandle.standardError.write(Data("pinline: \(error)\n".utf8))
            Foundation.exit(1)
        }
    }
}
