import NIOCore
import StreamModel

/// Reads a shard's records; blocks on the disk.
struct ShardReading: Sendable {
    let reader: any RecordReader

    /// Records as they are answered, and where to go on.
    struct Page: Sendable {
        var records: [OutputValue] = []
        /// The next offset to read.
        var next: Int64
        /// The last record read, or where it goes on.
        var lastTimestamp: Int64?
        /// Nothing more is there now.
        var isAtTip = true
        /// Nothing more will ever be there.
        var isFinished = false
    }

    /// Where reading stops.
    struct Limits: Sendable {
        var records: Int
        /// Keys and data; one record is read in any case.
        var bytes: Int
    }

    /// Thrown to end a read early.
    private struct Enough: Error {}

    /// Bytes that one call reads from the log at most.
    private static let readBytes = 1 << 20

    func page(
        of stream: KinesisStream, _ shard: ShardDescription, from offset: Int64, limits: Limits
    ) throws(KinesisError) -> Page {
        // Asked first: what came before it is in the range.
        let isFinished = stream.isFinished(shard.id)
        let partition = TopicPartition(stream.address.topic, shard.id.partition)
        do {
            let range = try reader.range(of: partition)
            var collector = Collector(
                shard: shard, isEncrypted: stream.putLimits.isEncrypted, limits: limits,
                next: max(offset, range.start.rawValue))
            try collect(partition, end: range.end.rawValue, &collector)
            var page = Page(next: collector.next)
            page.records = collector.output
            page.lastTimestamp = collector.lastTimestamp
            page.isAtTip = collector.next >= range.end.rawValue
            page.isFinished = isFinished && page.isAtTip
            return page
        } catch {
            guard !stream.isDeleted else {
                throw KinesisError(.resourceNotFound, "Stream \(stream.address.name) was deleted.")
            }
            throw KinesisError(.internalFailure, "\(error)")
        }
    }

    private func collect(
        _ partition: TopicPartition, end: Int64, _ collector: inout Collector
    ) throws {
        while collector.next < end, !collector.isFull {
            let start = collector.next
            do {
                let next = try reader.read(
                    partition, from: Offset(start),
                    maxBytes: min(Self.readBytes, collector.limits.bytes)
                ) { record in
                    guard collector.take(record) else { throw Enough() }
                }
                guard next.rawValue > start else { return }
                collector.next = max(collector.next, next.rawValue)
            } catch is Enough {
                return
            }
        }
    }

    /// Gathers records until a limit is reached; their bytes lie in one buffer.
    private struct Collector {
        private struct Taken {
            var offset: Int64
            var timestamp: Int64
            var key: String
            var value: Range<Int>
        }

        let shard: ShardDescription
        let isEncrypted: Bool
        let limits: Limits
        var next: Int64
        private(set) var lastTimestamp: Int64?
        private var taken: [Taken] = []
        private var bytes = ByteBuffer()
        private var byteCount = 0

        init(shard: ShardDescription, isEncrypted: Bool, limits: Limits, next: Int64) {
            self.shard = shard
            self.isEncrypted = isEncrypted
            self.limits = limits
            self.next = next
        }

        var isFull: Bool { taken.count >= limits.records || byteCount >= limits.bytes }

        mutating func take(_ record: borrowing RecordView) -> Bool {
            let size = (record.key?.count ?? 0) + (record.value?.count ?? 0)
            guard taken.count < limits.records, taken.isEmpty || byteCount + size <= limits.bytes else {
                return false
            }
            let start = bytes.writerIndex
            if let value = record.value { bytes.writeBytes(value) }
            taken.append(
                Taken(
                    offset: record.offset.rawValue, timestamp: record.timestamp,
                    key: record.key.map { String(decoding: $0, as: UTF8.self) } ?? "",
                    value: start..<bytes.writerIndex))
            byteCount += size
            next = record.offset.rawValue + 1
            lastTimestamp = record.timestamp
            return true
        }

        var output: [OutputValue] {
            taken.map { record in
                let data = bytes.viewBytes(at: record.value.lowerBound, length: record.value.count)
                var members: [(String, OutputValue)] = [
                    (
                        "SequenceNumber",
                        .sequenceNumber(
                            SequenceNumber(
                                shardSecond: shard.second, shard: shard.id, offset: record.offset))
                    ),
                    ("ApproximateArrivalTimestamp", .time(record.timestamp)),
                    ("Data", .bytes(data ?? ByteBufferView())), ("PartitionKey", .string(record.key)),
                ]
                if isEncrypted { members.append(("EncryptionType", .string("KMS"))) }
                return .object(members)
            }
        }
    }
}

extension ShardReading.Page {
    /// How far behind the newest record the reader is, in milliseconds.
    func millisecondsBehind(now: Int64) -> Int64 {
        guard !isAtTip, let lastTimestamp else { return 0 }
        return max(1, now - lastTimestamp)
    }
}

extension StreamDescription {
    /// The shards that came of one.
    func children(of shard: ShardID) -> OutputValue {
        let children = shards.filter { $0.parent == shard.rawValue || $0.adjacentParent == shard.rawValue }
        return .list(
            children.map { child in
                let parents = [child.parent, child.adjacentParent].compactMap { $0.flatMap { ShardID($0) } }
                return .object([
                    ("ShardId", .string(child.id.description)),
                    ("ParentShards", .list(parents.map { .string($0.description) })),
                    ("HashKeyRange", child.range.output),
                ])
            })
    }
}
