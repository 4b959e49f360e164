import QueryEngine
import Testing

@testable import Pipelines

@Suite struct RowHashSetTests {
    /// Spread like hashes.
    private static func hash(_ number: UInt64) -> RowHash {
        RowHash(high: number &* 0x9E37_79B9_7F4A_7C15, low: number &* 0xC2B2_AE3D_27D4_EB4F)
    }

    @Test func findsWhatWasInsertedAndNothingElse() {
        let set = RowHashSet()
        for number in 1...20_000 { #expect(set.insert(Self.hash(UInt64(number)))) }
        for number in 1...20_000 { #expect(set.contains(Self.hash(UInt64(number)))) }
        for number in 20_001...30_000 { #expect(!set.contains(Self.hash(UInt64(number)))) }
        #expect(set.count == 20_000)
    }

    @Test func refusesAHashThatIsThere() {
        let set = RowHashSet()
        #expect(set.insert(Self.hash(7)))
        #expect(!set.insert(Self.hash(7)))
        #expect(set.count == 1)
    }

    @Test func takesTheHashOfZeroes() {
        let set = RowHashSet()
        #expect(!set.contains(RowHash(high: 0, low: 0)))
        #expect(set.insert(RowHash(high: 0, low: 0)))
        #expect(set.contains(RowHash(high: 0, low: 0)))
    }

    @Test func takesAtMostTwentyFiveBytesAHash() {
        let set = RowHashSet()
        for number in 1...200_000 { set.insert(Self.hash(UInt64(number))) }
        #expect(set.bytes <= 25 * 200_000)
    }

    @Test func theOldestGenerationIsForgottenWhenMemoryIsUsedUp() {
        let seen = SeenRows(SeenRows.Limits(maxBytes: 1 << 20))
        var forgotten: [Int] = []
        for block in 0..<100 {
            let first = UInt64(block * 1000)
            seen.insert((first..<first + 1000).map { Self.hash($0 + 1) }, at: Int64(block))
            forgotten += seen.advance(now: Int64(block))
        }
        #expect(forgotten.first == 0)
        #expect(seen.bytes <= 1 << 20)
        #expect(!seen.contains(Self.hash(1)))
        #expect(seen.contains(Self.hash(99_999)))
    }

    @Test func rowsPastTheWindowAreForgotten() {
        let seen = SeenRows(SeenRows.Limits(maxBytes: 1 << 30, windowMilliseconds: 800))
        seen.insert([Self.hash(1)], at: 0)
        #expect(seen.advance(now: 0) == [])
        #expect(seen.advance(now: 200) == [])
        seen.insert([Self.hash(2)], at: 700)
        #expect(seen.contains(Self.hash(1)))
        #expect(seen.advance(now: 900) == [0])
        #expect(!seen.contains(Self.hash(1)))
        #expect(seen.contains(Self.hash(2)))
    }
}
