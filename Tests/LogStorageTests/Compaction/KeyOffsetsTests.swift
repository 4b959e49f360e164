import Testing

@testable import LogStorage

@Suite struct KeyOffsetsTests {
    private static func note(_ key: String, at offset: Int64, in keys: inout KeyOffsets) -> Bool {
        Array(key.utf8).withUnsafeBytes { keys.note($0, at: offset) }
    }

    private static func offset(of key: String, in keys: borrowing KeyOffsets) -> Int64? {
        Array(key.utf8).withUnsafeBytes { keys.offset(of: $0) }
    }

    @Test func theLastOffsetOfAKeyCounts() {
        var keys = KeyOffsets(maxBytes: 1 << 16, keyCount: 100)
        var expected: [String: Int64] = [:]
        var chance = TestChance(seed: 3)
        for offset in 0..<1000 as Range<Int64> {
            let key = String(repeating: "k", count: Int.random(in: 0..<60, using: &chance))
            #expect(Self.note(key, at: offset, in: &keys))
            expected[key] = offset
        }
        for (key, offset) in expected { #expect(Self.offset(of: key, in: keys) == offset) }
        #expect(Self.offset(of: "another", in: keys) == nil)
        #expect(keys.count == expected.count)
    }

    @Test func aKeyForWhichThereIsNoRoomIsRefusedAndKnownOnesStillMove() {
        var keys = KeyOffsets(maxBytes: KeyOffsets.bytesPerKey * 10, keyCount: 1000)
        var noted = 0
        while Self.note("key \(noted)", at: Int64(noted), in: &keys) { noted += 1 }
        #expect(noted == 9)
        #expect(Self.note("key 0", at: 77, in: &keys))
        #expect(Self.offset(of: "key 0", in: keys) == 77)
        #expect(Self.offset(of: "key \(noted)", in: keys) == nil)
    }

    @Test(arguments: [0, 1, 23, 24])
    func withHardlyAnyMemoryThereIsRoomForOneKey(maxBytes: Int) {
        var keys = KeyOffsets(maxBytes: maxBytes, keyCount: .max)
        #expect(Self.note("a", at: 1, in: &keys))
        #expect(!Self.note("b", at: 2, in: &keys))
    }

    @Test func thereIsRoomForAsManyKeysAsWillCome() {
        for count in 0..<200 {
            var keys = KeyOffsets(maxBytes: .max, keyCount: count)
            for key in 0..<count { #expect(Self.note("\(key)", at: Int64(key), in: &keys)) }
        }
    }
}
