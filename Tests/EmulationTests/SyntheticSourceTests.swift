import Testing

@testable import Emulation

@Suite struct SyntheticSourceTests {
    private func post(_ number: Int, of source: SyntheticSource) -> [UInt8] {
        var bytes: [UInt8] = []
        for table in EmulatedTable.allCases { _ = source.append(table, ofPost: number, to: &bytes) }
        return bytes
    }

    /// FNV-1a of 64 bits.
    private func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return hash
        }
    }

    @Test func firstThousandPostsOfASeedNeverChange() {
        let source = SyntheticSource(seed: 100, posts: 1_000)
        var all: [UInt8] = []
        for number in 0..<1_000 { all += post(number, of: source) }
        #expect(hash(all) == 17_545_159_584_843_946_100)
    }

    @Test func postsDoNotDependOnTheOrderInWhichTheyAreTaken() {
        let source = SyntheticSource(seed: 5, posts: 100)
        let again = SyntheticSource(seed: 5, posts: 100)
        let forwards = (0..<50).map { post($0, of: source) }
        let backwards = (0..<50).reversed().map { post($0, of: again) }
        #expect(forwards == backwards.reversed())
    }

    @Test func otherSeedsGiveOtherPosts() {
        #expect(
            post(0, of: SyntheticSource(seed: 1, posts: 10))
                != post(0, of: SyntheticSource(seed: 2, posts: 10)))
    }

    @Test func someOfAThousandPostsComeTwice() {
        let source = SyntheticSource(seed: 100, posts: 1_000)
        #expect((930...980).contains(Set((0..<1_000).map { source.row(ofPost: $0) }).count))
    }

    @Test func endlessSourceHasALargeTable() {
        #expect(SyntheticSource(seed: 1, posts: nil).table.rowCount == SyntheticSource.endlessRowCount)
        #expect(SyntheticSource(seed: 1, posts: 0).table.rowCount == SyntheticSource.endlessRowCount)
        #expect(SyntheticSource(seed: 1, posts: 5).table.rowCount == PosterDeck.rowCount)
    }
}
