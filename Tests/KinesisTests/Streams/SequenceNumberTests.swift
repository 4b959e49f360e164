import StreamModel
import Testing

@testable import Kinesis

@Suite struct SequenceNumberTests {
    private func number(_ second: Int64, _ shard: Int32, _ position: Int64) -> SequenceNumber {
        SequenceNumber(shardSecond: second, shard: ShardID(PartitionIndex(shard)), position: position)
    }

    @Test func hasFiftySixDigitsThatBeginWith49() {
        for second in [0, 1, 1_700_000_000, 2_600_000_000] as [Int64] {
            for position in [0, 1, 1 << 40, .max] as [Int64] {
                let text = number(second, 12, position).description
                #expect(text.count == 56)
                #expect(text.hasPrefix("49"), "\(text)")
            }
        }
    }

    @Test func isOfTheFormThatKinesisWrites() {
        // 2, the second 0x65F0E1D0, 0, offset + 1 = 0x11, shard 3, 2.
        let expected = "49650107481936694334854399673492302045731871059563511858"
        #expect(number(0x65F0_E1D0, 3, 0x11).description == expected)
    }

    @Test func canBeTakenApartAgain() {
        var generator = SplitMix(state: 7)
        for _ in 0..<2000 {
            let number = number(
                Int64(generator.next() >> 28), Int32(truncatingIfNeeded: generator.next() >> 33),
                Int64(generator.next() >> 1))
            #expect(SequenceNumber(number.description) == number)
        }
    }

    @Test func growsWithTheOffsetAndPastAnEarlierSecond() {
        let ordered = [
            number(10, 5, 0), number(10, 5, 1), number(10, 0, 1 << 48), number(10, 5, .max), number(11, 0, 0),
            number(1 << 35, 0, 0),
        ]
        #expect(ordered == ordered.sorted())
        // As long as each other, texts sort as numbers do.
        #expect(ordered.map(\.description) == ordered.map(\.description).sorted())
    }

    @Test(arguments: [
        "", "0", "49", "12345678901234567890123456789012345678901234567890123456",
        "99999999999999999999999999999999999999999999999999999999",
        "4965010748193669433485439967349230204573187105956351185x",
        "49650107481936694334854399673492302045731871059563511859",
    ])
    func refusesWhatItHasNotWritten(_ text: String) {
        #expect(SequenceNumber(text) == nil)
    }
}
