import ArgumentParser
import Foundation
import ServerAssembly

/// `pinline doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the installation, and says how to put each thing right.",
        discussion: """
            Ends with 1 if something that is needed is missing.

            EXAMPLES
              pinline doctor
              pinline doctor --data /var/lib/pinline --format json
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv
    }

    @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("Folder of log, bucket and state.", valueName: "dir"))
    var data: String?
    @Option(help: ArgumentHelp("The pipeline's folder.", valueName: "dir"))
    var pipeline: String?
    @Option(help: ArgumentHelp("DuckDB's library.", valueName: "file"))
    var libduckdb: String?
    @Option(help: "table, json or csv.")
    var format = Format.table

    func run() async throws {
        var settings = ServerSettings()
        if let config { try settings.read(file: config) }
        try settings.read(environment: ProcessInfo.processInfo.environment)
        if let data { try settings.set("data", to: data) }
        if let pipeline { try settings.set("pipeline", to: pipeline) }
        let findings = await Checkup(settings: settings, libduckdb: libduckdb).run()
        show(findings)
        if findings.contains(where: { $0.verdict == .failed }) { throw ExitCode(1) }
    }

    private func show(_ findings: [Checkup.Finding]) {
        let rows = findings.map { [$0.subject, $0.verdict.rawValue, $0.detail, $0.remedy] }
        let names = ["subject", "verdict", "detail", "remedy"]
        switch format {
        case .json:
            let objects = rows.map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: (try? encoder.encode(objects)) ?? Data(), as: UTF8.self))
        case .csv:
            for row in [names] + rows {
                print(
                    row.map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }.joined(
                        separator: ","))
            }
        case .table:
            for row in rows {
                print(row[1].padding(toLength: 9, withPad: " ", startingAt: 0) + row[0] + ": " + row[2])
                if !row[3].isEmpty { print("         -> " + row[3]) }
            }
        }
    }
}
