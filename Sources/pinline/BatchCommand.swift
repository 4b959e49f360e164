import ArgumentParser
import Pipelines

/// `pinline batch`: raw objects in, cleaned tables, every answer out.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Reads the raw objects of a bucket, cleans them, and answers every query of the pipeline.",
        discussion: """
            Needs no server. Reads the embedded bucket of the data folder unless --bucket names another folder: one
            with topics/<topic>/… below it, or any folder of *.json, *.ndjson or *.jsonl files by topic.
            Queries that say "run: on request" are left out; 'pinline query' runs them.

            With --format json one object is printed: rows, quality, results (by query, rows as lists), seconds.

            EXAMPLES
              pinline batch
              pinline batch --bucket /mnt/objects --format json
              pinline batch --param first_post_year=2020 --memory 2GB --threads 2
            """)

    @OptionGroup var options: BucketOptions

    func run() async throws {
        let job = try options.job()
        let report = try await WatchedRun.run { try await job.run(progress: $0) }
        switch options.format {
        case .table: print(report.table, terminator: "")
        case .json: print(report.json)
        case .csv: print(report.csv, terminator: "")
        }
    }
}
