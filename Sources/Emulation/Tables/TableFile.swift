import JSONText

/// One file of one table, with its rows as JSON.
struct TableFile {
    let table: EmulatedTable
    private var rows = RowStore()
    private var keys: [Int?] = []

    func append(to tables: inout KeyedRows) {
        for row in 0..<rows.count { tables.append(rows[row], key: keys[row]) }
    }

    /// Reads a CSV file; nil if its columns are those of no table.
    ///
    /// A column without a name, in which exports keep row numbers, is left out.
    init?(csv bytes: [UInt8], named name: String) throws(EmulationError) {
        guard bytes.withUnsafeBytes(JSONText.isUTF8) else {
            throw EmulationError(
                .unusableSource, "\(name) is not UTF-8: convert it first, as with iconv -t UTF-8")
        }
        do {
            var reader = CSVReader(bytes)
            let header = try reader.next() ?? []
            let names = header.map { String(decoding: $0, as: UTF8.self) }
            guard let table = EmulatedTable.recognised(by: Set(names)) else { return nil }
            self.table = table
            try readRows(&reader, names)
        } catch {
            throw EmulationError(.unusableSource, "\(name) line \(error.line): \(error.message)")
        }
    }

    private mutating func readRows(_ reader: inout CSVReader, _ names: [String]) throws(CSVReader.Failure) {
        let numberColumns = table.numberColumns
        let isNumber = names.map(numberColumns.contains)
        let keyColumn = names.firstIndex(of: table.keyColumn)
        var row: [UInt8] = []
        while let fields = try reader.next() {
            guard fields.count == names.count else {
                throw CSVReader.Failure(
                    line: reader.recordLine, message: "\(fields.count) fields for \(names.count) columns")
            }
            row.removeAll(keepingCapacity: true)
            row.append(UInt8(ascii: "{"))
            for (column, field) in fields.enumerated() where !names[column].isEmpty {
                if row.count > 1 { row.append(UInt8(ascii: ",")) }
                row.appendJSONString(names[column].utf8)
                row.append(UInt8(ascii: ":"))
                TableFile.append(field, asNumber: isNumber[column], to: &row)
            }
            row.append(UInt8(ascii: "}"))
            rows.append(row)
            keys.append(keyColumn.flatMap { Int(String(decoding: fields[$0], as: UTF8.self)) })
        }
    }

    /// Numbers stay as they are written; an empty number is null.
    private static func append(_ field: [UInt8], asNumber: Bool, to row: inout [UInt8]) {
        if asNumber, field.isEmpty {
            row.append("null")
        } else if asNumber, isJSONNumber(field) {
            row.append(contentsOf: field)
        } else {
            row.appendJSONString(field)
        }
    }

    /// Reads a file of one JSON object a line; nil if the first has the columns of no table.
    ///
    /// Rows are kept as they are written.
    init?(ndjson bytes: [UInt8], named name: String) throws(EmulationError) {
        var found: EmulatedTable?
        var rows = RowStore()
        var keys: [Int?] = []
        var isFirst = true
        do {
            try bytes.withUnsafeBytes { text in
                try bytes.forEachLine { line, range in
                    let row = UnsafeRawBufferPointer(rebasing: text[range])
                    if isFirst { found = TableFile.table(of: row) }
                    isFirst = false
                    guard let found else { return }
                    let members = try TableFile.members(of: row, name, line)
                    rows.append(row)
                    keys.append(members.first { $0.name == found.keyColumn }?.integer(in: row))
                }
            }
        } catch let error as EmulationError {
            throw error
        } catch {
            throw EmulationError(.unusableSource, "cannot read \(name): \(error)")
        }
        guard let found else { return nil }
        table = found
        self.rows = rows
        self.keys = keys
    }

    private static func table(of row: UnsafeRawBufferPointer) -> EmulatedTable? {
        guard let members = try? JSONMember.all(in: row) else { return nil }
        return EmulatedTable.recognised(by: Set(members.map(\.name)))
    }

    private static func members(
        of row: UnsafeRawBufferPointer, _ name: String, _ line: Int
    ) throws(EmulationError) -> [JSONMember] {
        do {
            return try JSONMember.all(in: row)
        } catch {
            throw EmulationError(.unusableSource, "\(name) line \(line): \(error.message)")
        }
    }
}
