import JSONText
import QueryEngine
import Synchronization
import Testing

@testable import Pipelines

@Suite struct LiveMetricsTests {
    @Test func countsGroupsOverTheWindowInOrderOfTheFirstMeasure() async throws {
        let live = try LiveFixture()
        try await live.batch(pins: [(1, "a", "art", 10), (2, "b", "art", 5), (3, "a", "quotes", 12)])
        try await live.batch(pins: [(4, "a", "art", 13), (5, "c", "art", 1)])
        #expect(
            try live.rows("popular", ["poster", "posts", "followers", "most", "least", "kinds"])
                == "a 3 13 13 10 2 | b 1 5 5 5 1 | c 1 1 1 1 1")
        #expect(
            try live.rows("popular", ["category", "poster", "posts"], ("by", "category"))
                == "art a 2 | art b 1 | art c 1 | quotes a 1")
        #expect(
            try live.rows("popular", ["poster", "posts"], ("category", "art"), ("limit", "2")) == "a 2 | b 1")
        #expect(try live.ask("popular")["records"] == .number("5"))
        #expect(try live.ask("popular")["exact"] == .bool(true))
    }

    @Test func rowsLeaveAWindowPaneByPane() async throws {
        let live = try LiveFixture()
        try await live.batch(pins: [(1, "a", "art", 1)])
        live.time.now += 58_000
        try await live.batch(pins: [(2, "b", "art", 1)])
        #expect(try live.rows("popular", ["poster", "posts"]) == "a 1 | b 1")
        live.time.now += 3_000
        #expect(try live.rows("popular", ["poster", "posts"]) == "b 1")
        #expect(try live.rows("popular", ["poster", "posts"], ("window", "5m")) == "a 1 | b 1")
        live.time.now += 86_400_000 + 600_000
        #expect(try live.rows("popular", ["poster", "posts"], ("window", "1d")) == "")
        #expect(live.metrics.counts.withLock { $0.cubes[0].keys.count } == 0)
        #expect(live.metrics.counts.withLock { $0.cubes[0].rollups[0].count } == 0)
    }

    @Test func lateRowsCountInThePaneOfTheirTimeAndFutureOnesNow() async throws {
        let live = try LiveFixture()
        try await live.batch(pins: [(1, "now", "art", 1)])
        try await live.batch(pins: [(2, "late", "art", 1)], at: live.time.now - 200_000)
        try await live.batch(pins: [(3, "future", "art", 1)], at: live.time.now + 1_000_000)
        try await live.batch(pins: [(4, "ancient", "art", 1)], at: -9_223_372_036_854_775_807)
        #expect(try live.rows("popular", ["poster"]) == "future | now")
        #expect(try live.rows("popular", ["poster"], ("window", "5m")) == "future | late | now")
        live.time.now += 61_000
        #expect(try live.rows("popular", ["poster"]) == "")
    }

    @Test func growthIsTheValueNowAgainstThatAtTheWindowsBegin() async throws {
        let live = try LiveFixture()
        try await live.batch(pins: [(1, "a", "art", 100)])
        live.time.now += 120_000
        try await live.batch(pins: [(2, "a", "art", 150), (3, "b", "art", 7)])
        live.time.now += 10_000
        try await live.batch(pins: [(4, "a", "quotes", 170), (5, "b", "art", 4)])
        let columns = ["poster", "followers", "followers_growth"]
        #expect(try live.rows("popular", columns) == "a 170 70 | b 4 -3")
        #expect(
            try live.rows("popular", columns, ("window", "5m"), ("order", "followers_growth"))
                == "a 170 70 | b 4 -3")
        #expect(try live.rows("popular", columns, ("category", "art")) == "b 4 -3 | a 150 50")
    }

    @Test func aValueThatIsSeenAgainIsTheLastOneOfAllCategories() async throws {
        let live = try LiveFixture()
        try await live.batch(pins: [(1, "a", "art", 5)])
        try await live.batch(pins: [(2, "a", "quotes", 7)])
        live.time.now += 100_000
        try await live.batch(pins: [(3, "a", "art", 5)])
        let columns = ["followers", "followers_growth"]
        #expect(try live.rows("popular", columns) == "5 -2")
        #expect(try live.rows("popular", columns, ("category", "art")) == "5 0")
        #expect(try live.rows("popular", columns, ("category", "quotes"), ("window", "5m")) == "7 0")
    }

    @Test(arguments: [true, false])
    func partnersAreJoinedOnceWhicheverComesFirst(pinFirst: Bool) async throws {
        let live = try LiveFixture()
        let pins: [LiveFixture.Pin] = [
            (1, "a", "art", 1), (2, "a", "art", 1), (3, "b with a longer name", "art", 1),
        ]
        let places = [
            (key: 1, country: "Albania"), (key: 3, country: "The Gambia, for instance"),
            (key: 9, country: "No"),
        ]
        if pinFirst {
            try await live.batch(pins: pins)
            live.time.now += 30_000
            try await live.batch(places: places)
        } else {
            try await live.batch(places: places)
            live.time.now += 30_000
            try await live.batch(pins: pins)
        }
        let expected = "Albania art a 1 | The Gambia, for instance art b with a longer name 1"
        let columns = ["country", "category", "poster", "posts"]
        #expect(try live.rows("placed", columns, ("by", "country,category")) == expected)
        // In one batch with a third: with each other and with what waited.
        try await live.batch(pins: [(2, "c", "art", 1)], places: [(key: 2, country: "Cuba")])
        #expect(
            try live.rows("placed", ["poster", "posts"], ("country", "Cuba")) == "a 1 | c 1")
    }

    @Test func aRowIsForgottenWhenItsTimeIsOver() async throws {
        let live = try LiveFixture()
        try await live.batch(pins: [(1, "a", "art", 1)])
        live.time.now += 61_000
        try await live.batch(places: [(key: 1, country: "Albania")])
        #expect(try live.rows("placed", ["poster"]) == "")
    }

    @Test func aCategoryTrendsWhenItIsPostedMoreThanInItsPast() async throws {
        let live = try LiveFixture()
        for minute in 0..<20 {
            try await live.batch(
                pins: (0..<20).map { (minute * 100 + $0, "a", "quotes", 1) } + [
                    (minute * 100 + 50, "a", "art", 1)
                ])
            live.time.now += 60_000
        }
        try await live.batch(pins: (0..<40).map { (9_000 + $0, "a", "art", 1) } + [(9_999, "a", "new", 1)])
        let rows = try live.ask("trending")["rows"]?.elements ?? []
        #expect(rows.compactMap { $0["category"]?.text } == ["art", "new"])
        let scores = try rows.map { row in
            guard case .number(let text)? = row["score"], let score = Double(text) else {
                throw CancellationError()
            }
            return score
        }
        // 40 where one was usual; one where none was is no sensation.
        #expect((4...5).contains(scores[0]) && (1...1.2).contains(scores[1]))
        let longest = live.metrics.answer("trending", [("window", "1d")])
        #expect(longest.status == .badRequest)
    }

    @Test func ratesTellRowsLatenessAndLatencyByTable() async throws {
        let live = try LiveFixture()
        try await live.batch(
            pins: [(1, "a", "art", 1)], places: [(key: 1, country: "x")], at: live.time.now - 100)
        let rows = try live.rows(
            "rates", ["table", "records", "latency_p50_ms", "lateness_p50_ms", "lateness_max_ms"])
        #expect(rows == "pin 1 100 null null | geo 1 100 5000 5000")
        #expect(try live.rows("rates", ["records"], ("table", "geo")) == "1")
    }

    @Test func aWrongFileIsToldAndKeepsNothingElseFromCounting() async throws {
        let wrong = "-- Wrong.\n-- group: poster\n-- measures: posts sum\nSELECT nothing FROM pin"
        let live = try LiveFixture(
            try LiveFixture.folder([
                ("popular", LiveFixture.popular), ("wrong", wrong), ("placed", LiveFixture.placed),
            ]))
        try await live.batch(pins: [(1, "a", "art", 1)])
        #expect(try live.rows("popular", ["poster"]) == "a")
        #expect(try live.ask("wrong")["failure"]?.text?.contains("live/wrong.sql") == true)
    }

    @Test func refusalsSayWhatThereIs() async throws {
        let live = try LiveFixture()
        #expect(live.metrics.answer("hot", []).status == .notFound)
        #expect(
            try live.ask("hot")["known"]?.elements?.compactMap(\.text) == [
                "placed", "popular", "trending", "rates",
            ])
        #expect(
            try live.ask("popular", ("window", "7m"))["known"]?.elements?.compactMap(\.text)
                == ["1m", "5m", "1h", "1d"])
        #expect(live.metrics.answer("popular", [("by", "country")]).status == .badRequest)
        #expect(live.metrics.answer("popular", [("limit", "0")]).status == .badRequest)
        #expect(live.metrics.answer("popular", [("order", "none")]).status == .badRequest)
    }

    @Test func recommendsTheNarrowestFirstAndTellsWhatWasLeftOut() async throws {
        let live = try LiveFixture()
        try await live.batch(
            pins: [
                (1, "a", "art", 1), (2, "b", "art", 1), (3, "b", "art", 1), (4, "c", "quotes", 1),
                (5, "a", "quotes", 1),
            ],
            places: [(1, "Chad"), (2, "Peru"), (3, "Peru"), (4, "Chad"), (5, "Peru")])
        let answer = try JSONTree(
            live.metrics.recommend([(name: "category", value: "art"), (name: "country", value: "Chad")]).body)
        #expect(LiveFixture.text(answer, ["poster", "posts"]) == "a 1 | b 2 | c 1")
        let first = answer["rows"]?.elements?.first
        #expect(
            first?["why"]?.elements?.compactMap(\.text)
                == [
                    "1 posts with category art, country Chad in the last 1m",
                    "50 % of its posts in that time",
                ])
        #expect(answer["widened"]?.elements?.count == 2)
        #expect(live.metrics.recommend([(name: "age", value: "3")]).status == .badRequest)
    }
}
