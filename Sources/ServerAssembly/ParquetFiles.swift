import QueryEngine
import Sinks

/// Makes Parquet files of JSON lines with DuckDB.
struct ParquetFiles: ParquetWriting {
    /// Sorting is not asked for, so that a little is enough.
    private static let memoryLimit = "1GB"

    /// Loads the library, which a server whose connectors do not write Parquet never needs.
    var isAvailable: Bool { (try? DuckDBLibrary.load()) != nil }

    func writeParquet(jsonLines: String, to path: String, codec: ParquetCodec) throws {
        let database = try DuckDBDatabase(
            DuckDBLibrary.load(),
            settings: DuckDBSettings(threads: 1, memoryLimit: Self.memoryLimit, keepsInsertionOrder: true))
        let connection = try database.connect()
        let source = "\(Self.quoted(jsonLines)), format = 'newline_delimited', sample_size = -1"
        var columns: [String] = []
        for row in try connection.wait(for: "DESCRIBE SELECT * FROM read_json(\(source))").rows {
            guard case .text(let name)? = row.first, case .text(let type)? = row.dropFirst().first else {
                continue
            }
            columns.append("\(Self.quoted(name)): \(Self.quoted(Self.plain(type)))")
        }
        let compression = codec == .none ? "uncompressed" : codec.rawValue
        _ = try connection.wait(
            for: """
                COPY (SELECT * FROM read_json(\(source), columns = {\(columns.joined(separator: ", "))}))
                TO \(Self.quoted(path)) (FORMAT parquet, COMPRESSION '\(compression)')
                """)
    }

    /// A type in which texts stay texts: whether they look like times differs from file to file.
    static func plain(_ type: String) -> String {
        var result = ""
        var word = ""
        var isQuoted = false
        func isTime(_ word: String) -> Bool {
            ["DATE", "TIME", "TIMESTAMP", "UUID", "TIMESTAMP_NS", "TIMESTAMPTZ"].contains(word)
        }
        for character in type.replacing("TIMESTAMP WITH TIME ZONE", with: "TIMESTAMPTZ") {
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted, character.isLetter || character == "_" {
                word.append(character)
                continue
            }
            result += isTime(word) ? "VARCHAR" : word
            word = ""
            result.append(character)
        }
        return result + (isTime(word) ? "VARCHAR" : word)
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
