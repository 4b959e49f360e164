import NIOCore
import StreamModel

/// Brings records that belong to no table to the dead-letter topic, each once.
///
/// Headers are named as Kafka Connect names them, as the sink's are; `__connect.errors.connector.name` tells whose
/// they are, and the topic's id tells topics of one name apart.
struct DeadLetters: Sendable {
    /// Names one record for ever.
    struct Origin: Hashable, Sendable {
        var source: SourceID
        var offset: Int64
    }

    static let connector = "pinline-stream"
    private static let prefix = "__connect.errors."
    private static let connectorHeader = prefix + "connector.name"
    private static let topicIDHeader = prefix + "topic.id"
    /// The most letters that one look at the topic remembers.
    private static let maxRemembered = 1_000_000
    private static let readBytes = 1 << 20

    let topic: TopicName
    let reader: any TopicReader
    let appender: any RecordAppender

    /// Appends letters; returns when they are durable.
    func send(_ letters: [StreamLetter]) async throws {
        for letter in letters {
            let records = Self.record(letter)
            let result = await withCheckedContinuation { continuation in
                appender.append(records, to: topic) { continuation.resume(returning: $0) }
            }
            _ = try result.get()
        }
    }

    /// Where each partition of the topic ends.
    func ends() -> [SourceID: Int64] {
        guard let id = reader.topicID(of: topic) else { return [:] }
        var ends: [SourceID: Int64] = [:]
        for partition in reader.partitions() where partition.topic == topic {
            guard let range = try? reader.range(of: partition, in: id) else { continue }
            ends[SourceID(topic: id, partition: partition.partition)] = range.end.rawValue
        }
        return ends
    }

    /// The stream's letters that lie past these positions.
    func sent(past positions: [SourceID: Int64]) throws -> Set<Origin> {
        var found: Set<Origin> = []
        guard let id = reader.topicID(of: topic) else { return found }
        for partition in reader.partitions() where partition.topic == topic {
            let range = try reader.range(of: partition, in: id)
            let known = positions[SourceID(topic: id, partition: partition.partition)] ?? 0
            var next = max(Offset(known), range.start)
            while next < range.end, found.count < Self.maxRemembered {
                let after = try reader.read(partition, in: id, from: next, maxBytes: Self.readBytes) {
                    record in
                    if let origin = Self.origin(record.headers) { found.insert(origin) }
                }
                guard after > next else { break }
                next = after
            }
        }
        return found
    }

    static func record(_ letter: StreamLetter) -> RecordList {
        var bytes = ByteBuffer(bytes: letter.value)
        let key = letter.key.map { RecordList.Slice(start: letter.value.count, count: $0.count) }
        if let key = letter.key { bytes.writeBytes(key) }
        let headers = [
            ("topic", letter.partition.topic.rawValue), ("partition", "\(letter.partition.partition)"),
            ("offset", "\(letter.offset)"), ("exception.message", letter.reason),
            ("connector.name", connector), ("topic.id", "\(letter.source.topic)"),
        ].map { RecordHeader(name: prefix + $0, value: Array($1.utf8)) }
        let value = RecordList.Slice(start: 0, count: letter.value.count)
        return RecordList(
            bytes: bytes, entries: [RecordList.Entry(key: key, value: value, headers: headers)])
    }

    /// Which record of the stream a letter holds; nil for letters of others.
    static func origin(_ headers: [RecordHeader]) -> Origin? {
        guard text(connectorHeader, headers) == connector,
            let topic = TopicID(text(topicIDHeader, headers)),
            let partition = Int32(text(prefix + "partition", headers)),
            let offset = Int64(text(prefix + "offset", headers))
        else { return nil }
        return Origin(source: SourceID(topic: topic, partition: PartitionIndex(partition)), offset: offset)
    }

    private static func text(_ name: String, _ headers: [RecordHeader]) -> String {
        let value = headers.first { $0.name == name }?.value ?? []
        return String(decoding: value, as: UTF8.self)
    }
}
