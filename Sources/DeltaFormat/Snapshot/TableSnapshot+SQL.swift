// The rows of a snapshot as SQL for DuckDB.
extension TableSnapshot {
    /// SQL for DuckDB that gives the table's rows; as the other `select()`, for files that lie where a body says.
    package func select(path: (AddFile) -> String) -> String {
        let columns = schema.fields.map { Self.reading($0) }
        return "SELECT \(columns.joined(separator: ", ")) FROM (\(rows(of: files, path: path)))"
    }

    /// The rows of some files, with the types that files have.
    ///
    /// - Parameter columns: the columns wanted; nil for all.
    func rows(of files: [AddFile], path: (AddFile) -> String) -> String {
        var parts = [empty]
        for (values, files) in Self.grouped(files, by: partitionColumns) {
            let paths = files.map { SQLText.literal(path($0)) }.joined(separator: ", ")
            let constants = zip(partitionColumns, values).map { name, value in
                ", \(constant(value, of: name)) AS \(SQLText.name(name))"
            }
            let hidden = partitionColumns.map(SQLText.name).joined(separator: ", ")
            // A file may hold the column too: the log's value counts.
            let all = hidden.isEmpty ? "*" : "COLUMNS(c -> c NOT IN (\(partitionLiterals)))"
            parts.append(
                "SELECT \(all)\(constants.joined()) FROM read_parquet([\(paths)], union_by_name = true, "
                    + "hive_partitioning = false)")
        }
        return parts.joined(separator: " UNION ALL BY NAME ")
    }

    private var partitionLiterals: String {
        partitionColumns.map(SQLText.literal).joined(separator: ", ")
    }

    /// No row, but each column with its type.
    private var empty: String {
        let columns = schema.fields.map {
            "NULL::\(DuckDBTypes.name($0.type)) AS \(SQLText.name($0.name))"
        }
        return "SELECT \(columns.joined(separator: ", ")) WHERE false"
    }

    private func constant(_ value: String?, of name: String) -> String {
        let type = schema.field(name).map { DuckDBTypes.name($0.type) } ?? "VARCHAR"
        return value.map { "CAST(\(SQLText.literal($0)) AS \(type))" } ?? "NULL::\(type)"
    }

    private static func reading(_ field: DeltaField) -> String {
        let name = SQLText.name(field.name)
        let value = "CAST(\(name) AS \(DuckDBTypes.name(field.type)))"
        return field.type == .timestamp ? "timezone('UTC', \(value)) AS \(name)" : "\(value) AS \(name)"
    }

    /// Files with the same partition values together, in the order of these.
    static func grouped(
        _ files: [AddFile], by columns: [String]
    ) -> [(values: [String?], files: [AddFile])] {
        guard !columns.isEmpty else { return files.isEmpty ? [] : [([], files)] }
        var groups: [[String?]: [AddFile]] = [:]
        for file in files {
            groups[columns.map { file.partitionValues[$0] ?? nil }, default: []].append(file)
        }
        let sorted = groups.sorted { left, right in
            left.key.map { $0 ?? "" }.lexicographicallyPrecedes(right.key.map { $0 ?? "" })
        }
        return sorted.map { ($0.key, $0.value) }
    }
}
