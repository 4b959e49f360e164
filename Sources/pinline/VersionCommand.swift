import ArgumentParser
import QueryEngine
import ServerAssembly

/// `pinline version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints its version and those of the libraries it found.")

    func run() {
        print("pinline \(PinlineVersion.text)")
        do throws(QueryEngineError) {
            let library = try DuckDBLibrary.load()
            print("duckdb  \(library.version)  (\(library.path))")
        } catch {
            print("duckdb  not found: run 'pinline doctor'")
        }
    }
}
