import Testing

@testable import QueryEngine

@Suite struct SQLValueTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"),
        (1_598_586_767_000_000, "2020-08-28T03:52:47Z"),
        (1_598_586_767_120_000, "2020-08-28T03:52:47.12Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        (Int64.max, "infinity"),
    ]) func timestampsAreISO8601InUTC(_ microseconds: Int64, _ text: String) {
        #expect(SQLValue.timestamp(microseconds).text == text)
        #expect(SQLValue.timestamp(microseconds).json == "\"\(text)\"")
    }

    @Test func datesCrossTheEndOfFebruaryOfALeapYear() {
        #expect(SQLValue.date(11_016).text == "2000-02-29")
        #expect(SQLValue.date(11_017).text == "2000-03-01")
        #expect(SQLValue.date(-1).text == "1969-12-31")
    }

    @Test func wholeDoublesHaveNoPoint() {
        #expect(SQLValue.double(59_500).json == "59500")
        #expect(SQLValue.double(1037.5).json == "1037.5")
        #expect(SQLValue.double(-0.25).json == "-0.25")
        #expect(SQLValue.double(1e300).json == "1e+300")
    }

    @Test func whatIsNoNumberInJSONBecomesNull() {
        #expect(SQLValue.double(.nan).json == "null")
        #expect(SQLValue.double(.infinity).json == "null")
    }

    @Test func decimalsKeepTheirScale() {
        #expect(SQLDecimal(unscaled: 12_345, scale: 2).description == "123.45")
        #expect(SQLDecimal(unscaled: -5, scale: 3).description == "-0.005")
        #expect(SQLDecimal(unscaled: 7, scale: 0).description == "7")
    }

    @Test func jsonStringsEscapeQuotesAndControlCharactersOnly() {
        #expect(SQLValue.text("a\"b\\c\n\u{1}é😀").json == #""a\"b\\c\n\u0001é😀""#)
    }

    @Test func nestedValuesAreJSON() {
        let value = SQLValue.structure([
            SQLField(name: "a", value: .list([.integer(1), .null])), SQLField(name: "b", value: .text("x")),
        ])
        #expect(value.text == #"{"a": [1, null], "b": "x"}"#)
    }
}
