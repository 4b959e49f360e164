import KafkaWire
import Testing

/// Bytes from outside never crash the reader, and never pass for what was written.
@Suite struct DamagedBatchTests {
    private func code(_ body: () throws -> Void) -> KafkaWireError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? KafkaWireError)?.code
        }
    }

    @Test(arguments: GoldenBatch.plain)
    func aBatchCutShortIsIncomplete(batch: GoldenBatch) throws {
        let bytes = try batch.bytes()
        for length in 0..<bytes.count {
            #expect(code { try Array(bytes[..<length]).verify() } == .incomplete)
        }
    }

    @Test func everyChangedBitUnderTheChecksumIsFound() throws {
        for batch in [GoldenBatch.plain[0], GoldenBatch.plain[1]] {
            let bytes = try batch.bytes()
            for place in 17..<bytes.count {
                for bit in 0..<8 as Range<UInt8> {
                    var changed = bytes
                    changed[place] ^= 1 << bit
                    #expect(code { try changed.verify() } == .corrupt, "byte \(place)")
                }
            }
        }
    }

    @Test func everyByteChangedInEveryWayIsReadOrRefusedThoughTheChecksumIsRight() throws {
        for batch in [GoldenBatch.plain[1], GoldenBatch.others[0]] {
            let bytes = try batch.bytes()
            for place in 21..<bytes.count {
                for value in 0...255 as ClosedRange<UInt8> {
                    var changed = bytes
                    changed[place] = value
                    changed.repairChecksum()
                    guard (try? changed.verify()) != nil else { continue }
                    let found = (try? changed.records()) ?? []
                    #expect(found.count <= 1 << 16)
                }
            }
        }
    }

    @Test func manyBytesChangedAtOnceAreReadOrRefused() throws {
        let golden = try (GoldenBatch.plain + GoldenBatch.others).map { try $0.bytes() }
        for seed in 0..<20_000 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            var bytes = golden[Int(seed) % golden.count]
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                let place = Int.random(in: 0..<bytes.count, using: &chance)
                bytes[place] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &chance)]
                    .randomElement(using: &chance) ?? 0
            }
            bytes.repairChecksum()
            if (try? bytes.verify()) != nil { _ = try? bytes.records() }
        }
    }

    private static let impossible: [@Sendable (inout [UInt8]) -> Void] = [
        { $0.store(Int32(-1), at: 8) }, { $0.store(Int32(48), at: 8) }, { $0.store(Int32.min, at: 8) },
        { $0.store(Int8(1), at: 16) }, { $0.store(Int8(3), at: 16) }, { $0.store(Int32(-1), at: 23) },
        { $0.store(Int32(-1), at: 57) }, { $0.store(Int64(-1), at: 0) }, { $0.store(Int64.min, at: 0) },
        { $0.store(Int64.max, at: 0) }, { $0.store(Int64.max - 1, at: 0) },
    ]

    @Test(arguments: impossible.indices)
    func aHeadWithImpossibleSizesIsRefused(place: Int) throws {
        var bytes = try GoldenBatch.plain[0].bytes()
        Self.impossible[place](&bytes)
        #expect(code { _ = try bytes.header() } == .corrupt)
    }

    @Test func theLargestOffsetsCanBeCounted() throws {
        var bytes = try GoldenBatch.plain[0].bytes()
        bytes.store(Int32.max, at: 23)
        for base in [Int64.max - Int64(Int32.max) - 1, .max - Int64(Int32.max), .max / 2] as [Int64] {
            bytes.store(base, at: 0)
            if let header = try? bytes.header() { #expect(header.nextOffset > base) }
        }
    }

    @Test func aLengthPastTheBytesIsIncompleteAndReadsNothing() throws {
        var bytes = try GoldenBatch.plain[0].bytes()
        bytes.store(Int32.max, at: 8)
        #expect(code { try bytes.verify() } == .incomplete)
    }

    @Test func moreRecordsThanThereAreBytesAreRefused() throws {
        var bytes = try GoldenBatch.plain[0].bytes()
        for count in [2, 1000, Int32.max] {
            bytes.store(count, at: 57)
            bytes.repairChecksum()
            try bytes.verify()
            #expect(code { _ = try bytes.records() } == .corrupt)
        }
    }

    /// A record's fields: length, attributes, time, offset, key, value, headers.
    @Test(
        arguments: [
            [0x10, 0, 0, 0, 0x7F, 1, 0, 0, 0], [0x10, 0, 0, 0, 1, 0x7F, 0, 0, 0],
            [0x10, 0, 0, 0, 1, 1, 0xFE, 0x01, 0],
            [0x10, 0, 0, 0, 1, 1, 0xFE, 0xFF, 0xFF, 0x0F], [0x10, 0, 0, 0, 1, 1, 1, 0, 0],
            [0x10, 0, 0, 0, 1, 1, 0, 0, 0],
            [0x00, 0, 0, 0, 0, 0, 0, 0, 0], [0x01, 0, 0, 0, 0, 0, 0, 0, 0],
            [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0, 0],
            [0x02, 0, 0, 0, 1, 1, 0, 0, 0], [0x10, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
            [0x10, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]])
    func aRecordThatContradictsItsLengthIsRefused(record: [UInt8]) throws {
        var bytes = Array(try GoldenBatch.plain[0].bytes()[..<61]) + record
        bytes.store(Int32(bytes.count - 12), at: 8)
        bytes.repairChecksum()
        try bytes.verify()
        #expect(code { _ = try bytes.records() } == .corrupt)
    }
}

/// A small generator (SplitMix64), so that a run can be repeated by its seed.
struct TestChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
