import JSONText
import ObjectStore
import StreamModel

/// Records that a sink cannot store as JSON.
struct DeadLetter: Sendable {
    var partition: TopicPartition
    var offset: Offset
    var key: [UInt8]?
    var value: [UInt8]
    var reason: String
}

/// The object that is being filled from one partition.
struct OpenObject {
    private(set) var content: [UInt8] = []
    private(set) var recordCount = 0
    private(set) var firstOffset: Offset?
    /// The range of offsets covered: records that were left out count too.
    let start: Offset
    private(set) var end: Offset
    private(set) var deadLetters: [DeadLetter] = []
    private(set) var tombstones = 0
    private var deadLetterBytes = 0

    /// What a dead letter takes beside its key and value, about.
    private static let deadLetterOverhead = 256

    init(start: Offset) {
        self.start = start
        end = start
    }

    var isEmpty: Bool { end == start }

    /// The memory it takes: what is set aside is held as well until the object is stored.
    var heldBytes: Int { content.count + deadLetterBytes }

    /// Adds a record as a line of compact JSON; one without a value is left out, one that is no JSON set aside.
    mutating func append(
        _ record: borrowing RecordView, of partition: TopicPartition, with scanner: inout JSONScanner
    ) {
        end = record.offset.advanced(by: 1)
        guard let value = record.value else {
            tombstones += 1
            return
        }
        do throws(JSONTextError) {
            try scanner.appendCompact(value, to: &content)
        } catch {
            deadLetterBytes += value.count + (record.key?.count ?? 0) + Self.deadLetterOverhead
            deadLetters.append(
                DeadLetter(
                    partition: partition, offset: record.offset, key: record.key.map(Array.init),
                    value: Array(value), reason: "not JSON: " + error.message))
            return
        }
        if firstOffset == nil { firstOffset = record.offset }
        content.append(0x0A)
        recordCount += 1
    }

    /// Covers offsets that have no record: markers of transactions, and what was compacted or aborted.
    mutating func cover(to offset: Offset) { end = max(end, offset) }
}
