package import NIOCore

/// Records on their way into a log: keys and values as slices of one buffer, so that nothing is copied on the way.
package struct RecordList: Sendable {
    /// A run of bytes in `RecordList.bytes`, counted from its reader index.
    package struct Slice: Sendable, Equatable {
        package var start: Int
        package var count: Int

        package init(start: Int, count: Int) {
            self.start = start
            self.count = count
        }

        package init(_ range: Range<Int>) {
            self.init(start: range.lowerBound, count: range.count)
        }
    }

    /// One record; nil is Kafka's null, which is not an empty value.
    package struct Entry: Sendable, Equatable {
        package var key: Slice?
        package var value: Slice?
        /// The partition its sender asked for; nil leaves the choice to the log.
        package var partition: PartitionIndex?
        package var headers: [RecordHeader] = []
        /// When it happened, as its sender says: milliseconds since 1970; nil stands for the time of the append.
        package var timestamp: Int64?

        package init(
            key: Slice? = nil, value: Slice?, partition: PartitionIndex? = nil, headers: [RecordHeader] = [],
            timestamp: Int64? = nil
        ) {
            self.key = key
            self.value = value
            self.partition = partition
            self.headers = headers
            self.timestamp = timestamp
        }
    }

    package var bytes: ByteBuffer
    package var entries: [Entry]
    /// Makes sure that a request which its sender repeats is appended once; looked at by the gateway's appender alone.
    package var once: (any AppendOnce)?

    package init(bytes: ByteBuffer, entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
    }
}

/// A named value that travels with a record.
package struct RecordHeader: Sendable, Hashable {
    package var name: String
    package var value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// A record as a reader sees it; the pointers are valid only during the call that hands it out.
package struct RecordView {
    package var offset: Offset
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var timestamp: Int64
    package var key: UnsafeRawBufferPointer?
    package var value: UnsafeRawBufferPointer?
    package var headers: [RecordHeader]

    package init(
        offset: Offset, timestamp: Int64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [RecordHeader]
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}
