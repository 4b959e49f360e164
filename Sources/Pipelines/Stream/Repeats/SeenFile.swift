import QueryEngine

/// The hashes of a table's rows on disk, in blocks: one for each commit, written before it.
///
/// `<folder>/<table>.<generation>.seen`; format: docs/formats/stream.md. A block counts if its commit is in the table,
/// which its positions tell. What the files lack is read from the table.
final class SeenFile {
    /// One commit's rows.
    struct Block: Equatable {
        /// Rises with every cut of the stream.
        var cut: Int64
        /// The log's newest time among the rows.
        var time: Int64
        var tableID: String
        /// The positions that the commit brings the table to, by source name.
        var positions: [String: Int64]
        var hashes: [RowHash]
    }

    static let magic = Array("PLSEEN1\n".utf8)
    /// The longest header of a block.
    private static let maxHeaderBytes = 16 << 20

    private let folder: String
    private let table: String
    private var open: AppendFile?
    private var generation = -1
    private var prefix: String { table + "." }
    private static let suffix = ".seen"

    init(folder: String, table: String) {
        self.folder = folder
        self.table = table
    }

    private func path(_ generation: Int) -> String { "\(folder)/\(prefix)\(generation)\(Self.suffix)" }

    /// The generations there are, oldest first.
    func generations() -> [Int] {
        ((try? LocalFiles.names(in: folder)) ?? []).compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(Self.suffix) else { return nil }
            return Int(name.dropFirst(prefix.count).dropLast(Self.suffix.count))
        }.sorted()
    }

    /// Adds a block to a generation's file.
    func append(_ block: Block, generation: Int) throws(PipelineError) {
        if generation != self.generation || open == nil {
            open = nil
            open = try AppendFile(path(generation))
            self.generation = generation
            if open?.size == 0 { try open?.append(Self.magic) }
        }
        do {
            try open?.append(Self.encode(block))
        } catch {
            // What is torn is cut off when the file is opened the next time.
            open = nil
            throw error
        }
    }

    /// Makes what was written durable; a commit does not wait for it, since the table can be read instead.
    func flush() { open?.flush() }

    /// Forgets generations.
    func remove(_ generations: [Int]) {
        if generations.contains(generation) { open = nil }
        for generation in generations { LocalFiles.removeFile(path(generation)) }
    }

    func removeAll() { remove(generations()) }

    /// Hands out the blocks of a generation in order, as far as they are whole.
    ///
    /// - Parameter accept: false ends the reading; what lies from this block on is cut off.
    func read(_ generation: Int, _ accept: (Block) -> Bool) throws(PipelineError) {
        let path = path(generation)
        open = nil
        let file = try OpenFile(path)
        var end = 0
        if try file.bytes(at: 0, count: Self.magic.count) == Self.magic {
            end = Self.magic.count
            while let (block, next) = try Self.block(of: file, at: end), accept(block) { end = next }
        }
        if end < file.size { try AppendFile(path).truncate(to: end) }
    }

    // MARK: Bytes

    /// The block at a place and where the next one begins; nil if there is no whole one.
    private static func block(
        of file: borrowing OpenFile, at place: Int
    ) throws(PipelineError) -> (Block, next: Int)? {
        guard let head = try file.bytes(at: place, count: 12) else { return nil }
        var fields = ByteReader(head)
        guard let length = fields.uint32(), let rows = fields.uint32(), let checksum = fields.uint32(),
            length <= maxHeaderBytes, Int(rows) <= (file.size - place) / 16
        else { return nil }
        let size = Int(length) + Int(rows) * 16
        guard let body = try file.bytes(at: place + 12, count: size), Checksum.of(body) == checksum,
            let block = decode(ByteReader(body), rows: Int(rows))
        else { return nil }
        return (block, place + 12 + size)
    }

    static func encode(_ block: Block) -> [UInt8] {
        var header = ByteWriter()
        header.int64(block.cut)
        header.int64(block.time)
        header.text(block.tableID)
        header.numbers(block.positions)
        var body = ByteWriter(reserving: header.bytes.count + block.hashes.count * 16)
        body.raw(header.bytes)
        for hash in block.hashes {
            body.int64(Int64(bitPattern: hash.high))
            body.int64(Int64(bitPattern: hash.low))
        }
        var whole = ByteWriter(reserving: body.bytes.count + 12)
        whole.uint32(UInt32(truncatingIfNeeded: header.bytes.count))
        whole.uint32(UInt32(truncatingIfNeeded: block.hashes.count))
        whole.uint32(Checksum.of(body.bytes))
        whole.raw(body.bytes)
        return whole.bytes
    }

    private static func decode(_ reader: ByteReader, rows: Int) -> Block? {
        var reader = reader
        guard let cut = reader.int64(), let time = reader.int64(), let tableID = reader.text(),
            let positions = reader.numbers()
        else { return nil }
        var hashes: [RowHash] = []
        hashes.reserveCapacity(rows)
        for _ in 0..<rows {
            guard let high = reader.int64(), let low = reader.int64() else { return nil }
            hashes.append(RowHash(high: UInt64(bitPattern: high), low: UInt64(bitPattern: low)))
        }
        return Block(cut: cut, time: time, tableID: tableID, positions: positions, hashes: hashes)
    }
}
