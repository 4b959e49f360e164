import StreamModel
import Testing

@testable import Dashboard

@Suite struct PrometheusTextTests {
    private func sample(_ name: String, _ value: Double, _ labels: [(name: String, value: String)] = [])
        -> MetricSample
    {
        MetricSample(name, .gauge, help: "Help of \(name).", labels: labels, value: value)
    }

    @Test func nothingToTellIsAnEmptyText() {
        #expect(PrometheusText.render([]) == "")
    }

    @Test func eachNameIsExplainedOnceWithItsSamplesBehind() {
        let text = PrometheusText.render([
            sample("b", 2, [(name: "topic", value: "y")]),
            MetricSample("a_total", .counter, help: "Help of a.", value: 1),
            sample("b", 3, [(name: "topic", value: "x"), (name: "partition", value: "0")]),
        ])
        #expect(
            text == """
                # HELP a_total Help of a.
                # TYPE a_total counter
                a_total 1
                # HELP b Help of b.
                # TYPE b gauge
                b{topic="y"} 2
                b{topic="x",partition="0"} 3

                """)
    }

    @Test(arguments: [
        ("plain.topic-1", "plain.topic-1"), (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#),
        ("a\r\nb", "a\r\\nb"), ("\"\u{301}", "\\\"\u{301}"), ("é😀", "é😀"), ("", ""),
    ])
    func labelsAreEscaped(value: String, escaped: String) {
        let text = PrometheusText.render([sample("m", 0, [(name: "l", value: value)])])
        #expect(text.hasSuffix("m{l=\"\(escaped)\"} 0\n"))
    }

    @Test(
        arguments: [
            (0, "0"), (-1, "-1"), (0.5, "0.5"), (1e15, "1000000000000000"),
            (9.007199254740992e15, "9007199254740992"),
            (1e300, "1e+300"), (-0.25, "-0.25"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func numbersAreWrittenAsPrometheusReadsThem(value: Double, text: String) {
        #expect(PrometheusText.render([sample("m", value)]).hasSuffix("\nm \(text)\n"))
    }
}

@Suite struct PartsBoardTests {
    private struct Part: StatusSource, MetricSource {
        var name: String
        var isReady: Bool

        func status() -> PartStatus { PartStatus(part: name, isReady: isReady, detail: "as it is") }

        func samples() -> [MetricSample] { [MetricSample("of_\(name)", .gauge, help: "x", value: 1)] }
    }

    @Test func theServerIsNotReadyBeforeEveryPartIsThere() {
        let board = PartsBoard()
        board.add(Part(name: "log", isReady: true))
        #expect(board.statuses().map(\.isReady) == [false, true])
        board.complete()
        #expect(board.statuses().map(\.isReady) == [true, true])
    }

    @Test func eachPartIsMeasuredAndItsReadinessTold() {
        let board = PartsBoard()
        board.add(Part(name: "log", isReady: true))
        board.add(Part(name: "sink", isReady: false))
        board.complete()
        let samples = board.samples()
        #expect(samples.prefix(2).map(\.name) == ["of_log", "of_sink"])
        let ready = samples.filter { $0.name == "pinline_part_ready" }
        #expect(ready.map { $0.labels.first?.value } == ["server", "log", "sink"])
        #expect(ready.map(\.value) == [1, 1, 0])
    }
}
