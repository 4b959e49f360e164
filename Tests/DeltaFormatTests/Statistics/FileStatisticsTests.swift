import QueryEngine
import Testing

@testable import DeltaFormat

@Suite struct FileStatisticsTests {
    @Test func shortTextsAreKeptAndLongOnesRounded() {
        let long = String(repeating: "é", count: 40)
        #expect(StatisticsValue("abc", .string, isGreatest: true) == .text("abc"))
        #expect(StatisticsValue.lowerBound(long) == String(repeating: "é", count: 32))
        #expect(StatisticsValue.upperBound(long) == String(repeating: "é", count: 31) + "ê")
    }

    @Test func aBoundThatCannotGrowIsCutFurther() {
        let end = String(repeating: "\u{10FFFF}", count: 40)
        #expect(StatisticsValue.upperBound(end) == nil)
        #expect(StatisticsValue.upperBound("a" + end) == "b")
        #expect(
            StatisticsValue.upperBound(String(repeating: "\u{D7FF}", count: 33))?.unicodeScalars.last
                == "\u{E000}")
    }

    @Test func momentsAreRoundedOutwards() {
        let text = "2020-01-01 00:49:59.999001+00"
        #expect(StatisticsValue(text, .timestamp, isGreatest: false) == .text("2020-01-01T00:49:59.999Z"))
        #expect(StatisticsValue(text, .timestamp, isGreatest: true) == .text("2020-01-01T00:50:00.000Z"))
        #expect(
            StatisticsValue("1969-12-31 23:59:59.5", .timestampWithoutZone, isGreatest: true)
                == .text("1969-12-31T23:59:59.500"))
        #expect(TimestampText.milliseconds("1970-01-01 00:00:01+00", roundedUp: true) == 1000)
        #expect(TimestampText.milliseconds("1900-02-28 12:00:00+00", roundedUp: false) == -2_203_848_000_000)
    }

    @Test(arguments: [
        "infinity", "290309-12-22 (BC) 00:00:00+00", "", "2020-01-01", "20x0-01-01 00:00:00+00",
    ])
    func momentsThatReadersMayNotKnowAreLeftOut(_ text: String) {
        #expect(StatisticsValue(text, .timestamp, isGreatest: false) == nil)
    }

    @Test func numbersThatJSONCannotTellAreLeftOut() {
        for text in ["nan", "inf", "-inf", ""] {
            #expect(StatisticsValue(text, .double, isGreatest: false) == nil)
        }
        #expect(StatisticsValue("-1.5e+300", .double, isGreatest: false) == .number("-1.5e+300"))
        #expect(
            StatisticsValue("61.25", .decimal(precision: 4, scale: 2), isGreatest: true) == .number("61.25"))
        #expect(StatisticsValue("1", .boolean, isGreatest: true) == nil)
        #expect(StatisticsValue("61", .binary, isGreatest: true) == nil)
    }

    @Test func statisticsAreNestedAsTheColumns() {
        var statistics = FileStatistics(rows: 2, .null)
        statistics.columns = [
            ["a"]: ["min": "1", "max": "2", "null_count": "0"], ["s", "x"]: ["min": "q", "null_count": "1"],
        ]
        let fields = [
            DeltaField("a", .long), DeltaField("b", .long),
            DeltaField("s", .structure([DeltaField("x", .string)])),
        ]
        #expect(
            statistics.json(of: fields)
                == #"{"numRecords":2,"minValues":{"a":1,"s":{"x":"q"}},"maxValues":{"a":2,"s":{}},"#
                + #""nullCount":{"a":0,"s":{"x":1}}}"#)
    }

    @Test func pathsOfColumnsAreTakenApart() {
        #expect(FileStatistics.path(#""a"."b.c"."d""e""#) == ["a", "b.c", "d\"e"])
    }
}
