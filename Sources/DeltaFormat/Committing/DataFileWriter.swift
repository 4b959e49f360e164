import Foundation
import ObjectStore
import QueryEngine

/// Writes rows to Parquet files with DuckDB and stores them under names that were never used before.
struct DataFileWriter: Sendable {
    let files: TableFiles
    let settings: DeltaSettings
    let schema: DeltaSchema
    let partitionColumns: [String]
    let properties: TableProperties

    /// Files that are in the store but in no commit yet.
    struct Written: Sendable {
        var files: [AddFile] = []
        var rows: Int64 = 0
        var bytes: Int64 { files.reduce(0) { $0 &+ $1.size } }
    }

    /// - Parameters:
    ///   - columns: what the rows have, of the schema's columns; others are NULL.
    ///   - now: milliseconds since 1970.
    func write(
        select: String, columns: [DeltaField], on engine: any SQLEngine, dataChange: Bool, now: Int64
    ) async throws(DeltaError) -> Written {
        let folder = try ScratchFolder(in: files.scratch)
        defer { folder.remove() }
        let made = try await copy(select, columns, on: engine, to: folder)
        var written = Written()
        for file in made where file.statistics.rows > 0 {
            try checkNulls(file.statistics, columns)
            let path =
                partitionFolder(file.partitionValues) + "part-00000-\(UUID().uuidString.lowercased())-c000"
                + (settings.compression == .uncompressed ? "" : ".\(settings.compression.rawValue)")
                + ".parquet"
            let key = try files.log.key(path)
            _ = try await attempt { () throws(ObjectStoreError) in
                try await files.log.store.put(file: file.path, as: key, options: PutOptions(ifAbsent: true))
            }
            written.rows &+= file.statistics.rows
            written.files.append(
                AddFile(
                    path: PathText.encoded(path), partitionValues: file.partitionValues, size: file.bytes,
                    modificationTime: now, dataChange: dataChange,
                    statistics: file.statistics.json(of: statisticsFields)))
        }
        return written
    }

    /// Deletes files that no commit will name.
    func discard(_ written: Written) async {
        for file in written.files {
            guard let key = try? files.log.key(file.name) else { continue }
            try? await files.log.store.delete(key)
        }
    }

    // MARK: COPY

    private struct Made {
        var path: String
        var bytes: Int64
        var statistics: FileStatistics
        var partitionValues: [String: String?]
    }

    private func copy(
        _ select: String, _ columns: [DeltaField], on engine: any SQLEngine, to folder: ScratchFolder
    ) async throws(DeltaError) -> [Made] {
        var options = "FORMAT parquet, COMPRESSION \(settings.compression.rawValue), RETURN_STATS"
        // A level higher costs twice as much, for files that are a twentieth smaller.
        if settings.compression == .zstd { options += ", COMPRESSION_LEVEL 1" }
        var target = folder.path + "/rows.parquet"
        if !partitionColumns.isEmpty {
            options += ", PARTITION_BY (\(partitionColumns.map(SQLText.name).joined(separator: ", ")))"
            target = folder.path + "/rows"
        }
        let rows = try await engine.rows(
            "COPY (SELECT \(expressions(columns)) FROM (\(select))) TO \(SQLText.literal(target)) (\(options))"
        )
        return rows.compactMap { row in
            guard row.count >= 6, let path = row[0].string else { return nil }
            let values = row[5].nullableTexts
            return Made(
                path: path, bytes: row[2].whole ?? 0,
                statistics: FileStatistics(rows: row[1].whole ?? 0, row[4]),
                partitionValues: Dictionary(
                    uniqueKeysWithValues: partitionColumns.map { ($0, values[$0] ?? nil) }))
        }
    }

    /// The schema's columns that the rows have, with the schema's types.
    private func expressions(_ columns: [DeltaField]) -> String {
        var expressions: [String] = []
        for field in schema.fields {
            let isPartition = partitionColumns.contains(field.name)
            let column =
                columns.first { $0.name == field.name }
                ?? columns.first { $0.name.lowercased() == field.name.lowercased() }
            guard column != nil || isPartition else { continue }
            let value = column.map { Self.value(SQLText.name($0.name), $0, as: field.type) } ?? "NULL"
            expressions.append(
                (isPartition ? Self.partitionText(value, field.type) : value)
                    + " AS \(SQLText.name(field.name))")
        }
        return expressions.joined(separator: ", ")
    }

    private static func value(_ name: String, _ column: DeltaField, as type: DeltaType) -> String {
        // Readings of a clock are taken for UTC's, whatever the connection's time zone.
        if type == .timestamp {
            return column.metadata[DuckDBTypes.hasZone] == nil
                ? "timezone('UTC', CAST(\(name) AS TIMESTAMP))" : name
        }
        if type == .timestampWithoutZone, column.metadata[DuckDBTypes.hasZone] != nil {
            return "timezone('UTC', \(name))"
        }
        return "CAST(\(name) AS \(DuckDBTypes.name(type)))"
    }

    /// The text of a value that the log keeps in place of the file; NULL for the empty text too.
    private static func partitionText(_ value: String, _ type: DeltaType) -> String {
        switch type {
        case .timestamp: "strftime(timezone('UTC', \(value)), '%Y-%m-%dT%H:%M:%S.%fZ')"
        case .timestampWithoutZone: "strftime(\(value), '%Y-%m-%d %H:%M:%S.%f')"
        default: "nullif(CAST(\(value) AS VARCHAR), '')"
        }
    }

    private func partitionFolder(_ values: [String: String?]) -> String {
        partitionColumns.map { PathText.folder($0, values[$0] ?? nil) + "/" }.joined()
    }

    // MARK: Columns

    private func checkNulls(_ statistics: FileStatistics, _ columns: [DeltaField]) throws(DeltaError) {
        for field in schema.fields where !field.isNullable && !partitionColumns.contains(field.name) {
            guard let nulls = statistics.nulls(in: field.name), nulls == 0 else {
                throw DeltaError(
                    .invalid, "the table's column '\(field.name)' takes no NULL, and a row has one there")
            }
        }
    }

    private var statisticsFields: [DeltaField] {
        let fields = schema.fields.filter { !partitionColumns.contains($0.name) }
        if let names = properties.statisticsColumnNames { return fields.filter { names.contains($0.name) } }
        let count = properties.statisticsColumns ?? settings.statisticsColumns
        return count < 0 ? fields : Array(fields.prefix(count))
    }
}
