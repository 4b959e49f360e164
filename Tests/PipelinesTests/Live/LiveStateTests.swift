import Testing

@testable import Pipelines

@Suite struct LiveStateTests {
    private static let questions:
        [(metric: String, columns: [String], parameters: [(name: String, value: String)])] = [
            (
                "popular",
                ["category", "poster", "posts", "followers", "followers_growth", "most", "least", "kinds"],
                [(name: "by", value: "category"), (name: "window", value: "5m")]
            ),
            ("placed", ["country", "poster", "posts"], [(name: "by", value: "country")]),
            ("trending", ["category", "posts", "expected", "score"], []),
            ("rates", ["table", "records", "latency_p99_ms", "lateness_max_ms"], []),
        ]

    private func answers(_ live: LiveFixture) -> [[UInt8]] {
        Self.questions.map { live.metrics.answer($0.metric, $0.parameters).body }
    }

    private func filled() async throws -> LiveFixture {
        let live = try LiveFixture()
        for round in 0..<5 {
            try await live.batch(
                pins: (0..<30).map {
                    (round * 30 + $0, "poster \($0 % 7)", "category \($0 % 3)", round * 10 + $0)
                },
                places: (0..<20).map { (round * 30 + $0, "country \($0 % 4)") })
            live.time.now += 17_000
        }
        return live
    }

    @Test func aRestoredStateAnswersTheSameAndGoesOnTheSame() async throws {
        let live = try await filled()
        let other = try LiveFixture()
        other.time.now = live.time.now
        try other.metrics.restore(live.metrics.state()())
        #expect(answers(other) == answers(live))
        for fixture in [live, other] {
            fixture.time.now += 30_000
            try await fixture.batch(
                pins: [(900, "poster 1", "category 1", 5)], places: [(900, "country 1"), (149, "country 9")])
        }
        #expect(answers(other) == answers(live))
        #expect(try other.rows("placed", ["poster"], ("country", "country 9")) == "poster 1")
        for fixture in [live, other] { fixture.time.now += 240_000 }
        #expect(answers(other) == answers(live))
    }

    @Test func withoutAStateEverythingBeginsAnew() async throws {
        let live = try await filled()
        try live.metrics.restore(nil)
        #expect(try live.rows("popular", ["poster"]) == "")
        try await live.batch(pins: [(1, "a", "art", 1)])
        #expect(try live.rows("popular", ["poster"]) == "a")
    }

    @Test func garbageIsRefusedAndChangesNothing() async throws {
        let live = try await filled()
        let state = live.metrics.state()()
        let before = answers(live)
        #expect(throws: PipelineError.self) { try live.metrics.restore([7, 1, 2, 3]) }
        #expect(throws: PipelineError.self) { try live.metrics.restore([]) }
        #expect(answers(live) == before)
        var random = SplitMix(state: 1)
        for _ in 0..<400 {
            var damaged = state
            switch random.next() % 3 {
            case 0: damaged = Array(damaged.prefix(Int(random.next() % UInt64(damaged.count))))
            case 1:
                damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: random.next())
            default: damaged += [1, 2, 3]
            }
            // What is not found out must still be harmless.
            guard (try? live.metrics.restore(damaged)) != nil else { continue }
            _ = answers(live)
            live.time.now += 1_000
            try await live.batch(pins: [(1, "a", "art", 1)], places: [(1, "x")])
            _ = live.metrics.recommend([])
        }
    }

    @Test func aChangedFileBeginsAnewAndTheOthersGoOn() async throws {
        let live = try await filled()
        let changed = LiveFixture.trending.replacing("FROM pin", with: "FROM pin WHERE category <> 'x'")
        let other = try LiveFixture(
            try LiveFixture.folder([
                ("popular", LiveFixture.popular), ("trending", changed), ("placed", LiveFixture.placed),
            ]))
        other.time.now = live.time.now
        try other.metrics.restore(live.metrics.state()())
        #expect(try other.rows("trending", ["category"]) == "")
        #expect(answers(other)[0] == answers(live)[0])
        #expect(answers(other)[1] == answers(live)[1])
    }
}

/// A generator that a test can repeat.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
