import Testing

@testable import Emulation

@Suite struct ChanceTests {
    @Test func generatorGivesTheNumbersOfThePublishedAlgorithm() {
        var chance = SplitMix64(seed: 1_234_567)
        #expect(chance.next() == 6_457_827_717_110_365_317)
        #expect(chance.next() == 3_203_168_211_198_807_973)
        #expect(chance.next() == 9_817_491_932_198_370_423)
    }

    @Test func streamsAndItemsOfOneSeedDiffer() {
        var first: Set<UInt64> = []
        for item in 0..<100 as Range<UInt64> {
            for stream in [ChanceStream.post, .pin, .title] {
                var chance = SplitMix64(seed: 100, stream: stream, item: item)
                first.insert(chance.next())
            }
        }
        #expect(first.count == 300)
    }

    @Test(arguments: [1, 2, 3, 17, 1_000, PosterDeck.rowCount])
    func permutationReachesEveryRowOnce(count: Int) {
        let permutation = RowPermutation(count: count, seed: 7)
        #expect(Set((0..<count).map { permutation[$0] }) == Set(0..<count))
    }

    @Test func permutationsOfDifferentSeedsDiffer() {
        let first = RowPermutation(count: 1_000, seed: 1)
        let second = RowPermutation(count: 1_000, seed: 2)
        #expect((0..<1_000).count { first[$0] == second[$0] } < 20)
    }
}
