import StreamModel

/// Finds the records of a request in the log by the header that they carry.
struct StoredRecords: Sendable {
    /// Of a record that came with an `Idempotency-Key`: `<id>/<append>/<place>`.
    static let header = "idempotency-key"
    private static let readBytes = 1 << 20

    let reader: any RecordReader

    static func mark(_ id: String, call: Int, place: Int) -> RecordHeader {
        RecordHeader(name: header, value: Array("\(id)/\(call)/\(place)".utf8))
    }

    /// The end of each partition of a topic; none if there is no such topic.
    func ends(of topic: TopicName) -> [Int32: Int64] {
        var ends: [Int32: Int64] = [:]
        var index: Int32 = 0
        while let range = try? reader.range(of: TopicPartition(topic, PartitionIndex(index))) {
            ends[index] = range.end.rawValue
            index += 1
        }
        return ends
    }

    /// Where the records of an append lie, by their place in it; reads the disk.
    func find(_ id: String, _ attempt: RequestMemory.Attempt) throws -> [Int: AppendReceipt.TopicOffset] {
        var found: [Int: AppendReceipt.TopicOffset] = [:]
        let prefix = Array("\(id)/\(attempt.call)/".utf8)
        var index: Int32 = 0
        while true {
            let partition = TopicPartition(attempt.topic, PartitionIndex(index))
            guard let range = try? reader.range(of: partition) else { return found }
            var offset = max(Offset(attempt.ends[index] ?? 0), range.start)
            while offset < range.end {
                let next = try reader.read(partition, from: offset, maxBytes: Self.readBytes) { record in
                    guard let place = Self.place(of: record.headers, prefix) else { return }
                    found[place] = .init(partition: partition.partition, offset: record.offset)
                }
                guard offset < next else { break }
                offset = next
            }
            index += 1
        }
    }

    private static func place(of headers: [RecordHeader], _ prefix: [UInt8]) -> Int? {
        for header in headers where header.name == Self.header {
            guard let value = header.value, value.starts(with: prefix) else { continue }
            return Int(String(decoding: value.dropFirst(prefix.count), as: UTF8.self))
        }
        return nil
    }
}
