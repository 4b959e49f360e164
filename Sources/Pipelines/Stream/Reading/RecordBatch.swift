import StreamModel

/// The records of one micro-batch, their bytes laid end to end.
///
/// Behind each value lies a line feed, and behind all of them 64 bytes that may be read, as the parser needs it.
final class RecordBatch {
    struct Entry {
        /// The source it was read from.
        var source: Int
        var offset: Int64
        var timestamp: Int64
        var value: Range<Int>
        var key: Range<Int>?
    }

    private static let padding = 64
    private(set) var entries: [Entry] = []
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity = 1 << 16
    private var used = 0
    /// Texts of the batch that are not in its bytes as they are.
    let arena = TextArena()

    init() {
        buffer = .allocate(capacity: capacity + Self.padding)
        buffer.initialize(repeating: 0, count: capacity + Self.padding)
    }

    deinit {
        buffer.deallocate()
    }

    var isEmpty: Bool { entries.isEmpty }
    var byteCount: Int { used }

    /// Forgets all records; memory that one large batch needed is given back.
    func reset(keeping bytes: Int) {
        entries.removeAll(keepingCapacity: true)
        arena.reset()
        used = 0
        if capacity > bytes * 2 { resize(bytes) }
    }

    /// Copies a record; one without a value is left out.
    func append(_ record: borrowing RecordView, of source: Int) {
        guard let value = record.value else { return }
        let start = copy(value)
        let key = record.key.map { key in
            let start = copy(key)
            return start..<start + key.count
        }
        entries.append(
            Entry(
                source: source, offset: record.offset.rawValue, timestamp: record.timestamp,
                value: start..<start + value.count, key: key))
    }

    /// The last record of a source; it is among the last ones.
    func lastOffset(of source: Int) -> Int64? {
        entries.last { $0.source == source }?.offset
    }

    private func copy(_ bytes: UnsafeRawBufferPointer) -> Int {
        if used + bytes.count + 1 > capacity { resize((used + bytes.count + 1) * 2) }
        let start = used
        if let source = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) {
            (buffer + start).update(from: source, count: bytes.count)
        }
        buffer[start + bytes.count] = 0x0A
        used += bytes.count + 1
        return start
    }

    private func resize(_ bytes: Int) {
        let other = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes + Self.padding)
        other.initialize(repeating: 0, count: bytes + Self.padding)
        other.update(from: buffer, count: min(used, bytes))
        buffer.deallocate()
        buffer = other
        capacity = bytes
    }

    /// Valid until a record is added.
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffer + range.lowerBound, count: range.count)
    }

    func line(_ entry: Entry) -> RawLine {
        RawLine(
            start: UnsafePointer(buffer + entry.value.lowerBound), count: entry.value.count, locator: 0,
            object: 0, topicTable: 0)
    }
}
