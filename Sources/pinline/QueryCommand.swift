import ArgumentParser
import Pipelines

/// `pinline query`: one question.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Answers one query of the pipeline, or an SQL statement, over the cleaned tables.",
        discussion: """
            A query is called by its number, its file's name, or that name without the number. --list shows them.
            --sql takes any SELECT over the tables; values for its :name parameters come from --param.
            Only the columns that the query names are kept while reading. A statement may also read files, by paths of
            this machine, of mounts (/mnt/name/…, dbfs:/mnt/name/…) and of S3 (s3://, s3a://, s3n://).

            EXAMPLES
              pinline query --list
              pinline query 4
              pinline query median-followers-by-age-group --format csv
              pinline query --sql "SELECT category, count(*) AS posts FROM pin GROUP BY category ORDER BY posts DESC"
              pinline query --sql "SELECT count(*) FROM read_json('/mnt/pins/topics/u.pin/partition=0/*.json')"
            """)

    @Argument(help: ArgumentHelp("The query's number or name.", valueName: "query"))
    var name: String?
    @Option(help: ArgumentHelp("A statement instead of a query of the pipeline.", valueName: "select"))
    var sql: String?
    @Flag(help: "List the pipeline's queries and end.")
    var list = false
    @OptionGroup var options: BucketOptions

    func validate() throws {
        let given = [name != nil, sql != nil, list].count { $0 }
        guard given == 1 else { throw ValidationError("give the name of a query, --sql, or --list") }
    }

    func run() async throws {
        let job = try options.job()
        if list {
            for query in job.pipeline.queries { print("\(query.stem)\n    \(query.title)") }
            return
        }
        let (name, sql) = (name, sql)
        let report = try await WatchedRun.run { progress in
            if let sql { return try await job.run(sql: sql, progress: progress) }
            return try await job.run(query: name ?? "", progress: progress)
        }
        guard let result = report.answers.first?.result else { return }
        switch options.format {
        case .table: print(ResultText.table(result), terminator: "")
        case .json: print(ResultText.json(result), terminator: "")
        case .csv: print(ResultText.csv(result), terminator: "")
        }
    }
}
