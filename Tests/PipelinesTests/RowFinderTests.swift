import Testing

@testable import Pipelines

@Suite struct RowRouterTests {
    private let router = RowRouter(sampleTables)

    @Test func aRowGoesToTheTableThatKnowsMostOfIt() {
        #expect(router.route(["ind", "country", "timestamp"], topicTable: 0) == .table(1))
        #expect(router.route(["index", "title"], topicTable: 1) == .table(0))
    }

    @Test func anAliasStandsForTheKey() {
        #expect(router.route(["index", "country"], topicTable: 0) == .table(1))
        #expect(router.route(["ind", "title", "score"], topicTable: 0) == .table(0))
    }

    @Test func aTieGoesToTheTableOfTheTopic() {
        #expect(router.route(["ind", "title", "country"], topicTable: 0) == .table(0))
        #expect(router.route(["ind", "title", "country"], topicTable: 1) == .table(1))
    }

    @Test func unknownMembersArePassedOver() {
        #expect(router.route(["ind", "title", "new", "newer", "newest"], topicTable: 0) == .table(0))
    }

    @Test func aKeyAloneIsNoRow() {
        #expect(router.route(["ind"], topicTable: 0) == .none)
        #expect(router.route(["ind", "other"], topicTable: 0) == .none)
    }

    @Test func columnsWithoutTheirKeyAreNamedSo() {
        #expect(router.route(["country", "timestamp"], topicTable: 0) == .noKey)
        #expect(router.route(["x", "y"], topicTable: 0) == .none)
    }
}

@Suite struct RowFinderTests {
    /// The rows that are found, as `<table>:<text>`, and the reasons of what is set aside.
    private func find(_ text: String, topicTable: Int = 0) -> (rows: [String], failures: [SetAsideReason]) {
        var finder = RowFinder(RowRouter(sampleTables), arena: TextArena())
        var text = text
        return text.withUTF8 { bytes in
            finder.look(through: UnsafeRawBufferPointer(bytes), topicTable: topicTable)
            return (
                finder.rows.map { "\($0.table):\(String(decoding: $0.bytes, as: UTF8.self))" },
                finder.failures
            )
        }
    }

    private let row = #"{"index":1,"title":"t"}"#

    @Test(arguments: [
        #"ROW"#, #"{"value":ROW}"#, #"[{"value":ROW}]"#, #"{"records":[{"value":ROW}]}"#, #"[ROW]"#,
        #"[ {"value" : ROW } ]"#,
        #"{"topic":"x","key":null,"value":ROW,"partition":0,"offset":3}"#,
        #"{"records":[{"key":null,"value":ROW}]}"#,
    ]) func wrappersAreUndone(_ text: String) {
        #expect(find(text.replacing("ROW", with: row)).rows == ["0:\(row)"])
    }

    @Test func aStringThatHoldsJSONIsUndoneAlsoTwice() {
        let once = quoted(row)
        #expect(find(once).rows == ["0:\(row)"])
        #expect(find(quoted(once)).rows == ["0:\(row)"])
        #expect(find(#"{"records":[{"value":"# + once + "}]}").rows == ["0:\(row)"])
        #expect(find(quoted(#"{"records":[{"value":"# + row + "}]}")).rows == ["0:\(row)"])
    }

    @Test func aLineMayHoldSeveralRowsOfSeveralTables() {
        let other = #"{"ind":2,"country":"c"}"#
        let found = find(#"{"records":[{"value":\#(row)},{"value":\#(other)},{"value":5}]}"#)
        #expect(found.rows == ["0:\(row)", "1:\(other)"])
        #expect(found.failures == [.notAnObject])
    }

    @Test(arguments: [
        ("{\"index\":1", SetAsideReason.notJSON), ("nonsense", .notJSON), ("{\"title\":\"\u{1}\"}", .notJSON),
        ("5", .notAnObject), ("null", .notAnObject), ("\"just text\"", .notAnObject), ("[]", .notAnObject),
        ("{\"a\":1}", .noTable), ("{}", .noTable), ("{\"value\":null}", .notAnObject),
        ("{\"country\":\"x\",\"timestamp\":\"y\"}", .noKey), ("{\"index\":1,\"index\":2}", .repeatedMember),
        (String(repeating: "[", count: 9) + String(repeating: "]", count: 9), .tooDeep),
        (String(repeating: "[", count: 500), .tooDeep),
    ]) func whatHoldsNoRowIsSetAsideWithItsReason(_ text: String, _ reason: SetAsideReason) {
        let found = find(text)
        #expect(found.rows.isEmpty)
        #expect(found.failures == [reason])
    }

    @Test func aColumnsOwnNameWinsOverItsAlias() {
        for text in [#"{"ind":1,"index":2,"title":"t"}"#, #"{"index":2,"ind":1,"title":"t"}"#] {
            let slots = RowSlots(columns: 4)
            defer { slots.deallocate() }
            var text = text
            text.withUTF8 { bytes in
                RowFinder.fill(slots, from: UnsafeRawBufferPointer(bytes), of: sampleTables[0])
                #expect(String(decoding: slots[0].bytes, as: UTF8.self) == "2")
            }
        }
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

@Suite struct KeyIndexTests {
    private func index(_ keys: [Int64]) -> KeyIndex {
        var index = KeyIndex()
        keys.withUnsafeBufferPointer { index.insert($0) }
        return index
    }

    @Test func aKeyThatComesTwiceIsNoticed() {
        #expect(!index([1, 2, -1, Int64.max, Int64.min]).hasRepeats)
        #expect(index([1, 2, -1, 2]).hasRepeats)
    }

    @Test func keysWithoutPartnerAreCounted() {
        let left = index([1, 2, 3, 1_000_000, -5])
        #expect(left.keys(without: index([2, 1_000_000, 7])) == 3)
        #expect(left.keys(without: left) == 0)
        #expect(left.keys(without: index([])) == 5)
    }

    @Test func widelyScatteredKeysGiveUp() {
        #expect(index((0..<10_000).map { $0 << 20 }).isFull)
    }
}
