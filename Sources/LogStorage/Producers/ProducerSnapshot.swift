import KafkaWire

/// The producers of a partition as of one offset, as a file beside the segments: `<20-digit offset>.snapshot`.
///
/// ```
/// 0 version i16 = 1    2 crc u32 (CRC-32C of everything from 6 on)    6 offset i64    14 producers u32
/// each: id i64, epoch i16, coordinator epoch i32, whole i8, transaction start i64 (-1: none), last offset i64,
///       last timestamp i64, last arrival i64 (-1: not known), batches i8
/// each: first sequence i32, last sequence i32, base offset i64
/// ```
struct ProducerSnapshot: Equatable {
    static let version: Int16 = 1
    private static let headSize = 18
    private static let producerSize = 48
    private static let batchSize = 16

    var offset: Int64
    var producers: [Int64: ProducerState]

    static func path(in directory: String, at offset: Int64) -> String {
        SegmentFiles(directory: directory, baseOffset: offset).snapshot
    }

    // MARK: Writing

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headSize + producers.count * (Self.producerSize + 2 * Self.batchSize))
        func put<T: FixedWidthInteger>(_ value: T) {
            withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
        }
        put(Self.version)
        put(UInt32(0))
        put(offset)
        put(UInt32(clamping: producers.count))
        for (id, state) in producers {
            put(id)
            put(state.epoch)
            put(state.coordinatorEpoch)
            put(Int8(state.isWhole ? 1 : 0))
            put(state.transactionStart ?? -1)
            put(state.lastOffset)
            put(state.lastTimestamp)
            put(state.lastArrival ?? -1)
            put(Int8(clamping: state.batches.count))
            for batch in state.batches {
                put(batch.firstSequence)
                put(batch.lastSequence)
                put(batch.baseOffset)
            }
        }
        let checksum = bytes[6...].withUnsafeBytes { Checksum.crc32c($0) }
        withUnsafeBytes(of: checksum.bigEndian) { bytes.replaceSubrange(2..<6, with: $0) }
        return bytes
    }

    // MARK: Reading

    init(offset: Int64, producers: [Int64: ProducerState]) {
        self.offset = offset
        self.producers = producers
    }

    /// Nil if the bytes are not a whole snapshot.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = Reader(bytes: bytes)
        guard reader.next(Int16.self) == Self.version, let checksum = reader.next(UInt32.self),
            Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[6...])) == checksum,
            let offset = reader.next(Int64.self), let count = reader.next(UInt32.self)
        else { return nil }
        self.offset = offset
        producers = [:]
        producers.reserveCapacity(min(Int(count), bytes.count / Self.producerSize))
        for _ in 0..<count {
            guard let (id, state) = reader.producer() else { return nil }
            producers[id] = state
        }
        guard reader.position == bytes.count else { return nil }
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        mutating func next<T: FixedWidthInteger>(_ type: T.Type) -> T? {
            guard bytes.count - position >= MemoryLayout<T>.size else { return nil }
            defer { position += MemoryLayout<T>.size }
            return T(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: type))
        }

        mutating func producer() -> (Int64, ProducerState)? {
            guard let id = next(Int64.self), let epoch = next(Int16.self),
                let coordinatorEpoch = next(Int32.self), let isWhole = next(Int8.self),
                let start = next(Int64.self), let lastOffset = next(Int64.self),
                let timestamp = next(Int64.self), let arrival = next(Int64.self), let count = next(Int8.self)
            else { return nil }
            var state = ProducerState(epoch: epoch)
            state.coordinatorEpoch = coordinatorEpoch
            state.isWhole = isWhole != 0
            state.transactionStart = start < 0 ? nil : start
            state.lastOffset = lastOffset
            state.lastTimestamp = timestamp
            state.lastArrival = arrival < 0 ? nil : arrival
            for _ in 0..<max(0, count) {
                guard let first = next(Int32.self), let last = next(Int32.self), let base = next(Int64.self)
                else { return nil }
                state.batches.append(.init(firstSequence: first, lastSequence: last, baseOffset: base))
            }
            return (id, state)
        }
    }
}
