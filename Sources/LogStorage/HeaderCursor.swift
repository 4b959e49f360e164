import KafkaWire

/// Steps through the heads of the batches of one segment file; records are passed over without being read.
struct HeaderCursor: ~Copyable {
    private let file: any LogFile
    private let limit: Int
    private let path: String
    /// Enough for a head, and for a whole control batch.
    private static let headBytes = 128
    /// A larger batch is jumped over.
    private static let smallBatchBytes = 2048
    private let chunkBytes: Int
    private var areBatchesSmall = false
    private var buffer: ReadBuffer
    private var bufferStart = 0
    /// Where the next batch begins.
    private(set) var position: Int
    /// Where the last batch that was returned begins.
    private(set) var batchPosition: Int

    /// - Parameter chunkBytes: small batches share a read of so much, larger ones are jumped over.
    init(file: any LogFile, position: Int, limit: Int, path: String, chunkBytes: Int = 64 << 10) {
        self.chunkBytes = chunkBytes
        buffer = ReadBuffer(capacity: chunkBytes)
        self.file = file
        self.position = position
        batchPosition = position
        self.limit = limit
        self.path = path
    }

    mutating func next() throws(LogStorageError) -> RecordBatchHeader? {
        guard position < limit else { return nil }
        try fill(at: position, count: RecordBatchHeader.size)
        let header: RecordBatchHeader
        do throws(KafkaWireError) {
            header = try RecordBatchHeader(buffer.bytes, at: position - bufferStart)
        } catch {
            throw damaged
        }
        guard header.byteCount <= limit - position else { throw damaged }
        batchPosition = position
        position += header.byteCount
        areBatchesSmall = header.byteCount <= Self.smallBatchBytes
        return header
    }

    /// The control batch whose head was returned last; nil if it is of a kind that is not known.
    mutating func controlBatch(_ header: RecordBatchHeader) throws(LogStorageError) -> ControlBatch? {
        guard header.byteCount <= chunkBytes else { throw damaged }
        try fill(at: batchPosition, count: header.byteCount)
        do throws(KafkaWireError) {
            return try ControlBatch(buffer.bytes, at: batchPosition - bufferStart, header)
        } catch {
            throw damaged
        }
    }

    private mutating func fill(at place: Int, count: Int) throws(LogStorageError) {
        let isThere = place >= bufferStart && place + count <= bufferStart + buffer.bytes.count
        guard !isThere else { return }
        let wanted = areBatchesSmall ? chunkBytes : max(count, Self.headBytes)
        try buffer.fill(from: file, at: place, limit: min(wanted, limit - place))
        bufferStart = place
    }

    private var damaged: LogStorageError {
        LogStorageError(.corrupted, "\(path) is damaged at byte \(position)")
    }
}
