import Testing

@testable import QueryEngine

@Suite struct DuckDBLibrarySearchTests {
    private func paths(
        configured: String? = nil, environment: String? = nil, executable: String? = nil,
        workingDirectory: String? = nil, home: String? = nil
    ) -> [String] {
        DuckDBLibrarySearch.candidates(
            configured: configured, environment: environment, executable: executable,
            workingDirectory: workingDirectory, home: home
        ).map(\.path)
    }

    @Test func aConfiguredPathIsTheOnlyOne() {
        #expect(
            paths(configured: "/a/lib.so", environment: "/b/lib.so", executable: "/c/pinline") == [
                "/a/lib.so"
            ])
    }

    @Test func theEnvironmentIsTheOnlyPlaceIfNothingIsConfigured() {
        #expect(paths(environment: "/b/lib.so", executable: "/c/pinline") == ["/b/lib.so"])
        #expect(paths(environment: "", executable: "/c/pinline").count > 1)
    }

    @Test func placesGoFromTheExecutableToTheSystem() {
        let name = DuckDBLibrarySearch.fileName
        let found = paths(executable: "/opt/app/bin/pinline", workingDirectory: "/opt/app", home: "/home/me")
        let expected = [
            "/opt/app/bin/\(name)", "/opt/app/bin/.tools/duckdb/\(name)", "/opt/app/.tools/duckdb/\(name)",
            "/opt/.tools/duckdb/\(name)", "/.tools/duckdb/\(name)", "/home/me/.local/lib/\(name)",
            "/usr/local/lib/\(name)", "/usr/lib/\(name)",
        ]
        #expect(Array(found.prefix(expected.count)) == expected)
    }

    @Test func theFirstFileThatIsThereIsFound() {
        let candidates = DuckDBLibrarySearch.candidates(
            configured: nil, environment: nil, executable: nil, workingDirectory: nil, home: nil)
        let search = DuckDBLibrarySearch(candidates) { $0.hasPrefix("/usr/lib/") }
        #expect(search.found == "/usr/lib/\(DuckDBLibrarySearch.fileName)")
    }

    @Test func theErrorNamesEveryPlaceAndWhatToDo() {
        let candidates = DuckDBLibrarySearch.candidates(
            configured: "/nowhere/x.so", environment: nil, executable: nil, workingDirectory: nil, home: nil)
        let error = DuckDBLibrarySearch(candidates) { _ in false }.missingError
        #expect(error.code == .libraryMissing)
        #expect(error.message.contains("/nowhere/x.so"))
        #expect(error.message.contains("scripts/bootstrap"))
    }

    @Test func aFileThatIsNoLibraryIsUnusable() throws {
        // The executable itself is a file, but no library with DuckDB's calls.
        let search = DuckDBLibrarySearch(
            [DuckDBLibrarySearch.Place(path: "/etc/passwd", origin: "test", exists: false)]) { _ in true }
        let error = #expect(throws: QueryEngineError.self) { try DuckDBLibrary.open(search) }
        #expect(error?.code == .libraryUnusable)
    }
}

@Suite struct DuckDBFailureTests {
    @Test func theMarkerUnderAnExcerptBecomesLineAndColumn() {
        let text = """
            Binder Error: Referenced column "x" not found!
            Candidate bindings: "y"

            LINE 2: SELECT x FROM t
                           ^
            """
        #expect(
            DuckDBFailure.oneLine(text)
                == #"Binder Error: Referenced column "x" not found! Candidate bindings: "y"; at line 2, column 8, near “x FROM t”"#
        )
    }

    @Test func aMessageOfOneLineStaysAsItIs() {
        #expect(DuckDBFailure.oneLine("Out of Memory Error: no") == "Out of Memory Error: no")
    }
}
