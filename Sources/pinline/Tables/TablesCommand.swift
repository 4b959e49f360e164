import ArgumentParser

/// `pinline tables`: the Delta tables of a data folder or a bucket.
struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables", abstract: "The Delta tables of a data folder, of S3 or of any folder.",
        subcommands: [TablesImportCommand.self])
}
