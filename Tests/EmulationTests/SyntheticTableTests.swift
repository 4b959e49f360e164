import Testing

@testable import Emulation

/// Shares and distributions of one whole table, compared with those of the published sample.
@Suite struct SyntheticTableTests {
    private static let table = SyntheticTable(seed: 100, atLeast: 1)
    private static let rows = 0..<table.rowCount
    private static let posters = rows.map { table.poster(ofRow: $0) }

    /// How often each combination occurs in a table of several decks.
    private static let combinations: [DirtyCombination: Int] = {
        let table = SyntheticTable(seed: 100, atLeast: 4 * PosterDeck.rowCount)
        return (0..<table.rowCount).reduce(into: [:]) { $0[table.combination(ofRow: $1), default: 0] += 1 }
    }()

    @Test func sizeIsRoundedUpToWholeDecks() {
        #expect(SyntheticTable(seed: 1, atLeast: 0).rowCount == 11_154)
        #expect(SyntheticTable(seed: 1, atLeast: 11_155).rowCount == 22_308)
    }

    @Test func deckHasAsManyPostsAsRows() {
        let deck = PosterDeck()
        #expect(deck.postCounts.count == PosterDeck.posterCount)
        #expect(deck.postCounts.reduce(0) { $0 + Int($1) } == PosterDeck.rowCount)
        #expect(deck.postCounts.count { $0 == 1 } == 3_869)
    }

    @Test func everyPosterHasAsManyRowsAsItsPostCountSays() {
        var rowsOfPoster: [Int: Int] = [:]
        for poster in Self.posters { rowsOfPoster[poster.number, default: 0] += 1 }
        #expect(rowsOfPoster.count == PosterDeck.posterCount)
        #expect(Self.posters.allSatisfy { rowsOfPoster[$0.number] == $0.postCount })
    }

    @Test(arguments: [(1, 40.0, 0.0, 0.0), (2, 33.3, -30.0, -60.0), (3, 30.0, -45.0, -90.0)])
    func valuesOfAPosterAreTheLeastOfAsManyDraws(
        posts: Int, age: Double, latitude: Double, longitude: Double
    ) {
        let posters = Set(Self.posters.filter { $0.postCount == posts })
        func mean(_ value: (Poster) -> Double) -> Double {
            posters.reduce(0) { $0 + value($1) } / Double(posters.count)
        }
        #expect(abs(mean { Double(Self.table.person($0).age) } - age) < 1.5)
        #expect(abs(mean { Double(Self.table.place($0).latitudeBillionths) / 1e9 } - latitude) < 8)
        #expect(abs(mean { Double(Self.table.place($0).longitudeBillionths) / 1e9 } - longitude) < 16)
    }

    @Test func aThirdOfTheRowsIsInACountryThatBeginsWithA() {
        let rows = Self.posters.count {
            Vocabulary.countries.utf8(at: Self.table.place($0).countryIndex).first == UInt8(ascii: "A")
        }
        #expect((0.28...0.42).contains(Double(rows) / Double(Self.posters.count)))
    }

    @Test func nobodyPostsBeforeJoiningOrOutsideTheFiveYears() {
        for (row, poster) in zip(Self.rows, Self.posters) {
            let joined = Self.table.person(poster).joinedAt
            let posted = Self.table.timestamp(ofRow: row, joinedAt: joined)
            #expect(posted >= joined && (1_508_371_200..<1_666_137_600).contains(posted))
            #expect((1_445_299_200..<1_508_457_600).contains(joined))
        }
    }

    @Test func postsAreSpreadEvenlyOverTheYears() {
        let years = zip(Self.rows, Self.posters).map { row, poster in
            let second = Self.table.timestamp(ofRow: row, joinedAt: Self.table.person(poster).joinedAt)
            return CivilDate(daysSinceEpoch: second / 86_400).year
        }
        for year in 2018...2021 { #expect((2_050...2_400).contains(years.count { $0 == year })) }
        #expect((380...520).contains(years.count { $0 == 2017 }))
    }

    @Test(arguments: [
        (0, PinCategory.art), (893, .art), (894, .beauty), (9_457, .travel), (11_153, .vehicles),
    ])
    func categoriesFollowEachOtherInBlocks(row: Int, category: PinCategory) {
        #expect(Self.table.category(ofRow: row) == category)
    }

    @Test func categoriesKeepTheirSharesInALargerTable() {
        let table = SyntheticTable(seed: 1, atLeast: 111_540)
        #expect(table.category(ofRow: 8_939) == .art)
        #expect(table.category(ofRow: 8_940) == .beauty)
    }

    @Test(
        arguments: [
            (DirtyCombination.image, 3_706), (.story, 217), (.video, 118), (.storyWithoutImageSource, 71),
            (.imageWithoutDescription, 63), (.storyWithNothing, 31), (.imageWithoutTags, 26),
            (.storyWithoutTags, 5), (.videoWithoutDescription, 4), (.videoWithoutTags, 3),
            (.imageWithUntitledDescription, 1),
        ] as [(DirtyCombination, Int)])
    func combinationsHaveTheSharesOfTheSample(combination: DirtyCombination, in4245: Int) {
        let expected = Double(in4245) / 4_245 * Double(Self.combinations.values.reduce(0, +))
        let found = Double(Self.combinations[combination, default: 0])
        #expect(abs(found - expected) < 4 * expected.squareRoot() + 0.02 * expected)
    }

    @Test func storiesAreMostFrequentAmongCraftsAndEvents() {
        func share(of medium: DirtyCombination.Medium, in category: PinCategory) -> Double {
            let rows = Self.rows.filter { Self.table.category(ofRow: $0) == category }
            return Double(rows.count { Self.table.combination(ofRow: $0).medium == medium })
                / Double(rows.count)
        }
        #expect((0.12...0.20).contains(share(of: .story, in: .diyAndCrafts)))
        #expect((0.12...0.20).contains(share(of: .story, in: .eventPlanning)))
        #expect((0.01...0.05).contains(share(of: .story, in: .tattoos)))
        #expect((0.12...0.19).contains(share(of: .video, in: .diyAndCrafts)))
    }

    @Test func followerCountsHaveTheQuantilesOfTheSample() {
        let counts = Self.posters.filter { !$0.isUnknown }
            .map { FollowerCount.value(of: $0, seed: 100) }.sorted()
        func quantile(_ percent: Int) -> Double { Double(counts[counts.count * percent / 100]) }
        for (percent, expected) in [(25, 4_000.0), (50, 33_000), (75, 221_000), (95, 2_000_000)] {
            #expect((0.7...1.3).contains(quantile(percent) / expected), "p\(percent)")
        }
        #expect((0.15...0.20).contains(Double(counts.count { $0 < 1_000 }) / Double(counts.count)))
        #expect(counts.allSatisfy { $0 < 16_000_000 })
    }

    @Test func posterNamesAreUniqueOverManyDecks() {
        var names: Set<[UInt8]> = []
        let numbers = Array(0..<30_000) + Array(PosterName.combinations..<PosterName.combinations + 5_000)
        for number in numbers {
            var text = TextBuffer()
            PosterName.append(of: Poster(number: number, postCount: 1, rank: 1), seed: 100, to: &text)
            names.insert(text.bytes)
        }
        #expect(names.count == numbers.count)
    }
}
