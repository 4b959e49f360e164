import KafkaWire
import NIOCore
import Testing

@Suite struct DecompressorTests {
    private static let packed = Compression.allCases.filter { $0 != .none }

    private func decompress(
        _ bytes: [UInt8], _ compression: Compression, with decompressor: Decompressor = Decompressor()
    ) throws(KafkaWireError) -> [UInt8] {
        let result = bytes.withUnsafeBytes { source in
            Result { () throws(KafkaWireError) in Array(try decompressor.decompress(source, compression)) }
        }
        return try result.get()
    }

    private func code(_ body: () throws -> Void) -> KafkaWireError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? KafkaWireError)?.code
        }
    }

    private func text(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var chance = TestChance(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0x61...0x68, using: &chance) }
    }

    @Test(arguments: packed, [0, 1, 100, 65_536, 300_000])
    func whatIsCompressedComesBack(compression: Compression, count: Int) throws {
        let bytes = text(count)
        let packed = try bytes.compressed(compression)
        #expect(count < 1000 || packed.count < count)
        #expect(try decompress(packed, compression) == bytes)
    }

    @Test(arguments: packed)
    func whatCannotBeCompressedComesBack(compression: Compression) throws {
        var chance = TestChance(seed: 5)
        let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &chance) }
        #expect(try decompress(try bytes.compressed(compression), compression) == bytes)
    }

    @Test(arguments: packed)
    func theLimitIsExact(compression: Compression) throws {
        let bytes = text(10_000)
        let packed = try bytes.compressed(compression)
        #expect(try decompress(packed, compression, with: Decompressor(limit: 10_000)) == bytes)
        #expect(
            code { _ = try decompress(packed, compression, with: Decompressor(limit: 9_999)) } == .tooLarge)
        #expect(code { _ = try decompress(packed, compression, with: Decompressor(limit: 1)) } == .tooLarge)
    }

    @Test(arguments: packed)
    func aBombIsStoppedAtTheLimit(compression: Compression) throws {
        let bomb = try [UInt8](repeating: 0, count: 8 << 20).compressed(compression)
        #expect(
            code { _ = try decompress(bomb, compression, with: Decompressor(limit: 1 << 20)) } == .tooLarge)
    }

    @Test(arguments: packed)
    func isUsedAgainAfterEveryKindOfEnd(compression: Compression) throws {
        let decompressor = Decompressor(limit: 5 << 20)
        let bytes = text(5_000)
        let packed = try bytes.compressed(compression)
        let large = try [UInt8](repeating: 7, count: 5 << 20).compressed(compression)
        let bomb = try [UInt8](repeating: 7, count: 6 << 20).compressed(compression)
        for _ in 0..<3 {
            #expect(
                code { _ = try decompress(Array(packed.dropLast()), compression, with: decompressor) } != nil)
            #expect(try decompress(packed, compression, with: decompressor) == bytes)
            #expect(code { _ = try decompress(bomb, compression, with: decompressor) } == .tooLarge)
            #expect(try decompress(packed, compression, with: decompressor) == bytes)
            #expect(try decompress(large, compression, with: decompressor).count == 5 << 20)
        }
    }

    @Test(arguments: packed)
    func bytesCutShortOrLeftOverAreCorrupt(compression: Compression) throws {
        let packed = try text(3_000).compressed(compression)
        for count in stride(from: 1, to: packed.count, by: 13) {
            #expect(code { _ = try decompress(Array(packed[..<count]), compression) } != nil, "\(count)")
        }
        #expect(code { _ = try decompress(packed + [1, 2, 3], compression) } == .corrupt)
        #expect(code { _ = try decompress([], compression) } == (compression == .zstd ? nil : .corrupt))
    }

    @Test func severalMembersOfGzipAreOne() throws {
        let first = try text(100).compressed(.gzip)
        let second = try text(50, seed: 2).compressed(.gzip)
        #expect(try decompress(first + second, .gzip) == text(100) + text(50, seed: 2))
        #expect(code { _ = try decompress(first + second.dropLast(9), .gzip) } == .corrupt)
    }

    @Test func severalFramesOfZstdAreOne() throws {
        let frame = try text(100).compressed(.zstd)
        #expect(try decompress(frame + frame, .zstd) == text(100) + text(100))
    }

    private static let snappyHead: [UInt8] =
        [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]

    private func framed(_ blocks: [[UInt8]]) throws -> [UInt8] {
        try blocks.reduce(into: Self.snappyHead) { bytes, block in
            let packed = try block.compressed(.snappy)
            withUnsafeBytes(of: Int32(packed.count).bigEndian) { bytes += $0 }
            bytes += packed
        }
    }

    @Test func framedSnappyIsReadBlockByBlock() throws {
        let blocks = [text(32_768), text(32_768, seed: 2), text(7, seed: 3)]
        let bytes = try framed(blocks)
        #expect(try decompress(bytes, .snappy) == blocks.flatMap(\.self))
        let total = blocks.map(\.count).reduce(0, +)
        #expect(
            code { _ = try decompress(bytes, .snappy, with: Decompressor(limit: total - 1)) } == .tooLarge)
        #expect(code { _ = try decompress(Array(bytes.dropLast()), .snappy) } == .corrupt)
        #expect(code { _ = try decompress(bytes + [0, 0], .snappy) } == .corrupt)
        #expect(code { _ = try decompress(bytes + [0x80, 0, 0, 0], .snappy) } == .corrupt)
    }

    @Test func snappysVersionsMayBeInEitherByteOrder() throws {
        var bytes = try framed([text(10)])
        bytes.replaceSubrange(8..<16, with: [1, 0, 0, 0, 1, 0, 0, 0])
        #expect(try decompress(bytes, .snappy) == text(10))
    }

    @Test func aLyingLengthOfSnappyTakesNoMemory() {
        // 4 GiB less one, then nothing.
        #expect(code { _ = try decompress([0xFF, 0xFF, 0xFF, 0xFF, 0x0F], .snappy) } == .tooLarge)
        #expect(code { _ = try decompress([0xFF, 0xFF, 0xFF, 0x1F], .snappy) } == .corrupt)
    }

    @Test func nestedBorrowersDoNotShareMemory() throws {
        let first = try text(100).compressed(.zstd)
        let second = try text(100, seed: 2).compressed(.zstd)
        try Decompressor.borrowed { (outer) throws in
            try first.withUnsafeBytes { source in
                let bytes = try outer.decompress(source, .zstd)
                try Decompressor.borrowed { (inner) throws in
                    #expect(try decompress(second, .zstd, with: inner) == text(100, seed: 2))
                }
                #expect(Array(bytes) == text(100))
            }
        }
    }
}

extension [UInt8] {
    func compressed(_ compression: Compression) throws -> [UInt8] {
        var buffer = ByteBuffer()
        try withUnsafeBytes { try compression.compress($0, to: &buffer) }
        return Array(buffer.readableBytesView)
    }
}
