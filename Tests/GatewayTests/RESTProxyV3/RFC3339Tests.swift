import NIOCore
import Testing

@testable import Gateway

@Suite struct RFC3339Tests {
    private func read(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBytes { RFC3339.milliseconds($0) }
    }

    private func write(_ milliseconds: Int64) -> String {
        var buffer = ByteBuffer()
        RFC3339.write(milliseconds, to: &buffer)
        return String(buffer: buffer)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2021-02-05T19:14:42Z", 1_612_552_482_000),
            ("2021-02-05t19:14:42.5z", 1_612_552_482_500), ("2021-02-05 19:14:42.1239Z", 1_612_552_482_123),
            ("2021-02-05T20:44:42+01:30", 1_612_552_482_000),
            ("2021-02-05T18:14:42-01:00", 1_612_552_482_000),
            ("1969-12-31T23:59:59.999Z", -1), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("2000-02-29T12:00:00Z", 951_825_600_000),
        ] as [(String, Int64)])
    func timesAreRead(text: String, milliseconds: Int64) {
        #expect(read(text) == milliseconds)
    }

    @Test(arguments: [
        "", "2021", "2021-02-05", "2021-02-05T19:14Z", "2021-02-05T19:14:42", "2021-13-01T00:00:00Z",
        "2021-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2021-04-31T00:00:00Z", "2021-02-05T24:00:00Z",
        "2021-02-05T19:60:42Z", "2021-02-05T19:14:60Z", "2021-02-05T19:14:42.Z",
        "2021-02-05T19:14:42.1234567890Z", "2021-02-05T19:14:42+1:00", "2021-02-05T19:14:42ZZ",
        "+2021-02-05T19:14:42Z", "２０２１-02-05T19:14:42Z",
    ])
    func whatIsNoTimeIsNotRead(text: String) {
        #expect(read(text) == nil)
    }

    @Test func everyDayOfFourCenturiesIsWrittenAndReadBack() {
        // The calendar repeats after 146097 days; an odd number of milliseconds goes through all times of the day.
        for day: Int64 in -73_000...73_200 {
            let time = day * 86_400_000 + (day &* 7919) % 43_200_000
            #expect(read(write(time)) == time)
        }
    }

    @Test func millisecondsAreWrittenOnlyIfThereAreAny() {
        #expect(write(0) == "1970-01-01T00:00:00Z")
        #expect(write(7) == "1970-01-01T00:00:00.007Z")
        #expect(write(-62_167_219_200_000) == "0000-01-01T00:00:00Z")
    }
}
