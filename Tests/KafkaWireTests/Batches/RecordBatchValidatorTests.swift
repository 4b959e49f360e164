import KafkaWire
import NIOCore
import Testing

@Suite struct RecordBatchValidatorTests {
    private func check(_ bytes: [UInt8], at position: Int = 0) throws(KafkaWireError) -> CheckedBatch {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(KafkaWireError) in try RecordBatchValidator.validate(buffer, at: position) }
        }
        return try result.get()
    }

    private func code(_ bytes: [UInt8], at position: Int = 0) -> KafkaWireError.Code? {
        do throws(KafkaWireError) {
            _ = try check(bytes, at: position)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: GoldenBatch.plain + GoldenBatch.others + GoldenBatch.ofClients)
    func takesWhatClientsWrite(batch: GoldenBatch) throws {
        let checked = try check(try batch.bytes())
        #expect(checked.compression == batch.compression)
        #expect(Int(checked.header.recordCount) == batch.records.count)
        #expect(checked.maxTimestamp == batch.records.map(\.time).max())
        #expect(checked.maxTimestamp == checked.header.maxTimestamp)
        #expect(checked.hasRecordWithoutKey == batch.records.contains { $0.key == nil })
    }

    @Test func findsTheBatchAtAnyPlace() throws {
        let bytes = [9, 9, 9] + (try GoldenBatch.plain[0].bytes())
        #expect(try check(bytes, at: 3).header.recordCount == 1)
        #expect(code(bytes, at: bytes.count) == .corrupt)
    }

    @Test(arguments: [GoldenBatch.plain[0]] + GoldenBatch.ofClients)
    func aBatchCutShortIsCorrupt(batch: GoldenBatch) throws {
        let bytes = try batch.bytes()
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(code(Array(bytes[..<count])) == .corrupt)
        }
    }

    private static let heads: [(String, KafkaWireError.Code, @Sendable (inout [UInt8]) -> Void)] = [
        ("format 0", .unsupportedFormat, { $0[16] = 0 }),
        ("format 1", .unsupportedFormat, { $0[16] = 1 }),
        ("format 3", .unsupportedFormat, { $0[16] = 3 }),
        ("length below the head's", .corrupt, { $0.store(Int32(40), at: 8) }),
        ("negative length", .corrupt, { $0.store(Int32.min, at: 8) }),
        ("length past the bytes", .corrupt, { $0.store(Int32.max, at: 8) }),
        ("compression 5", .unsupportedCompression, { $0.store(Int16(5), at: 21) }),
        ("compression 7", .unsupportedCompression, { $0.store(Int16(7), at: 21) }),
        ("control batch", .invalidRecord, { $0.store(Int16(0x20), at: 21) }),
        ("log append time", .invalidRecord, { $0.store(Int16(0x08), at: 21) }),
        ("delete horizon", .invalidRecord, { $0.store(Int16(0x40), at: 21) }),
        ("base offset", .invalidRecord, { $0.store(Int64(1), at: 0) }),
        ("negative base offset", .corrupt, { $0.store(Int64(-1), at: 0) }),
        ("too few records", .invalidRecord, { $0.store(Int32(199), at: 57) }),
        ("no records", .invalidRecord, { $0.store(Int32(0), at: 57) }),
        ("too great a last offset", .invalidRecord, { $0.store(Int32(200), at: 23) }),
        (
            "one record left over", .invalidRecord,
            {
                $0.store(Int32(199), at: 57)
                $0.store(Int32(198), at: 23)
            }
        ),
        (
            "one record missing", .invalidRecord,
            {
                $0.store(Int32(201), at: 57)
                $0.store(Int32(200), at: 23)
            }
        ),
        (
            "the most records", .invalidRecord,
            {
                $0.store(Int32.max, at: 57)
                $0.store(Int32.max - 1, at: 23)
            }
        ),
        ("producer without sequence", .invalidRecord, { $0.store(Int64(1), at: 43) }),
    ]

    @Test(arguments: heads.indices)
    func refusesAHeadThatNoClientMayWrite(index: Int) throws {
        var bytes = try GoldenBatch.plain[2].bytes()
        Self.heads[index].2(&bytes)
        bytes.repairChecksum()
        #expect(code(bytes) == Self.heads[index].1, "\(Self.heads[index].0)")
    }

    @Test func aWrongChecksumIsCorrupt() throws {
        var bytes = try GoldenBatch.plain[0].bytes()
        bytes[bytes.count - 1] ^= 1
        #expect(code(bytes) == .corrupt)
    }

    /// A record's fields: length, attributes, time, offset, key, value, headers.
    private static let records: [(String, [UInt8])] = [
        ("offset 1", [0x10, 0, 0, 2, 2, 0x6B, 2, 0x76, 0]),
        ("offset -1", [0x10, 0, 0, 1, 2, 0x6B, 2, 0x76, 0]),
        ("key of length -2", [0x0C, 0, 0, 0, 3, 1, 0]),
        ("key past its record", [0x0C, 0, 0, 0, 0x20, 1, 0]),
        ("value of length -2", [0x0C, 0, 0, 0, 1, 3, 0]),
        ("value past its record", [0x0E, 0, 0, 0, 1, 4, 0, 0]),
        ("negative count of headers", [0x0C, 0, 0, 0, 1, 1, 1]),
        ("more headers than bytes", [0x0C, 0, 0, 0, 1, 1, 2]),
        ("header without name", [0x10, 0, 0, 0, 1, 1, 2, 1, 1]),
        ("header's value past its record", [0x10, 0, 0, 0, 1, 1, 2, 0, 2]),
        ("bytes after the headers", [0x0E, 0, 0, 0, 1, 1, 0, 0]),
        ("bytes after the record", [0x0C, 0, 0, 0, 1, 1, 0, 0]),
        ("length 0", [0, 0, 0, 0, 1, 1, 0]),
        ("negative length", [0x0B, 0, 0, 0, 1, 1, 0]),
        ("length past the batch", [0x0E, 0, 0, 0, 1, 1, 0]),
        ("length in six bytes", [0x8C, 0x80, 0x80, 0x80, 0x80, 0, 0, 0, 0, 1, 1, 0]),
        ("offset of 33 bits", [0x14, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x10, 1, 1, 0]),
        ("endless time", [0x10, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
        ("nothing", []),
    ]

    @Test(arguments: records.indices, Compression.allCases)
    func refusesARecordThatContradictsTheFormat(index: Int, compression: Compression) throws {
        let (name, record) = Self.records[index]
        #expect(code(try RecordBatchTests.batch(of: record, compression)) == .invalidRecord, "\(name)")
    }

    @Test(arguments: Compression.allCases)
    func takesTheSmallestRecord(compression: Compression) throws {
        let checked = try check(try RecordBatchTests.batch(of: [0x0C, 0, 0, 0, 1, 1, 0], compression))
        #expect(checked.recordByteCount == 7)
        #expect(checked.hasRecordWithoutKey)
    }

    @Test func tellsOfATimeAfterTheHeads() throws {
        // The time is 32 after the batch's.
        let bytes = try RecordBatchTests.batch(of: [0x0C, 0, 64, 0, 1, 1, 0], .none)
        let checked = try check(bytes)
        #expect(checked.header.maxTimestamp == GoldenBatch.time)
        #expect(checked.maxTimestamp == GoldenBatch.time + 32)
    }

    @Test func refusesLinkedBlocksInLZ4() throws {
        let golden = try #require(GoldenBatch.ofClients.first { $0.name == "librdkafka-lz4" })
        var bytes = try golden.bytes()
        bytes[61 + 4] &= ~0x20
        bytes.repairChecksum()
        #expect(code(bytes) == .invalidRecord)
    }

    @Test func refusesRecordsPastTheLimitWithoutTakingMore() throws {
        let value = [UInt8](repeating: 0x61, count: 1 << 20)
        let body: [UInt8] = [0, 0, 0, 1] + [0x80, 0x80, 0x80, 0x01] + value + [0]
        let record: [UInt8] = [0x92, 0x80, 0x80, 0x01] + body
        for compression in Compression.allCases where compression != .none {
            let bytes = try RecordBatchTests.batch(of: record, compression)
            #expect(code(bytes) == nil)
            let small = Decompressor(limit: record.count - 1)
            let error = bytes.withUnsafeBytes { buffer in
                #expect(throws: KafkaWireError.self) {
                    try RecordBatchValidator.validate(buffer, using: small)
                }
            }
            #expect(error?.code == .tooLarge, "\(compression)")
        }
    }
}
