import Testing

@testable import KafkaWire

@Suite struct VarintTests {
    private static let edges: [(Int64, [UInt8])] = [
        (0, [0]), (-1, [1]), (1, [2]), (63, [0x7E]), (-64, [0x7F]), (64, [0x80, 0x01]), (-65, [0x81, 0x01]),
        (8191, [0xFE, 0x7F]), (8192, [0x80, 0x80, 0x01]), (Int64(Int32.max), [0xFE, 0xFF, 0xFF, 0xFF, 0x0F]),
        (Int64(Int32.min), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        (.max, [0xFE] + Array(repeating: 0xFF, count: 8) + [0x01]),
        (.min, Array(repeating: 0xFF, count: 9) + [0x01]),
    ]

    private func write(_ value: Int64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            var next = start
            Varint.write(value, to: &next)
            count = next - start
        }
    }

    private func read(_ bytes: [UInt8], end: Int? = nil) throws -> (value: Int64, position: Int) {
        try bytes.withUnsafeBytes { buffer in
            var position = 0
            return (try Varint.read(buffer, at: &position, end: end ?? bytes.count), position)
        }
    }

    @Test(arguments: edges)
    func isWrittenMeasuredAndReadAsKafkaHasIt(value: Int64, bytes: [UInt8]) throws {
        #expect(write(value) == bytes)
        #expect(Varint.size(value) == bytes.count)
        let found = try read(bytes + [0xFF])
        #expect(found.value == value)
        #expect(found.position == bytes.count)
    }

    @Test func everyPowerOfTwoAndItsNeighboursComeBack() throws {
        for shift in 0..<63 as Range<Int64> {
            for value in [(1 << shift) - 1, 1 << shift, (1 << shift) + 1] as [Int64] {
                for signed in [value, -value] {
                    let bytes = write(signed)
                    #expect(bytes.count == Varint.size(signed))
                    #expect(try read(bytes).value == signed)
                }
            }
        }
    }

    @Test func whatRunsPastItsEndIsRefused() {
        #expect(throws: KafkaWireError.self) { try read([]) }
        #expect(throws: KafkaWireError.self) { try read([0x80]) }
        #expect(throws: KafkaWireError.self) { try read([0x80, 0x01], end: 1) }
        #expect(throws: KafkaWireError.self) { try read([UInt8](repeating: 0xFF, count: 9)) }
        #expect(throws: KafkaWireError.self) { try read([UInt8](repeating: 0x80, count: 20) + [0]) }
    }
}
