import KafkaWire
import StreamModel
import Testing

@Suite struct RecordBatchTests {
    /// The batch as the encoder writes it, at a base offset.
    private func encode(_ records: [GoldenBatch.Record], baseOffset: Int64 = 0) -> [UInt8] {
        var source: [UInt8] = []
        func slice(_ bytes: [UInt8]?) -> RecordList.Slice? {
            guard let bytes else { return nil }
            defer { source += bytes }
            return RecordList.Slice(start: source.count, count: bytes.count)
        }
        let entries = records.map { record in
            RecordList.Entry(key: slice(record.key), value: slice(record.value), headers: record.headers)
        }
        let count = RecordBatchEncoder.byteCount(entries, timestamp: GoldenBatch.time)
        // A byte more, to see that it is left alone.
        var target = [UInt8](repeating: 0xAA, count: count + 1)
        let written = source.withUnsafeBytes { source in
            target.withUnsafeMutableBytes { target in
                target.baseAddress.map {
                    RecordBatchEncoder.encode(
                        entries, from: source, baseOffset: Offset(baseOffset), timestamp: GoldenBatch.time,
                        to: $0)
                }
            }
        }
        #expect(written == count)
        #expect(target.removeLast() == 0xAA)
        return target
    }

    @Test func recordsKeepTimesOfTheirOwn() throws {
        // The first one's is the base; the others count from there, to both sides.
        for times: [Int64?] in [[5_000, nil, -1, 1 << 40], [nil, 0, Int64.max >> 2], [nil, nil]] {
            let entries = times.map { RecordList.Entry(value: nil, timestamp: $0) }
            let now: Int64 = 1_000_000
            var bytes = [UInt8](
                repeating: 0, count: RecordBatchEncoder.byteCount(entries, timestamp: now))
            let written = bytes.withUnsafeMutableBytes { target in
                target.baseAddress.map {
                    RecordBatchEncoder.encode(
                        entries, from: .init(start: nil, count: 0), baseOffset: Offset(0), timestamp: now,
                        to: $0)
                }
            }
            #expect(written == bytes.count)
            try bytes.verify()
            let expected = times.map { $0 ?? now }
            #expect(try bytes.records().map(\.record.time) == expected)
            #expect(try bytes.header().baseTimestamp == expected.first)
            #expect(try bytes.header().maxTimestamp == expected.max())
        }
    }

    @Test(arguments: GoldenBatch.plain)
    func isWrittenByteForByteAsAnotherClientWritesIt(batch: GoldenBatch) throws {
        #expect(try encode(batch.records) == batch.bytes())
    }

    @Test(arguments: GoldenBatch.plain + GoldenBatch.others + GoldenBatch.ofClients)
    func isReadAsAnotherClientMeantIt(batch: GoldenBatch) throws {
        let bytes = try batch.bytes()
        try bytes.verify()
        let found = try bytes.records()
        #expect(found.map(\.record) == batch.records)
        #expect(found.map(\.offset) == Array(0..<Int64(batch.records.count)))
        let header = try bytes.header()
        #expect(header.byteCount == bytes.count)
        #expect(Int(header.recordCount) == batch.records.count)
        #expect(header.nextOffset == Int64(batch.records.count))
        #expect(header.baseTimestamp == GoldenBatch.time)
        #expect(header.compression == batch.compression)
        #expect(header.maxTimestamp == batch.records.map(\.time).max())
    }

    @Test func producerFieldsAreRead() throws {
        let header = try GoldenBatch.others[1].bytes().header()
        #expect(header.attributes == 0x10)
        #expect(header.producerID == 4711)
        #expect(header.producerEpoch == 3)
        #expect(header.baseSequence == 17)
        let plain = try GoldenBatch.plain[0].bytes().header()
        #expect(plain.attributes == 0)
        #expect(plain.producerID == -1)
        #expect(plain.producerEpoch == -1)
        #expect(plain.baseSequence == -1)
    }

    @Test(arguments: [0, 1, 4711, Int64(Int32.max) + 1, 1 << 61])
    func offsetsCountFromTheBase(base: Int64) throws {
        let records = GoldenBatch.plain[1].records
        let bytes = encode(records, baseOffset: base)
        try bytes.verify()
        #expect(try bytes.header().nextOffset == base + 4)
        #expect(try bytes.records().map(\.offset) == [base, base + 1, base + 2, base + 3])
    }

    @Test func aBatchIsFoundAtAnyPlaceOfItsBuffer() throws {
        let first = try GoldenBatch.plain[0].bytes()
        let second = try GoldenBatch.plain[1].bytes()
        let both = [1, 2, 3] + first + second + [4]
        try both.verify(at: 3)
        try both.verify(at: 3 + first.count)
        #expect(try both.records(at: 3 + first.count).map(\.record) == GoldenBatch.plain[1].records)
    }

    @Test func recordsTakeTheTimeOfTheirAppendIfTheBatchSaysSo() throws {
        var bytes = try GoldenBatch.others[0].bytes()
        bytes.store(Int16(8), at: 21)
        bytes.store(GoldenBatch.time + 7, at: 35)
        #expect(try Set(bytes.records().map(\.record.time)) == [GoldenBatch.time + 7])
    }

    @Test func aControlBatchHasNoRecordsOfAUser() throws {
        var bytes = try GoldenBatch.plain[0].bytes()
        bytes.store(Int16(0x20), at: 21)
        #expect(try bytes.records().isEmpty)
    }
}

extension RecordBatchTests {
    /// A batch of one record with these bytes, whatever they hold.
    static func batch(of record: [UInt8], _ compression: Compression) throws -> [UInt8] {
        var bytes = Array(try GoldenBatch.plain[0].bytes()[..<61]) + (try record.compressed(compression))
        bytes.store(Int32(bytes.count - 12), at: 8)
        bytes.store(compression.rawValue, at: 21)
        bytes.repairChecksum()
        return bytes
    }
}
