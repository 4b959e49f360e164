import Testing

@testable import Sinks

@Suite struct PathFormatTests {
    private func path(_ pattern: String, _ time: Int64, zone: String = "UTC") throws -> String {
        let format = try PathFormat(pattern, locale: "en_US", timezone: zone)
        var offsets = try #require(ZoneOffsets(identifier: zone))
        return format.path(of: time, offset: offsets.offset(at: time))
    }

    /// 2024-12-30, a Monday that belongs to the first week of 2025.
    private static let monday: Int64 = 1_735_567_445_678

    @Test(arguments: [
        ("'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH", "year=2024/month=12/day=30/hour=14"),
        ("yy-M-d", "24-12-30"), ("xxxx-'W'ww-e", "2025-W01-1"), ("DDD", "365"),
        ("HH:mm:ss.SSS", "14:04:05.678"),
        ("EEE EEEE MMM MMMM", "Mon Monday Dec December"), ("h a K k", "2 PM 2 14"), ("Z ZZ", "+0000 +00:00"),
        ("'it''s' ''yy''", "it's '24'"), ("SSSSS S", "67800 6"),
    ])
    func formatsAsJodaDoes(pattern: String, expected: String) throws {
        #expect(try path(pattern, Self.monday) == expected)
    }

    @Test func lettersThatMeanNothingAreRefused() {
        #expect(PathFormat.complaint("'year'=YYYY/b") == "Illegal pattern component: b")
        #expect(PathFormat.complaint("'b'=YYYY") == nil)
    }

    @Test func timesBefore1970AreDatesToo() throws {
        #expect(try path("YYYY-MM-dd HH:mm:ss.SSS", -1) == "1969-12-31 23:59:59.999")
    }

    @Test(arguments: [
        (1_711_846_799_999, "01:59 +01:00"), (1_711_846_800_000, "03:00 +02:00"),
        (1_729_987_200_000 + 3_600_000, "02:00 +01:00"),
    ])
    func daylightSavingIsFollowed(time: Int64, expected: String) throws {
        #expect(try path("HH:mm ZZ", time, zone: "Europe/Berlin") == expected)
    }
}

@Suite struct ZoneOffsetsTests {
    @Test(arguments: ["UTC", "Europe/London", "America/Sao_Paulo", "+05:30", "-08:00"])
    func zonesAreKnown(_ name: String) {
        #expect(ZoneOffsets(identifier: name) != nil)
    }

    @Test func zonesThatAreNoneAreNot() {
        #expect(ZoneOffsets(identifier: "Mars/Olympus") == nil)
        #expect(ZoneOffsets(identifier: "+5") == nil)
    }

    /// 2018-11-04: clocks go from 00:00 to 01:00.
    @Test func aDayWithoutMidnightBeginsAnHourLater() throws {
        var zone = try #require(ZoneOffsets(identifier: "America/Sao_Paulo"))
        #expect(zone.startOfDay(1_541_340_000_000) == 1_541_300_400_000)
    }

    @Test func aScheduleEndsAtMidnight() throws {
        var zone = try #require(ZoneOffsets(identifier: "UTC"))
        let sevenHours: Int64 = 7 * 3_600_000
        #expect(zone.nextScheduled(after: 0, every: sevenHours) == sevenHours)
        #expect(zone.nextScheduled(after: sevenHours, every: sevenHours) == 2 * sevenHours)
        #expect(zone.nextScheduled(after: 3 * sevenHours, every: sevenHours) == 86_400_000)
        #expect(zone.nextScheduled(after: 86_400_000, every: sevenHours) == 86_400_000 + sevenHours)
        #expect(zone.nextScheduled(after: 5, every: .max) == 86_400_000)
    }

    /// 2024-03-31 has 23 hours in Berlin.
    @Test func aScheduleOfADayThatIsShortEndsAtItsMidnight() throws {
        var zone = try #require(ZoneOffsets(identifier: "Europe/Berlin"))
        let start: Int64 = 1_711_839_600_000
        #expect(zone.nextScheduled(after: start, every: 86_400_000) == start + 23 * 3_600_000)
    }
}

@Suite struct ISOTimeTests {
    @Test(
        arguments: [
            ("2024-05-01", 1_714_521_600_000), ("2024-05-01T10:20:30Z", 1_714_558_830_000),
            ("2024-05-01T10:20:30.5+02:00", 1_714_551_630_500), ("2024-122", 1_714_521_600_000),
            ("2024-W18-3", 1_714_521_600_000), ("2024-05-01T10", 1_714_557_600_000), ("1970", 0),
            ("2024-05-01T10:20:30.123456789Z", 1_714_558_830_123), ("1969-12-31T23:59:59.999Z", -1),
        ] as [(String, Int64)])
    func readsWhatJodaReads(text: String, expected: Int64) {
        #expect(ISOTime.milliseconds(text.utf8) == expected)
    }

    @Test(arguments: [
        "", "yesterday", "2024-13-01", "2024-02-30", "2024-05-01 10:20:30", "2024-05-01T25",
        "2024-05-01T10:20:30+2",
    ])
    func refusesTheRest(text: String) {
        #expect(ISOTime.milliseconds(text.utf8) == nil)
    }

    @Test(arguments: [("0", 0), ("-5", -5), ("1714521600000", 1_714_521_600_000)] as [(String, Int64)])
    func digitsAreMilliseconds(text: String, expected: Int64) {
        #expect(TimestampExtractor.time(ofText: text) == expected)
    }
}
