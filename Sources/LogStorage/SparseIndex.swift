/// Where some of a segment's batches lie, so that a read need not start at the beginning.
///
/// Kept in two files beside the segment: `.index`, eight bytes an entry (offset from the segment's base, position
/// in the file, both u32), and `.timeindex`, twelve bytes an entry (greatest timestamp so far i64, offset from the
/// base u32), big-endian as Kafka's. An entry is written to its file only when the bytes it points to are durable.
struct SparseIndex: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        var relativeOffset: UInt32
        var position: UInt32
    }

    struct TimeEntry: Sendable, Equatable {
        var timestamp: Int64
        var relativeOffset: UInt32
    }

    static let entrySize = 8
    static let timeEntrySize = 12

    private(set) var entries: [Entry] = []
    private(set) var times: [TimeEntry] = []

    var isEmpty: Bool { entries.isEmpty && times.isEmpty }

    /// What the two files of it take.
    var byteCounts: (entries: Int, times: Int) {
        (entries.count * Self.entrySize, times.count * Self.timeEntrySize)
    }

    /// Adds an entry; a time entry too if `maxTimestamp` is past the last one's, which is updated then.
    mutating func append(_ entry: Entry, maxTimestamp: Int64, ifPast indexed: inout Int64) {
        entries.append(entry)
        appendTime(entry, maxTimestamp: maxTimestamp, ifPast: &indexed)
    }

    /// Adds only the time entry, if `maxTimestamp` is past the last one's.
    mutating func appendTime(_ entry: Entry, maxTimestamp: Int64, ifPast indexed: inout Int64) {
        guard maxTimestamp > indexed else { return }
        indexed = maxTimestamp
        times.append(TimeEntry(timestamp: maxTimestamp, relativeOffset: entry.relativeOffset))
    }

    /// Adds entries that follow this index's own.
    mutating func append(_ added: SparseIndex) {
        entries += added.entries
        times += added.times
    }

    /// The position at which to begin looking for an offset.
    func position(of relativeOffset: UInt32) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].relativeOffset <= relativeOffset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 0 : Int(entries[low - 1].position)
    }

    // MARK: Files

    /// Reads an `.index` file; stops at the first entry that does not follow the one before.
    static func decodeEntries(_ bytes: UnsafeRawBufferPointer) -> [Entry] {
        var entries: [Entry] = []
        for start in stride(from: 0, to: bytes.count / entrySize * entrySize, by: entrySize) {
            let entry = Entry(
                relativeOffset: UInt32(
                    bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)),
                position: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)))
            if let last = entries.last {
                guard entry.relativeOffset > last.relativeOffset, entry.position > last.position else {
                    break
                }
            }
            entries.append(entry)
        }
        return entries
    }

    static func decodeTimes(_ bytes: UnsafeRawBufferPointer) -> [TimeEntry] {
        var times: [TimeEntry] = []
        for start in stride(from: 0, to: bytes.count / timeEntrySize * timeEntrySize, by: timeEntrySize) {
            let entry = TimeEntry(
                timestamp: Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int64.self)),
                relativeOffset: UInt32(
                    bigEndian: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt32.self)))
            if let last = times.last {
                guard entry.timestamp > last.timestamp, entry.relativeOffset > last.relativeOffset else {
                    break
                }
            }
            times.append(entry)
        }
        return times
    }

    func encodedEntries() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity((entries.count) * Self.entrySize)
        for entry in entries {
            withUnsafeBytes(of: entry.relativeOffset.bigEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: entry.position.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    func encodedTimes() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity((times.count) * Self.timeEntrySize)
        for entry in times {
            withUnsafeBytes(of: entry.timestamp.bigEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: entry.relativeOffset.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    init() {}

    init(entries: [Entry], times: [TimeEntry]) {
        self.entries = entries
        self.times = times
    }
}
