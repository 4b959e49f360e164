import KafkaWire
import NIOCore
import StreamModel
import Testing

@Suite struct RecordBatchRewriterTests {
    private func rewrite(
        _ bytes: [UInt8], deleteHorizon: Int64? = nil, keeping keeps: (Int64) throws -> Bool
    ) throws -> [UInt8] {
        // Something before it, which must stay.
        var target = ByteBuffer(bytes: [1, 2, 3])
        try bytes.withUnsafeBytes { buffer in
            let header = try RecordBatchHeader(buffer)
            let kept = try RecordBatchRewriter.rewrite(
                buffer, at: 0, header, deleteHorizon: deleteHorizon, to: &target
            ) { try keeps($0.offset.rawValue) }
            #expect(try Array(target.readableBytesView.dropFirst(3)).header().recordCount == Int32(kept))
        }
        #expect(target.readBytes(length: 3) == [1, 2, 3])
        return Array(target.readableBytesView)
    }

    @Test(arguments: GoldenBatch.ofClients)
    func whatIsKeptIsAsItWas(batch: GoldenBatch) throws {
        let original = try batch.bytes()
        let bytes = try rewrite(original) { $0 % 3 == 1 }
        try bytes.verify()
        let found = try bytes.records()
        #expect(found.map(\.offset) == stride(from: Int64(1), to: 60, by: 3).map(\.self))
        #expect(found.map(\.record) == stride(from: 1, to: 60, by: 3).map { batch.records[$0] })
        var header = try bytes.header()
        let before = try original.header()
        #expect(header.byteCount == bytes.count)
        #expect(header.maxTimestamp == found.map(\.record.time).max())
        header.byteCount = before.byteCount
        header.recordCount = before.recordCount
        header.maxTimestamp = before.maxTimestamp
        #expect(header == before)
    }

    @Test(arguments: GoldenBatch.ofClients)
    func aBatchOfWhichAllIsKeptHoldsTheSame(batch: GoldenBatch) throws {
        let bytes = try rewrite(try batch.bytes()) { _ in true }
        #expect(try bytes.records().map(\.record) == batch.records)
        if batch.compression == .none { #expect(try bytes == batch.bytes()) }
    }

    @Test(arguments: GoldenBatch.ofClients)
    func aBatchOfWhichNothingIsKeptTellsItsOffsetsAndProducer(batch: GoldenBatch) throws {
        let before = try batch.bytes().header()
        let bytes = try rewrite(try batch.bytes()) { _ in false }
        try bytes.verify()
        #expect(bytes.count == RecordBatchHeader.size)
        #expect(try bytes.records().isEmpty)
        let header = try bytes.header()
        #expect(header.nextOffset == before.nextOffset)
        #expect(header.producerID == before.producerID)
        #expect(header.baseSequence == before.baseSequence)
        #expect(header.maxTimestamp == before.maxTimestamp)
        #expect(header.compression == Compression.none)
    }

    @Test(arguments: GoldenBatch.ofClients)
    func aDeleteHorizonLeavesTheTimesOfRecords(batch: GoldenBatch) throws {
        let horizon = GoldenBatch.time + 86_400_000_000
        let bytes = try rewrite(try batch.bytes(), deleteHorizon: horizon) { $0 < 40 }
        try bytes.verify()
        #expect(try bytes.header().deleteHorizon == horizon)
        #expect(try bytes.records().map(\.record) == Array(batch.records[..<40]))
        let again = try rewrite(bytes) { $0 < 20 }
        #expect(try again.header().deleteHorizon == horizon)
        #expect(try again.records().map(\.record) == Array(batch.records[..<20]))
    }

    @Test func damageLeavesTheTargetAsItWas() throws {
        var bytes = try GoldenBatch.plain[2].bytes()
        bytes.store(Int32(1000), at: 57)
        var target = ByteBuffer(bytes: [1])
        let error = bytes.withUnsafeBytes { buffer in
            #expect(throws: KafkaWireError.self) {
                let header = try RecordBatchHeader(buffer)
                try RecordBatchRewriter.rewrite(buffer, at: 0, header, to: &target) { _ in true }
            }
        }
        #expect(error?.code == .corrupt)
        #expect(target.readableBytes == 1)
    }
}
