import Testing

@testable import Emulation

@Suite struct RowTextTests {
    private func text(_ body: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        body(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00"), (951_782_399, "2000-02-28 23:59:59"),
        (951_782_400, "2000-02-29 00:00:00"),
        (1_508_371_200, "2017-10-19 00:00:00"), (1_666_137_599, "2022-10-18 23:59:59"),
        (1_582_934_400, "2020-02-29 00:00:00"), (1_445_299_200, "2015-10-20 00:00:00"),
    ])
    func secondsBecomeDateAndTime(seconds: Int, expected: String) {
        #expect(text { $0.appendTimestamp(seconds) } == expected)
    }

    @Test(arguments: [
        (-88_829_800_000, "-88.8298"), (112_276_000_000, "112.276"), (-179_999_999_999, "-180.0"),
        (9_876_543_210, "9.87654"), (123_456_789, "0.123457"), (12_000_000_000, "12.0"), (0, "0.0"),
        (99_999_960_000, "100.0"), (-5_000_000, "-0.005"),
    ])
    func degreesHaveSixSignificantDigits(billionths: Int, expected: String) {
        #expect(text { $0.appendDegrees(billionths: billionths) } == expected)
    }

    @Test func stringsEscapeOnlyWhatJSONAsksFor() {
        let all = text { $0.appendJSONString("a\"b\\c\nd\u{1}é💛/".utf8) }
        #expect(all == #""a\"b\\c\nd\u0001é💛/""#)
    }

    @Test(arguments: [(0, "0"), (7, "7"), (-12, "-12"), (1_234_567, "1234567")])
    func numbersAreDecimal(number: Int, expected: String) {
        #expect(text { $0.appendDecimal(number) } == expected)
    }

    @Test func hexHasLeadingZeros() {
        #expect(text { $0.appendHex(0xAB, digits: 4) } == "00ab")
    }
}
