import Testing

@testable import Pipelines

@Suite struct SlidingSumsTests {
    private static let window = LiveWindow(name: "1m", milliseconds: 60_000, paneMilliseconds: 1_000)

    /// Many keys at random times, some late: at every moment the sums are those of the rows in the window.
    @Test func sumsAreThoseOfARecountWhateverTheOrderOfRows() {
        var sums = SlidingSums(window: Self.window, stride: 2, maxEntries: 1_000_000)
        sums.reserve(50)
        var random = SplitMix(state: 7)
        var rows: [(key: Int, time: Int64)] = []
        var now: Int64 = 10_000_000
        for _ in 0..<3_000 {
            now += Int64(random.next() % 400)
            let time = now - (random.next() % 5 == 0 ? Int64(random.next() % 80_000) : 0)
            let key = Int(random.next() % 50)
            rows.append((key, time))
            _ = sums.add(UInt32(key), at: time, now: now, [1, time % 7])
            sums.advance(to: now, released: { _ in })
            guard random.next() % 50 == 0 else { continue }
            let begin = Self.window.begin(at: now)
            var expected = Array(repeating: Int64(0), count: 100)
            for row in rows where Self.window.pane(of: row.time) >= begin {
                expected[row.key * 2] += 1
                expected[row.key * 2 + 1] += row.time % 7
            }
            #expect(sums.totals == expected)
        }
        #expect(sums.error == 0)
    }

    /// Few places for many keys: sums are off by no more than is told, and the frequent keys are found.
    @Test func beyondItsRoomItTellsHowFarSumsMayBeOff() {
        var sums = SlidingSums(window: Self.window, stride: 1, maxEntries: 2_400)
        sums.reserve(5_000)
        var random = SplitMix(state: 3)
        var counts = Array(repeating: Int64(0), count: 5_000)
        let now: Int64 = 10_000_000
        for index in 0..<60_000 {
            let key = random.next() % 3 == 0 ? Int(random.next() % 5) : Int(random.next() % 5_000)
            let time = now - Int64(index % 50) * 1_000
            counts[key] += 1
            _ = sums.add(UInt32(key), at: time, now: now, [1])
        }
        #expect(sums.error > 0)
        #expect(sums.entries <= 2_400)
        for (key, count) in counts.enumerated() {
            let told = sums.totals[key]
            #expect(told >= count - sums.error && told <= count + sums.error, "\(key): \(told) for \(count)")
        }
        let first = sums.totals.indices.sorted { sums.totals[$0] > sums.totals[$1] }.prefix(5)
        #expect(Set(first) == [0, 1, 2, 3, 4])
        sums.advance(to: now + 120_000, released: { _ in })
        #expect(sums.totals.allSatisfy { $0 == 0 })
        #expect(sums.entries == 0)
    }

    @Test func theGreatestValueIsThatOfTheWindowAndLeavesWithItsPane() {
        var extreme = SlidingExtreme()
        for (pane, value) in [(1, 5), (2, 9), (3, 4), (3, 7), (2, 8), (5, 7)] as [(Int64, Int64)] {
            extreme.add(value, inPane: pane, begin: 0)
        }
        #expect(extreme.value(since: 0) == 9)
        #expect(extreme.value(since: 3) == 7)
        #expect(extreme.value(since: 4) == 7)
        #expect(extreme.value(since: 6) == nil)
    }

    @Test func aHistoryKnowsTheValueAtAnyTimeOfTheLongestWindow() {
        var history = ValueHistory()
        for (time, value) in [(10, 1), (30, 3), (20, 1), (40, 3), (50, 4), (25, 2)] as [(Int64, Int64)] {
            history.add(value, at: time, lookingBackTo: 0)
        }
        #expect([5, 10, 22, 27, 35, 90].map { history.value(at: $0)?.value } == [1, 1, 1, 2, 3, 4])
        #expect(history.newest?.time == 50)
        for time in Int64(100)..<400 { history.add(time, at: time, lookingBackTo: 200) }
        #expect(history.times.count <= ValueHistory.maxChanges)
        #expect(history.newest?.value == 399)
    }

    @Test func quantilesAreWithinASixteenth() {
        var histogram = LogHistogram()
        for value in 0..<10_000 { histogram.add(Int64(value)) }
        for share in [0.01, 0.5, 0.99] {
            let exact = share * 10_000
            let told = Double(histogram.quantile(share) ?? -1)
            #expect(told >= exact - 1 && told <= exact * 1.0625 + 1)
        }
        histogram.add(.max)
        #expect(histogram.quantile(1) == .max)
    }
}
