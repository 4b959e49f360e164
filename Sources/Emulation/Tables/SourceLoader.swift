import JSONText

/// Opens what `--source` names.
package struct SourceLoader {
    /// The most bytes that files may have between them, since their rows are held in memory.
    package static let maxSourceBytes = 2 << 30

    private let disk: any SourceDisk
    private let maxBytes: Int

    package init(disk: any SourceDisk, maxBytes: Int = SourceLoader.maxSourceBytes) {
        self.disk = disk
        self.maxBytes = maxBytes
    }

    /// Opens a source by its name: `synthetic`, a folder of tables, or a file of posts.
    ///
    /// - Parameter posts: How many posts are wanted, for the size of the synthetic table; 0 means no end.
    package func open(_ name: String, seed: UInt64, posts: Int?) throws(EmulationError) -> any PostSource {
        if name == "synthetic" { return SyntheticSource(seed: seed, posts: posts) }
        if name.hasPrefix("mysql:") {
            throw EmulationError(
                .notSupported,
                "reading a MySQL server is not in this version: export its three tables as CSV into a"
                    + " folder and give the folder as --source")
        }
        let path = name.count > 1 && name.hasSuffix("/") ? String(name.dropLast()) : name
        if disk.isFolder(path) { return try folder(path) }
        if disk.isFile(path) { return try file(path) }
        throw EmulationError(
            .unusableSource,
            "no folder or file \(name): --source takes `synthetic`, a folder of CSV or NDJSON tables, or"
                + " an NDJSON file of posts")
    }

    // MARK: A folder of tables

    private func folder(_ path: String) throws(EmulationError) -> TableSource {
        var tables: [EmulatedTable: KeyedRows] = [:]
        var notes: [String] = []
        var bytesLeft = maxBytes
        let names = try attempt("list \(path)") { try disk.fileNames(in: path) }
        for name in names where name.hasSuffix(".csv") || SourceLoader.isLines(name) {
            let bytes = try read(path + "/" + name, within: &bytesLeft)
            let file =
                SourceLoader.isLines(name)
                ? try TableFile(ndjson: bytes, named: name) : try TableFile(csv: bytes, named: name)
            guard let file else {
                notes.append("left out \(name): it is no table of pins, places or users")
                continue
            }
            file.append(to: &tables[file.table, default: KeyedRows()])
        }
        guard let pins = tables[.pin], pins.rows.count > 0 else {
            throw EmulationError(
                .unusableSource,
                "no pins in \(path): it needs a CSV or NDJSON file with the columns "
                    + EmulatedTable.pin.columns.sorted().joined(separator: ", "))
        }
        return join(pins, tables[.geo] ?? KeyedRows(), tables[.user] ?? KeyedRows(), notes)
    }

    private static func isLines(_ name: String) -> Bool {
        name.hasSuffix(".ndjson") || name.hasSuffix(".jsonl")
    }

    private func join(
        _ pins: KeyedRows, _ geos: KeyedRows, _ users: KeyedRows, _ notes: [String]
    ) -> TableSource {
        let posts = pins.keys.enumerated().map { row, key in
            TableSource.Post(
                pin: row, geo: key.flatMap { geos.rowOfKey[$0] }, user: key.flatMap { users.rowOfKey[$0] })
        }
        var notes = notes
        for (table, rows) in [("geo", geos), ("user", users)] {
            let unused = rows.rowOfKey.keys.count { pins.rowOfKey[$0] == nil }
            if unused > 0 { notes.append("\(unused) \(table) rows belong to no pin and are not posted") }
        }
        return TableSource(
            posts: posts, pins: pins.rows, geos: geos.rows, users: users.rows, notes: notes)
    }

    // MARK: A file of posts

    private func file(_ path: String) throws(EmulationError) -> TableSource {
        var bytesLeft = maxBytes
        let bytes = try read(path, within: &bytesLeft)
        var stores = [RowStore(), RowStore(), RowStore()]
        var posts: [TableSource.Post] = []
        do {
            try bytes.withUnsafeBytes { text in
                try bytes.forEachLine { line, range in
                    let rows = try postRows(UnsafeRawBufferPointer(rebasing: text[range]), path, line)
                    let numbers = zip(rows, stores.indices).map { row, store in
                        row.map { stores[store].append($0) }
                    }
                    posts.append(TableSource.Post(pin: numbers[0], geo: numbers[1], user: numbers[2]))
                }
            }
        } catch let error as EmulationError {
            throw error
        } catch {
            throw EmulationError(.unusableSource, "cannot read \(path): \(error)")
        }
        guard !posts.isEmpty else { throw EmulationError(.unusableSource, "\(path) holds no posts") }
        return TableSource(posts: posts, pins: stores[0], geos: stores[1], users: stores[2], notes: [])
    }

    /// The rows pin, geo and user of one line.
    private func postRows(
        _ text: UnsafeRawBufferPointer, _ path: String, _ line: Int
    ) throws(EmulationError) -> [Slice<UnsafeRawBufferPointer>?] {
        let members: [JSONMember]
        do {
            members = try JSONMember.all(in: text)
        } catch {
            throw EmulationError(.unusableSource, "\(path) line \(line): \(error.message)")
        }
        let rows = EmulatedTable.allCases.map { table in
            members.first { $0.name == table.rawValue && $0.kind == .object }.map { text[$0.range] }
        }
        guard rows.contains(where: { $0 != nil }) else {
            throw EmulationError(
                .unusableSource,
                "\(path) line \(line) has no pin, geo or user: a file of posts has all three in each line;"
                    + " to post files that hold one table each, give their folder")
        }
        return rows
    }

    // MARK: Bytes

    private func read(_ path: String, within bytesLeft: inout Int) throws(EmulationError) -> [UInt8] {
        bytesLeft -= try attempt("read \(path)") { try disk.size(of: path) }
        guard bytesLeft >= 0 else {
            throw EmulationError(
                .unusableSource,
                "the source is larger than \(maxBytes >> 20) MiB, which is as much as is held in memory:"
                    + " post it in parts")
        }
        return try attempt("read \(path)") { try disk.read(path) }
    }

    private func attempt<Value>(
        _ what: String, _ body: () throws -> Value
    ) throws(EmulationError) -> Value {
        do {
            return try body()
        } catch {
            throw EmulationError(.unusableSource, "cannot \(what): \(error)")
        }
    }
}
