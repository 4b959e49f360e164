import NIOCore
import Testing

@testable import Kinesis

@Suite struct CBORTests {
    private func read(_ bytes: [UInt8]) throws -> WireValue {
        try bytes.withUnsafeBytes { try CBORReader.read($0) }
    }

    /// Appendix A of RFC 8949, as far as it can occur in a request.
    @Test(
        arguments: [
            ([0x00], .integer(0)), ([0x18, 0x64], .integer(100)), ([0x19, 0x03, 0xE8], .integer(1000)),
            ([0x1B, 0, 0, 0, 0xE8, 0xD4, 0xA5, 0x10, 0], .integer(1_000_000_000_000)), ([0x20], .integer(-1)),
            ([0x39, 0x03, 0xE7], .integer(-1000)), ([0xF9, 0x3C, 0x00], .decimal(1)),
            ([0xF9, 0x3E, 0x00], .decimal(1.5)), ([0xF9, 0x00, 0x01], .decimal(5.960464477539063e-8)),
            ([0xF9, 0xC4, 0x00], .decimal(-4)), ([0xFA, 0x47, 0xC3, 0x50, 0x00], .decimal(100_000)),
            ([0xFB, 0x3F, 0xF1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A], .decimal(1.1)), ([0xF4], .bool(false)),
            ([0xF5], .bool(true)), ([0xF6], .null), ([0x44, 1, 2, 3, 4], .bytes([1, 2, 3, 4])),
            ([0x64, 0x49, 0x45, 0x54, 0x46], .string("IETF")), ([0x62, 0xC3, 0xBC], .string("ü")),
            ([0x83, 1, 2, 3], .list([.integer(1), .integer(2), .integer(3)])),
            ([0x5F, 0x42, 1, 2, 0x43, 3, 4, 5, 0xFF], .bytes([1, 2, 3, 4, 5])),
            ([0x7F, 0x61, 0x61, 0x61, 0x62, 0xFF], .string("ab")),
            ([0x9F, 1, 0x80, 0xFF], .list([.integer(1), .list([])])),
            ([0xBF, 0x61, 0x61, 1, 0xFF], .object([("a", .integer(1))])),
            ([0xC1, 0x1A, 0x51, 0x4B, 0x67, 0xB0], .time(1_363_896_240)), ([0xC0, 0x61, 0x61], .string("a")),
        ] as [([UInt8], WireValue)])
    func readsTheStandardsExamples(_ bytes: [UInt8], _ value: WireValue) throws {
        #expect(try read(bytes) == value)
    }

    @Test(
        arguments: [
            [], [0x18], [0x1C], [0xFF], [0x41], [0x61, 0xFF], [0x81], [0x9F, 1], [0xA1, 0x01, 0x01],
            [0xBF, 0x61, 0x61, 0xFF],
            [0x5F, 0x61, 0x61, 0xFF], [0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x00, 0x00],
            [0x5B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x3F], [0xDF], [0xF8, 0x20],
        ] as [[UInt8]])
    func refusesWhatIsMalformed(_ bytes: [UInt8]) {
        #expect(throws: KinesisError(.serialization)) { try read(bytes) }
    }

    @Test func refusesDeepNesting() {
        #expect(throws: KinesisError.self) { try read(Array(repeating: 0x81, count: 100_000) + [0]) }
        #expect(throws: KinesisError.self) { try read(Array(repeating: 0xC1, count: 100_000) + [0]) }
    }

    @Test func noBytesCrashIt() {
        var generator = SplitMix(state: 3)
        for _ in 0..<20_000 {
            let count = Int(generator.next() % 64)
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            _ = try? read(bytes)
        }
    }

    @Test func changedRequestsAreReadOrRefused() throws {
        let output = OutputValue.object([
            ("StreamName", .string("s")), ("Time", .time(1_700_000_000_123)), ("Number", .integer(-70_000)),
            ("Records", .list([.object([("Data", .bytes(ByteBuffer(bytes: [1, 2]).readableBytesView))])])),
        ])
        let good = Array(KinesisCodec.cbor.buffer(output).readableBytesView)
        let expected = WireValue.object([
            ("StreamName", .string("s")), ("Time", .time(1_700_000_000_123)), ("Number", .integer(-70_000)),
            ("Records", .list([.object([("Data", .bytes([1, 2]))])])),
        ])
        #expect(try read(good) == expected)
        var generator = SplitMix(state: 5)
        for _ in 0..<20_000 {
            var bytes = good
            bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            _ = try? read(bytes)
        }
    }
}
