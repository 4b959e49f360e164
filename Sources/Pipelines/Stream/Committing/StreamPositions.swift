import StreamModel

/// Where the stream job stood after its last cut, in `<folder>/positions`; format: docs/formats/stream.md.
///
/// A table itself knows the positions of the topics that it had rows of; this file spares the others' records to be
/// read again. Without it they are, and nothing else is lost.
struct StreamPositions: Sendable, Equatable {
    /// Whose positions they are.
    var stream = ""
    /// Counts the cuts; each commit belongs to one.
    var cut: Int64 = 0
    var next: [SourceID: Int64] = [:]
    /// Id and version of each table that holds all up to `next`, by name.
    var tables: [String: TableMark] = [:]
    /// The end of each partition of the dead-letter topic when it held all up to `next`.
    var letters: [SourceID: Int64] = [:]

    struct TableMark: Sendable, Equatable {
        var id: String
        var version: Int64
    }

    private static let magic = Array("PLSPOS1\n".utf8)

    static func read(_ path: String) -> StreamPositions? {
        LocalFiles.bytes(of: path).flatMap { StreamPositions(bytes: $0) }
    }

    func write(_ path: String) throws(PipelineError) { try LocalFiles.replace(path, with: bytes) }

    var bytes: [UInt8] {
        var body = ByteWriter()
        body.text(stream)
        body.int64(cut)
        body.positions(next)
        body.numbers(tables.mapValues(\.version))
        for (_, mark) in tables.sorted(by: { $0.key < $1.key }) { body.text(mark.id) }
        body.positions(letters)
        return CheckedFile.bytes(Self.magic, body.bytes)
    }

    init() {}

    init?(bytes: [UInt8]) {
        guard let body = CheckedFile.body(Self.magic, bytes) else { return nil }
        var reader = ByteReader(body)
        guard let stream = reader.text(), let cut = reader.int64(), let next = reader.positions(),
            let versions = reader.numbers()
        else { return nil }
        self.stream = stream
        self.cut = cut
        self.next = next
        for (name, version) in versions.sorted(by: { $0.key < $1.key }) {
            guard let id = reader.text() else { return nil }
            tables[name] = TableMark(id: id, version: version)
        }
        guard let letters = reader.positions() else { return nil }
        self.letters = letters
    }
}

/// What an observer knew at a cut, in `<folder>/live.snapshot`.
struct ObserverSnapshot: Sendable, Equatable {
    var cut: Int64
    var next: [SourceID: Int64]
    var state: [UInt8]

    private static let magic = Array("PLSLIV1\n".utf8)

    static func read(_ path: String) -> ObserverSnapshot? {
        guard let bytes = LocalFiles.bytes(of: path), let body = CheckedFile.body(magic, bytes) else {
            return nil
        }
        var reader = ByteReader(body)
        guard let cut = reader.int64(), let next = reader.positions() else { return nil }
        return ObserverSnapshot(cut: cut, next: next, state: reader.rest())
    }

    func write(_ path: String) throws(PipelineError) {
        var body = ByteWriter(reserving: state.count + 1024)
        body.int64(cut)
        body.positions(next)
        body.raw(state)
        try LocalFiles.replace(path, with: CheckedFile.bytes(Self.magic, body.bytes))
    }
}

/// A file of a kind that its first bytes name, with a checksum of the rest.
private enum CheckedFile {
    static func bytes(_ magic: [UInt8], _ body: [UInt8]) -> [UInt8] {
        var whole = ByteWriter(reserving: body.count + magic.count + 4)
        whole.raw(magic)
        whole.uint32(Checksum.of(body))
        whole.raw(body)
        return whole.bytes
    }

    /// Nil if the file is of another kind or damaged.
    static func body(_ magic: [UInt8], _ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.starts(with: magic) else { return nil }
        var reader = ByteReader(Array(bytes.dropFirst(magic.count)))
        guard let checksum = reader.uint32() else { return nil }
        let body = reader.rest()
        return Checksum.of(body) == checksum ? body : nil
    }
}

extension ByteWriter {
    fileprivate mutating func positions(_ positions: [SourceID: Int64]) {
        numbers(Dictionary(positions.map { ("\($0.key.topic)/\($0.key.partition)", $0.value) }) { $1 })
    }
}

extension ByteReader {
    fileprivate mutating func positions() -> [SourceID: Int64]? {
        guard let named = numbers() else { return nil }
        var positions: [SourceID: Int64] = [:]
        for (name, offset) in named {
            guard let id = SourceID(name: name[...]) else { return nil }
            positions[id] = offset
        }
        return positions
    }
}

extension SourceID {
    /// Reads `<topic id>/<partition>`.
    init?(name: Substring) {
        let parts = name.split(separator: "/")
        guard parts.count == 2, let topic = TopicID(String(parts[0])), let number = Int32(parts[1]) else {
            return nil
        }
        self.init(topic: topic, partition: PartitionIndex(number))
    }
}
