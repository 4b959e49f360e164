import KafkaWire
import NIOCore
import StreamModel
import Testing

/// Record batches that were changed: refused, or read the same by all that reads them.
@Suite struct RecordBatchFuzzTests {
    private static let limit = 1 << 20

    /// Batches of all clients and compressions, and their records without compression.
    private static func golden() throws -> (batches: [[UInt8]], records: [[UInt8]]) {
        let all = GoldenBatch.plain + GoldenBatch.others + GoldenBatch.ofClients
        let batches = try all.map { try $0.bytes() }
        let records = zip(all, batches).filter { $0.0.compression == .none }.map { Array($0.1[61...]) }
        return (batches, records)
    }

    @Test func changedBatchesAreRefusedOrReadable() throws {
        let (batches, _) = try Self.golden()
        let decompressor = Decompressor(limit: Self.limit)
        try FuzzRun(iterations: 30_000).forEachSeed { seed, chance in
            var bytes = batches.randomElement(using: &chance) ?? []
            Mutation.mutate(&bytes, &chance)
            // Without its checksum in order little of a batch is looked at.
            if chance.next() % 8 > 0, bytes.count > 61 {
                if chance.next() % 4 > 0 { bytes.store(Int32(clamping: bytes.count - 12), at: 8) }
                bytes.repairChecksum()
            }
            try check(bytes, decompressor, seed)
        }
    }

    @Test func changedRecordsInSoundCompressionAreRefusedOrReadable() throws {
        let (batches, records) = try Self.golden()
        let decompressor = Decompressor(limit: Self.limit)
        try FuzzRun(iterations: 10_000).forEachSeed { seed, chance in
            var body = records.randomElement(using: &chance) ?? []
            Mutation.mutate(&body, &chance)
            let compression = Compression.allCases.randomElement(using: &chance) ?? .none
            var bytes = Array(batches[0][..<61]) + (try body.compressed(compression))
            bytes.store(Int32(clamping: bytes.count - 12), at: 8)
            bytes.store(compression.rawValue, at: 21)
            let count = [1, 4, 60, 200].randomElement(using: &chance) ?? 1 as Int32
            bytes.store(count, at: 57)
            bytes.store(count - 1, at: 23)
            bytes.repairChecksum()
            try check(bytes, decompressor, seed)
        }
    }

    /// The memory that a batch may take: what it may hold unpacked, once to read and once to write, and room for the
    /// books of the codecs.
    private static let memory = 3 * limit + (1 << 20)

    private func check(_ bytes: [UInt8], _ decompressor: Decompressor, _ seed: UInt64) throws {
        let peak = try AllocationPeak.bytes { try checkWithoutCounting(bytes, decompressor, seed) }
        if let peak {
            #expect(peak <= Self.memory + 4 * bytes.count, "seed \(seed) took \(peak) bytes of memory")
        }
    }

    private func checkWithoutCounting(_ bytes: [UInt8], _ decompressor: Decompressor, _ seed: UInt64) throws {
        try bytes.withUnsafeBytes { buffer in
            let checked: CheckedBatch
            do {
                checked = try RecordBatchValidator.validate(buffer, using: decompressor)
            } catch {
                // The reader may be less strict, and may not crash.
                if let header = try? RecordBatchHeader(buffer) {
                    try? RecordBatchDecoder.forEachRecord(buffer, at: 0, header, using: decompressor) { _ in }
                }
                return
            }
            try checkReading(buffer, checked, decompressor, seed)
            try checkRewriting(buffer, checked.header, decompressor, seed)
        }
    }

    private func checkReading(
        _ buffer: UnsafeRawBufferPointer, _ checked: CheckedBatch, _ decompressor: Decompressor,
        _ seed: UInt64
    ) throws {
        var next: Int64 = 0
        var total = 0
        var maxTimestamp = Int64.min
        try RecordBatchDecoder.forEachRecord(buffer, at: 0, checked.header, using: decompressor) { record in
            #expect(record.offset.rawValue == next, "seed \(seed)")
            next += 1
            total += (record.key?.count ?? 0) + (record.value?.count ?? 0)
            maxTimestamp = max(maxTimestamp, record.timestamp)
        }
        #expect(next == checked.header.nextOffset, "seed \(seed)")
        #expect(total < checked.recordByteCount, "seed \(seed)")
        #expect(checked.compression == .none || checked.recordByteCount <= Self.limit, "seed \(seed)")
        #expect(maxTimestamp == checked.maxTimestamp, "seed \(seed)")
    }

    private func checkRewriting(
        _ buffer: UnsafeRawBufferPointer, _ header: RecordBatchHeader, _ decompressor: Decompressor,
        _ seed: UInt64
    ) throws {
        var target = ByteBuffer()
        let horizon: Int64? = seed % 2 == 0 ? nil : 1_800_000_000_000
        let kept = try RecordBatchRewriter.rewrite(
            buffer, at: 0, header, deleteHorizon: horizon, using: decompressor, to: &target
        ) { $0.offset.rawValue % 2 == 0 }
        let bytes = Array(target.readableBytesView)
        try bytes.verify()
        #expect(try bytes.records(using: decompressor).count == kept, "seed \(seed)")
    }
}
