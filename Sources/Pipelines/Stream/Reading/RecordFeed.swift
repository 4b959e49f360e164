import StreamModel

/// Where the stream job reads a partition of one topic; a topic that was made anew is another one.
struct SourceID: Hashable, Sendable {
    var topic: TopicID
    var partition: PartitionIndex

    /// What tables call it: `<stream>/<topic id>/<partition>`.
    func name(in stream: String) -> String { "\(stream)/\(topic)/\(partition)" }
}

/// Reads all partitions of a pipeline's topics in turn, each from where it was left.
struct RecordFeed {
    struct Source {
        var id: SourceID
        var partition: TopicPartition
        /// The table that the topic carries.
        var table: Int
        /// The next offset to read.
        var next: Int64
        /// Why it is not read now.
        var fault: Fault?
    }

    struct Fault {
        var message: String
        var retryAt: Int64
    }

    /// Bytes read from one partition in one go.
    private static let readBytes = 1 << 20

    private let reader: any TopicReader
    private let retryMilliseconds: Int64
    private let table: @Sendable (TopicName) -> Int?
    /// Where sources begin that were read before.
    private var begun: [SourceID: Int64]
    private(set) var sources: [Source] = []
    private var places: [SourceID: Int] = [:]
    private var first = 0

    /// - Parameter table: the table whose rows a topic carries; nil for a topic that is not read.
    init(
        _ reader: any TopicReader, begun: [SourceID: Int64], retryMilliseconds: Int64,
        table: @escaping @Sendable (TopicName) -> Int?
    ) {
        self.reader = reader
        self.begun = begun
        self.retryMilliseconds = retryMilliseconds
        self.table = table
    }

    /// Adds partitions that are new; true if there are any.
    mutating func meet() -> Bool {
        var isNew = false
        for partition in reader.partitions() {
            guard let table = table(partition.topic), let topic = reader.topicID(of: partition.topic) else {
                continue
            }
            let id = SourceID(topic: topic, partition: partition.partition)
            guard places[id] == nil else { continue }
            places[id] = sources.count
            sources.append(
                Source(id: id, partition: partition, table: table, next: begun.removeValue(forKey: id) ?? 0))
            isNew = true
        }
        return isNew
    }

    /// Adds records to a batch until it holds about `maxBytes`.
    /// - Returns: whether more waits to be read.
    mutating func read(into batch: RecordBatch, maxBytes: Int, now: Int64) -> Bool {
        var hasMore = false
        for step in sources.indices {
            let index = (first + step) % sources.count
            guard batch.byteCount < maxBytes else {
                // The others are first the next time.
                first = index
                return true
            }
            if let fault = sources[index].fault, now < fault.retryAt { continue }
            do {
                hasMore = try read(index, into: batch, maxBytes: maxBytes - batch.byteCount) || hasMore
                sources[index].fault = nil
            } catch {
                sources[index].fault = Fault(message: "\(error)", retryAt: now + retryMilliseconds)
            }
        }
        return hasMore
    }

    private mutating func read(_ index: Int, into batch: RecordBatch, maxBytes: Int) throws -> Bool {
        let source = sources[index]
        // A topic that is gone has nothing more to read; one of its name has a source of its own.
        guard reader.topicID(of: source.partition.topic) == source.id.topic else { return false }
        let range = try reader.range(of: source.partition, in: source.id.topic)
        let next = max(source.next, range.start.rawValue)
        guard next <= range.end.rawValue else {
            throw StreamFailure.lostTail(source.partition, end: range.end, position: Offset(next))
        }
        guard next < range.end.rawValue else { return false }
        // What was handed out before an error is valid, and is read on from there.
        do {
            let after = try reader.read(
                source.partition, in: source.id.topic, from: Offset(next),
                maxBytes: min(maxBytes, Self.readBytes)
            ) { record in batch.append(record, of: index) }
            sources[index].next = after.rawValue
            return after < range.end
        } catch {
            sources[index].next = batch.lastOffset(of: index).map { $0 + 1 } ?? next
            throw error
        }
    }

    /// Where reading stands.
    var positions: [SourceID: Int64] {
        Dictionary(sources.map { ($0.id, $0.next) }) { $1 }
    }

    /// The same by names, for topics that are there.
    var offsets: [TopicPartition: Offset] {
        Dictionary(sources.map { ($0.partition, Offset($0.next)) }) { $1 }
    }

    /// The first fault, in words.
    var fault: String? {
        sources.lazy.compactMap { source in source.fault.map { "\(source.partition): \($0.message)" } }.first
    }

    /// Whether some topic has records past these positions; does not read.
    static func hasRecords(
        _ reader: any TopicReader, past positions: [SourceID: Int64], of table: (TopicName) -> Int?
    ) -> Bool {
        reader.partitions().contains { partition in
            guard table(partition.topic) != nil, let topic = reader.topicID(of: partition.topic),
                let range = try? reader.range(of: partition, in: topic)
            else { return false }
            let position = positions[SourceID(topic: topic, partition: partition.partition)] ?? 0
            return max(position, range.start.rawValue) < range.end.rawValue
        }
    }
}
