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
}
