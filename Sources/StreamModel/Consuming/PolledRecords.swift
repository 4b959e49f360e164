package import NIOCore

/// Records that a consumer was handed: keys and values are slices of one buffer.
package struct PolledRecords: Sendable {
    package struct Record: Sendable, Equatable {
        package var partition: TopicPartition
        package var offset: Offset
        /// Milliseconds since 1970-01-01T00:00:00Z.
        package var timestamp: Int64
        /// Nil is Kafka's null.
        package var key: RecordList.Slice?
        package var value: RecordList.Slice?
        package var headers: [RecordHeader]

        /// The bytes of key and value together.
        package var byteCount: Int { (key?.count ?? 0) + (value?.count ?? 0) }
    }

    package private(set) var bytes = ByteBuffer()
    package private(set) var records: [Record] = []
    /// Of all keys and values.
    package private(set) var byteCount = 0

    package init() {}

    package var isEmpty: Bool { records.isEmpty }

    /// Copies a record from memory that is valid only now.
    package mutating func append(_ record: borrowing RecordView, of partition: TopicPartition) {
        let key = write(record.key)
        let value = write(record.value)
        records.append(
            Record(
                partition: partition, offset: record.offset, timestamp: record.timestamp, key: key,
                value: value, headers: record.headers))
    }

    private mutating func write(_ content: UnsafeRawBufferPointer?) -> RecordList.Slice? {
        guard let content else { return nil }
        let slice = RecordList.Slice(start: bytes.writerIndex, count: content.count)
        bytes.writeBytes(content)
        byteCount += content.count
        return slice
    }

    package mutating func append(_ later: PolledRecords) {
        guard !isEmpty else { return self = later }
        let start = bytes.writerIndex
        bytes.writeImmutableBuffer(later.bytes)
        byteCount += later.byteCount
        records += later.records.map { record in
            var record = record
            record.key?.start += start
            record.value?.start += start
            return record
        }
    }

    /// The bytes of a key or value.
    package func content(_ slice: RecordList.Slice) -> ByteBuffer {
        bytes.getSlice(at: slice.start, length: slice.count) ?? ByteBuffer()
    }
}
