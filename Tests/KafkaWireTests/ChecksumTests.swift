import CChecksum
import KafkaWire
import Testing

@Suite struct ChecksumTests {
    /// From RFC 3720, B.4, and the catalogue of checksums' "123456789".
    private static let vectors: [([UInt8], UInt32)] = [
        ([], 0), (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
        (
            [
                0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0,
                0x14, 0, 0,
                0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
            ], 0xD996_3A56
        ),
    ]

    @Test(arguments: vectors)
    func givesThePublishedValues(bytes: [UInt8], checksum: UInt32) {
        #expect(bytes.withUnsafeBytes { Checksum.crc32c($0) } == checksum)
        #expect(pinline_crc32c_portable(0, bytes, bytes.count) == checksum)
    }

    @Test func theProcessorsInstructionAndThePortableMethodAgree() {
        var chance = TestChance(seed: 1)
        let bytes = (0..<6000).map { _ in UInt8.random(in: 0...255, using: &chance) }
        bytes.withUnsafeBytes { buffer in
            for count in Array(0...80) + [
                511, 512, 1535, 1536, 1537, 1544, 3071, 3072, 3073, 4608, 5000, 5990,
            ] {
                for start in 0..<9 {
                    let part = buffer.baseAddress.map { $0 + start }
                    for before in [0, 0xFFFF_FFFF, 0x1234_5678] as [UInt32] {
                        #expect(
                            pinline_crc32c(before, part, count)
                                == pinline_crc32c_portable(before, part, count),
                            "\(count) bytes from \(start)")
                    }
                }
            }
        }
    }

    @Test func partsContinueWhereTheLastEnded() {
        let bytes = (0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let whole = pinline_crc32c(0, bytes, bytes.count)
        for cut in [0, 1, 7, 8, 1535, 1536, 2000, 3999, 4000] {
            let first = pinline_crc32c(0, bytes, cut)
            let rest = Array(bytes[cut...])
            #expect(pinline_crc32c(first, rest, rest.count) == whole)
            #expect(pinline_crc32c_portable(first, rest, rest.count) == whole)
        }
    }
}

@Suite struct PartitioningTests {
    /// Origin: Fixtures/README.md.
    private static let hashes: [([UInt8], Int32)] = [
        (Array("21".utf8), -973_932_308), (Array("foobar".utf8), -790_332_482),
        (Array("a-little-bit-long-string".utf8), -985_981_536),
        (Array("a-little-bit-longer-string".utf8), -1_486_304_829),
        (Array("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8".utf8), -58_897_971),
        (Array("abc".utf8), 479_470_107),
        ([], 275_646_681), (Array("a".utf8), -1_563_381_124), (Array("ab".utf8), 316_155_434),
        ([0x80, 0xFF, 0x90], 921_206_227), (Array("é中😀".utf8), 1_824_111_047),
    ]

    @Test(arguments: hashes)
    func murmur2GivesTheValuesOfKafkasClients(key: [UInt8], hash: Int32) {
        key.withUnsafeBytes { bytes in
            #expect(Int32(bitPattern: Murmur2.hash(bytes)) == hash)
            for count in [1, 2, 6, 1000] {
                #expect(Murmur2.partition(of: bytes, among: count) == Int(hash & Int32.max) % count)
            }
        }
    }
}
