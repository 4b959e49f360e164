import QueryEngine
import Testing

@testable import Pipelines

@Suite struct PipelineYAMLTests {
    static let text = """
        name: sample
        parameters:
          first: 2018
          ratio: 0.5
          word: "2018"
        tables:
          pin:
            topics: ["*.pin"]
            streams: ["streaming-*-pin"]
            key: ind
            clean: clean/pin.sql
            columns:
              index: {type: int, aliases: [ind], key: true}
              title: {type: string, sentinels: ["None at all"]}
          geo:
            topics: ["*.geo"]
            key: ind
            clean: clean/geo.sql
            columns:
              ind: {type: int, key: true}
              latitude: {type: double}
        """

    private func error(_ text: String) -> PipelineError? {
        #expect(throws: PipelineError.self) { try PipelineDefinition(yaml: text, path: "pipeline.yaml") }
    }

    @Test func tablesColumnsAndParametersAreReadInOrder() throws {
        let pipeline = try PipelineDefinition(yaml: Self.text, path: "pipeline.yaml")
        #expect(pipeline.tables.map(\.name) == ["pin", "geo"])
        #expect(
            pipeline.parameters == ["first": .integer(2018), "ratio": .double(0.5), "word": .text("2018")])
        #expect(
            pipeline.tables[0].columns == [
                RawColumn(name: "index", type: .int, aliases: ["ind"], isKey: true),
                RawColumn(name: "title", type: .string, sentinels: ["None at all"]),
            ])
        #expect(pipeline.tableIndex(ofTopic: "me.geo") == 1)
        #expect(pipeline.tableIndex(ofTopic: "me.other") == nil)
    }

    @Test func anUnknownKeyIsAnErrorWithItsLine() {
        let wrong = Self.text.replacing(
            "key: ind\n    clean: clean/geo", with: "keys: ind\n    clean: clean/geo")
        #expect(error(wrong)?.message.hasPrefix("pipeline.yaml:17: table geo has no setting keys") == true)
    }

    @Test func anUnknownTypeIsAnErrorThatNamesTheTypes() {
        let message = error(Self.text.replacing("type: double", with: "type: float"))?.message
        #expect(message?.contains("float is no type; there are int, double, string") == true)
    }

    @Test func aTableNeedsExactlyOneKeyColumn() {
        #expect(error(Self.text.replacing("ind: {type: int, key: true}", with: "ind: {type: int}")) != nil)
    }

    @Test func aNameMayStandForOneColumnOnly() {
        #expect(error(Self.text.replacing("title:", with: "ind:"))?.message.contains("occurs twice") == true)
    }

    @Test func textThatIsNoYAMLIsAnError() {
        #expect(error("tables: [")?.code == .invalidFile)
        #expect(error("")?.code == .invalidFile)
    }

    @Test func aKeyOfDoublesIsRefused() {
        let wrong = Self.text.replacing("ind: {type: int, key: true}", with: "ind: {type: double, key: true}")
        #expect(error(wrong)?.message.contains("key") == true)
    }
}
