import StreamModel
import Testing

@testable import Pipelines

@Suite struct RowSorterTests {
    private static let tables = [
        TableDefinition(
            name: "pin", topics: [TopicPattern("*.pin")], key: "ind", clean: "",
            columns: [
                RawColumn(name: "index", type: .int, aliases: ["ind"], isKey: true),
                RawColumn(name: "title", type: .string), RawColumn(name: "category", type: .string),
            ]),
        TableDefinition(
            name: "geo", topics: [TopicPattern("*.geo")], key: "ind", clean: "",
            columns: [
                RawColumn(name: "ind", type: .int, aliases: ["index"], isKey: true),
                RawColumn(name: "country", type: .string),
            ]),
    ]

    private let sorter = RowSorter(tables)
    private let batch = RecordBatch()

    /// Sorts values that came through the topic of pins, with offsets from 0 on.
    private func sort(_ values: [String], known: Int64 = 0) {
        for (offset, value) in values.enumerated() {
            let bytes = Array(value.utf8)
            bytes.withUnsafeBytes {
                batch.append(
                    RecordView(
                        offset: Offset(Int64(offset)), timestamp: 0, key: nil, value: $0, headers: []), of: 0)
            }
        }
        sorter.sort(batch, topicTable: { _ in 0 }, isKnown: { $1.offset < known })
    }

    private func title(_ row: Int) -> String {
        String(decoding: sorter.fresh[0][row][1].bytes, as: UTF8.self)
    }

    @Test func rowsComeInTheOrderOfTheRecords() {
        sort(["{\"index\":1,\"title\":\"a\"}", "{ \"ind\" : 2, \"title\": \"b\" }"])
        #expect(sorter.fresh[0].records == [0, 1])
        #expect([title(0), title(1)] == ["a", "b"])
    }

    @Test func wrappersAreUndoneAndStraysGoToTheirTable() {
        sort([
            "{\"value\":{\"index\":1,\"title\":\"a\"}}", "\"{\\\"index\\\":2,\\\"title\\\":\\\"b\\\"}\"",
            "[{\"index\":3,\"title\":\"c\"},{\"ind\":4,\"country\":\"Peru\"}]",
        ])
        #expect([title(0), title(1), title(2)] == ["a", "b", "c"])
        #expect(sorter.fresh[1].records == [2])
        #expect(sorter.failures.isEmpty)
    }

    @Test func aContainerAsTextLosesItsBlanks() {
        sort(["{\"index\":1,\"title\":{ \"a\" : [1, 2] }}"])
        #expect(title(0) == "{\"a\":[1,2]}")
    }

    @Test func whatIsNoRowIsSetAsideWithItsReason() {
        sort(["{", "{\"a\":1}", "null", "{\"title\":\"a\",\"category\":\"b\"}", "\"{\""])
        #expect(sorter.failures.map(\.reason) == [.notJSON, .noTable, .notAnObject, .noKey, .notJSON])
        #expect(sorter.failures.map { $0.syntax != nil } == [true, false, false, false, false])
    }

    @Test func rowsThatATableHasAreKeptApart() {
        sort(["{\"index\":1,\"title\":\"a\"}", "{\"index\":2,\"title\":\"b\"}"], known: 1)
        #expect(sorter.known[0].records == [0])
        #expect(sorter.fresh[0].records == [1])
    }

    @Test func manyRowsGrowTheList() {
        sort((0..<2000).map { "{\"index\":\($0),\"title\":\"t\($0)\"}" })
        #expect(sorter.fresh[0].count == 2000)
        #expect(title(1999) == "t1999")
    }
}

@Suite struct StreamRoundsTests {
    private let rounds = StreamRounds(StreamSettings(), now: 0)

    private func isDue(since: Int64?, rows: Int = 0, isFull: Bool = false, isAsked: Bool = false, now: Int64)
        -> Bool
    {
        rounds.isCutDue(waitingSince: since, rows: rows, isFull: isFull, isAsked: isAsked, now: now)
    }

    @Test func commitsByTheClock() {
        #expect(!isDue(since: 10, now: 1009))
        #expect(isDue(since: 10, now: 1010))
    }

    @Test func commitsAtOnceWhenThereIsMuchOrSomebodyWaits() {
        #expect(isDue(since: 10, rows: 200_000, now: 11))
        #expect(isDue(since: 10, isFull: true, now: 11))
        #expect(isDue(since: 10, isAsked: true, now: 11))
    }

    @Test func commitsNothingWhenNothingWasRead() {
        #expect(!isDue(since: nil, isAsked: true, now: 99_999))
    }

    @Test func tendsTablesAfterManyCommitsOrWhenItIsQuiet() {
        #expect(!rounds.isUpkeepDue(commits: 0, now: 99_999))
        #expect(!rounds.isUpkeepDue(commits: 3, now: 1000))
        #expect(rounds.isUpkeepDue(commits: 10, now: 1000))
        #expect(rounds.isUpkeepDue(commits: 3, now: 10_000))
    }
}
