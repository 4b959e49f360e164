import Testing

@testable import Kinesis

@Suite struct HashKeyTests {
    @Test(arguments: [1, 2, 3, 4, 5, 7, 16, 1000])
    func evenRangesCoverAllKeysWithoutGaps(_ count: Int) {
        let ranges = HashKeyRange.even(count)
        #expect(ranges.count == count)
        #expect(ranges.first?.start == HashKey(0))
        #expect(ranges.last?.end == .max)
        for (left, right) in zip(ranges, ranges.dropFirst()) { #expect(left.isFollowed(by: right)) }
    }

    @Test func aShardOfTwoBeginsAtHalfOfAllKeys() {
        #expect(HashKeyRange.even(2)[1].start.description == "170141183460469231731687303715884105728")
        #expect(HashKeyRange.even(3)[1].start.description == "113427455640312821154458202477256070485")
    }

    @Test func aPartitionKeyHasItsMD5AsHashKey() {
        let key = Array("1234".utf8).withUnsafeBytes { HashKey(ofPartitionKey: $0) }
        #expect(key.description == "172615877915217560892406575915100721237")
    }

    @Test(arguments: [
        "", "01", "-1", "+1", " 1", "1 ", "0x1", "340282366920938463463374607431768211456", "1a",
    ])
    func refusesWhatIsNoHashKey(_ text: String) {
        #expect(HashKey(text) == nil)
    }

    @Test(arguments: ["0", "7", "340282366920938463463374607431768211455"])
    func readsWhatItWrites(_ text: String) {
        #expect(HashKey(text)?.description == text)
    }
}
