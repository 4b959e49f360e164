import Testing

@testable import Pipelines

@Suite struct LiveSourceTests {
    private func source(_ text: String) throws(PipelineError) -> LiveSource {
        try LiveSource(stem: "metric", text: text, path: "live/metric.sql", inputs: ["pin", "geo", "posts"])
    }

    private func problem(_ text: String) -> String? {
        #expect(throws: PipelineError.self) { try source(text) }?.message
    }

    @Test func theFirstCommentLinesSayWhatColumnsMean() throws {
        let source = try source(
            "-- Who: the best.\n-- group: a, b\n-- by: c\n-- measures: n sum, m last\n-- growth: m\n-- order: m_growth\n"
                + "SELECT 1 AS posts FROM pin")
        #expect(source.title == "Who: the best." && source.metric == "metric" && source.input == "pin")
        #expect(source.shape.names == ["n", "m", "m_growth"] && source.by == ["c"])
        #expect(source.shape.group == ["a", "b"] && source.shape.order == "m_growth")
    }

    @Test(arguments: [
        (
            "-- T\n-- group: a\n-- measures: n sum\nSELECT 1 FROM pin JOIN geo USING (ind)",
            "reads pin and geo"
        ),
        ("-- T\n-- group: a\n-- measures: n sum\nSELECT 1", "reads no table"),
        ("-- T\n-- measures: n sum\nSELECT 1 FROM pin", "no line '-- group"),
        ("-- T\n-- group: a\n-- measures: n last\nSELECT 1 FROM pin", "first measure"),
        ("-- T\n-- group: a\n-- measures: n total\nSELECT 1 FROM pin", "'n total'"),
        ("-- T\n-- group: a\n-- mesures: n sum\nSELECT 1 FROM pin", "'mesures' is none of"),
        ("-- T\n-- group: a\n-- by: b, c, d, e\n-- measures: n sum\nSELECT 1 FROM pin", "more than 3"),
        ("-- T\n-- group: n\n-- measures: n sum\nSELECT 1 FROM pin", "occurs twice"),
        ("-- T\n-- group: a\n-- measures: n sum\n-- growth: n\nSELECT 1 FROM pin", "growth"),
        ("-- T\n-- group: a\n-- measures: n sum\n-- order: x\nSELECT 1 FROM pin", "order"),
        ("-- T\n-- metric: rates\n-- group: a\n-- measures: n sum\nSELECT 1 FROM pin", "rates"),
    ])
    func whatIsWrongIsSaid(text: String, part: String) {
        #expect(problem(text)?.contains(part) == true)
        #expect(problem(text)?.hasPrefix("live/metric.sql: ") == true)
    }

    @Test func filesOfOneMetricMustFitTogether() throws {
        let first = try source("-- T\n-- group: a\n-- measures: n sum\nSELECT 1 FROM pin")
        let second = try source("-- T\n-- group: b\n-- measures: n sum\nSELECT 1 FROM geo")
        #expect(throws: PipelineError.self) { try LiveSource.check([first, second]) }
    }

    private static let yaml =
        PipelineYAMLTests.text + """

            live:
              windows: {5m: 5s, 1m: 1s}
              window: 5m
              event_time: {geo: latitude}
              joins:
                posts: {tables: {pin: [title], geo: [latitude]}, for: 30s, rows: 5}
              recommend: {metric: m, by: [a], weights: {posts: 1, followers: 0.5}}
            """

    @Test func liveInThePipelineIsRead() throws {
        let live = try #require(try PipelineDefinition(yaml: Self.yaml, path: "p.yaml").live)
        #expect(live.windows.map(\.name) == ["1m", "5m"] && live.defaultWindow == 1)
        #expect(live.joins[0].columns == ["ind", "title", "latitude", "arrived_at"])
        #expect(live.joins[0].keepMilliseconds == 30_000 && live.joins[0].maxRows == 5)
        #expect(live.recommendation?.weights.map(\.factor) == [1, 0.5])
    }

    @Test(arguments: [
        ("5m: 5s", "5m: 7s", "multiple"), ("1m: 1s", "soon: 1s", "no window"),
        ("window: 5m", "window: 2m", "no window 2m"), ("geo: latitude}", "ego: latitude}", "no table ego"),
        ("geo: [latitude]", "geo: [title]", "twice"), ("for: 30s", "for: ever", "no time"),
        ("rows: 5", "rows: 0", "rows must be"), ("posts: 1", "posts: -1", "weight"),
        ("joins:", "join:", "live has no setting join"),
        ("geo: [latitude]}", "ego: [latitude]}", "no table ego"),
    ])
    func aWrongSettingIsAnErrorWithItsLine(old: String, new: String, part: String) {
        let error = #expect(throws: PipelineError.self) {
            try PipelineDefinition(yaml: Self.yaml.replacing(old, with: new), path: "p.yaml")
        }
        #expect(error?.message.contains(part) == true && error?.message.hasPrefix("p.yaml:") == true)
    }

    @Test func thePipelineOfThisRepositoryLoads() throws {
        let folder = try PipelineFolder.load(
            String(#filePath.prefix(upTo: try #require(#filePath.firstRange(of: "/Tests/")).lowerBound))
                + "/Pipelines/pinterest")
        #expect(folder.liveSources.map(\.stem) == ["countries", "popular", "popular-by-country", "trending"])
        _ = try LiveMetrics(folder)
    }
}
