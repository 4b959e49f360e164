import ArgumentParser
import Pipelines

/// `pinline batch`: raw objects in, cleaned tables, every answer out.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Reads the raw objects of a bucket, cleans them, and answers every query of the pipeline.",
        discussion: """
            Needs no server. Reads the embedded bucket of the data folder unless --bucket names another place: one
            with topics/<topic>/… below it, or any folder of *.json, *.ndjson or *.jsonl files by topic. Objects of
            S3 are fetched into a cache in the data folder; the next run fetches only what is new.
            Queries that say "run: on request" are left out; 'pinline query' runs them.

            With --format json one object is printed: rows, quality, results (by query, rows as lists), seconds.

            EXAMPLES
              pinline batch
              pinline batch --bucket /srv/objects --format json
              pinline batch --bucket s3://my-bucket --s3-credentials key.csv --s3-region eu-west-1
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
