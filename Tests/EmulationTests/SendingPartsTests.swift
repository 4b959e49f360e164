import Testing

@testable import Emulation

@Suite struct PacingTests {
    @Test func withoutARateEveryPostIsDueAtOnce() {
        #expect(Pacing(rate: nil).dueTime(ofPost: 1_000) == .zero)
    }

    @Test(arguments: [(0, 0.0), (1, 0.02), (50, 1.0), (3_000, 60.0)])
    func postsAreDueAtEvenDistances(post: Int, seconds: Double) {
        #expect(abs(Pacing(rate: 50).dueTime(ofPost: post) / .seconds(1) - seconds) < 1e-9)
    }
}

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(maxRetries: 10, firstDelay: .milliseconds(100), maxDelay: .seconds(5))

    @Test func delayDoublesUpToItsLimitAndLosesAtMostHalf() {
        var chance = SplitMix64(seed: 1)
        for (retries, full) in [(0, 100), (1, 200), (2, 400), (5, 3_200), (6, 5_000), (9, 5_000)] {
            let delay = policy.delay(after: .noAnswer, retriesSoFar: retries, chance: &chance)
            #expect(delay.map { $0 >= .milliseconds(full / 2) && $0 <= .milliseconds(full) } == true)
        }
    }

    @Test func requestIsGivenUpAfterTheLastRetry() {
        var chance = SplitMix64(seed: 1)
        #expect(policy.delay(after: .noAnswer, retriesSoFar: 10, chance: &chance) == nil)
        #expect(policy.delay(after: .busy(retryAfter: "1"), retriesSoFar: 10, chance: &chance) == nil)
    }

    @Test(arguments: [("0", 0), ("3", 3), ("60", 60), ("100000", 60)])
    func retryAfterIsHonouredUpToItsLimit(text: String, seconds: Int) {
        var chance = SplitMix64(seed: 1)
        #expect(
            policy.delay(after: .busy(retryAfter: text), retriesSoFar: 0, chance: &chance)
                == .seconds(seconds))
    }

    @Test(arguments: ["-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])
    func retryAfterThatIsNoNumberOfSecondsIsIgnored(text: String) {
        var chance = SplitMix64(seed: 1)
        let delay = policy.delay(after: .busy(retryAfter: text), retriesSoFar: 0, chance: &chance)
        #expect(delay.map { $0 <= .milliseconds(100) } == true)
    }
}

@Suite struct PostingVerdictTests {
    private func judge(
        _ status: Int, _ body: String, of interface: PostingInterface = .kafka, records: Int = 1
    ) -> PostingVerdict {
        PostingVerdict(
            PostedAnswer(status: status, body: Array(body.utf8)), of: interface, records: records)
    }

    @Test func recordsWithoutErrorAreAcknowledged() {
        let answer = judge(
            200,
            #"{"offsets":[{"partition":0,"offset":1,"error_code":null,"error":null},"#
                + #"{"partition":0,"offset":2,"error_code":null,"error":null}],"key_schema_id":null}"#,
            records: 2)
        #expect(answer.acknowledged == 2)
        #expect(answer.complaint == nil)
    }

    @Test func recordsWithAnErrorAreNot() {
        let answer = judge(
            200,
            #"{"offsets":[{"partition":0,"offset":1,"error_code":null,"error":null},"#
                + #"{"partition":null,"offset":null,"error_code":50003,"error":"later"}]}"#,
            records: 2)
        #expect(answer.acknowledged == 1)
        #expect(answer.complaint == "200 with a record refused: error_code 50003: later")
    }

    @Test func offsetWithoutAnErrorCodeIsNoAcknowledgement() {
        #expect(judge(200, #"{"offsets":[{"partition":0,"offset":1}]}"#).acknowledged == 0)
    }

    @Test(arguments: [
        "", "{}", "ok", #"{"offsets":[]}"#, #"{"offsets":{"a":1}}"#, #"{"offsets":[1]}"#, #"{"offsets":["#,
    ])
    func otherBodiesOf200AcknowledgeNothing(body: String) {
        let answer = judge(200, body)
        #expect(answer.acknowledged == 0)
        #expect(answer.complaint != nil)
    }

    @Test func refusalIsToldWithStatusCodeAndMessage() {
        let answer = judge(404, #"{"error_code":40401,"message":"Topic not found."}"#)
        #expect(answer.acknowledged == 0)
        #expect(answer.complaint == "404, error_code 40401: Topic not found.")
        #expect(judge(502, "<html>").complaint == "502 without an error_code")
    }

    @Test(arguments: [
        (#"{"SequenceNumber":"49","ShardId":"shardId-000000000000"}"#, 1),
        (#"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"49","ShardId":"s"}]}"#, 1),
        (#"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1"},{"SequenceNumber":"2"}]}"#, 2),
    ])
    func recordsWithASequenceNumberAreAcknowledged(body: String, records: Int) {
        let answer = judge(200, body, of: .kinesis, records: records)
        #expect(answer == PostingVerdict(acknowledged: records))
    }

    @Test func recordsOfAStreamWithAnErrorAreNot() {
        let answer = judge(
            200,
            #"{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s"},"#
                + #"{"ErrorCode":"InternalFailure","ErrorMessage":"later"}]}"#,
            of: .kinesis, records: 2)
        #expect(answer.acknowledged == 1)
        #expect(answer.complaint == "200 with a record refused: InternalFailure: later")
    }

    @Test(arguments: [
        (400, #"{"__type":"ValidationException","message":"no"}"#, "400: ValidationException: no"),
        (403, #"{"message":"Missing Authentication Token"}"#, "403: Missing Authentication Token"),
        (
            200, #"{"__type":"ResourceNotFoundException","message":"no"}"#,
            "200: ResourceNotFoundException: no"
        ),
        (200, "{}", "200 without a sequence number"), (200, "", "200 without a sequence number"),
        (200, #"{"SequenceNumber":""}"#, "200 without a sequence number"),
        (200, #"{"Records":[]}"#, "200 with 0 answers for 1 records"), (502, "<html>", "502"),
    ])
    func otherAnswersOfAStreamAcknowledgeNothing(status: Int, body: String, complaint: String) {
        #expect(
            judge(status, body, of: .kinesis) == PostingVerdict(acknowledged: 0, complaint: complaint))
    }
}

@Suite struct LatencyHistogramTests {
    @Test func withoutAnswersThereAreNoQuantiles() {
        #expect(LatencyHistogram().quantile(0.5) == nil)
    }

    @Test func quantilesAreAtMostASixteenthTooHigh() {
        var histogram = LatencyHistogram()
        for microseconds in 1...10_000 { histogram.record(.microseconds(microseconds)) }
        for (share, exact) in [(0.5, 5_000.0), (0.99, 9_900), (1, 10_000), (0.0001, 1)] {
            let found = (histogram.quantile(share) ?? .zero) / .microseconds(1)
            #expect(found >= exact && found <= exact * 17 / 16 + 1)
        }
    }

    @Test func extremesAreCountedNotLost() {
        var histogram = LatencyHistogram()
        histogram.record(.zero)
        histogram.record(.seconds(-1))
        histogram.record(.seconds(100_000_000))
        #expect(histogram.count == 3)
        #expect(histogram.quantile(0.1) == .zero)
    }
}

@Suite struct EmulationReportTests {
    private let settings = EmulationSettings(id: "id", interfaces: [.kafka, .kinesis], posts: nil)

    private func report(posts: Int?) -> EmulationReport {
        var tally = EmulationTally()
        let places = settings.destinations(of: .geo)
        tally.settle(PostingVerdict(acknowledged: 2), records: 2, to: settings.destinations(of: .pin)[0])
        tally.settle(PostingVerdict(acknowledged: 1, complaint: "c"), records: 2, to: places[0])
        tally.settle(PostingVerdict(acknowledged: 1, complaint: "c"), records: 2, to: places[1])
        tally.settleUnanswered("gone", records: 1, to: settings.destinations(of: .user)[0])
        tally.requestWasRepeated()
        tally.requestTook(.milliseconds(2))
        tally.postsAreDone(3)
        return EmulationReport(tally: tally, elapsed: .milliseconds(1_250), posts: posts)
    }

    @Test func textNamesEveryCountAndTheLatency() {
        #expect(
            report(posts: 4).text == """
                5 records/s, 1 requests sent again, answers after p50 2.0 ms, p99 2.0 ms
                sent 7, acknowledged 4, failed 3, seconds 1.25
                """)
    }

    @Test func jsonHasAcknowledgedRecordsByTopicAndStream() {
        #expect(
            report(posts: 4).json(EmulatedTable.allCases.flatMap(settings.destinations))
                == #"{"sent":7,"acknowledged":4,"failed":3,"retried":1,"seconds":1.250,"#
                + #""topics":{"id.pin":2,"id.geo":1,"id.user":0},"#
                + #""streams":{"streaming-id-pin":0,"streaming-id-geo":1,"streaming-id-user":0}}"#
        )
    }

    @Test func sameComplaintIsKeptOnce() {
        #expect(report(posts: nil).tally.complaints == ["geo: c", "user: gone"])
    }

    @Test func barShowsTheShareOfPosts() {
        #expect(
            report(posts: 4).progressBar(width: 4)
                == "[###-] 75 %  3 of 4 posts, 5 records/s, 1 sent again, 3 failed")
        #expect(report(posts: nil).progressBar() == "3 posts, 5 records/s, 1 sent again, 3 failed")
    }

    @Test(arguments: [
        (1.005, 1, "1.0"), (0.999, 2, "1.00"), (12.0, 0, "12"), (0.05, 1, "0.1"), (-0.26, 1, "-0.3"),
    ])
    func decimalsAreRounded(value: Double, places: Int, expected: String) {
        #expect(decimal(value, places: places) == expected)
    }
}

@Suite struct PostingTargetTests {
    @Test(arguments: [
        ("http://127.0.0.1:8082", "http://127.0.0.1:8082"), ("http://h/test/", "http://h/test"),
        ("https://h:1/a/b//", "https://h:1/a/b"), ("http://h/test/topics", "http://h/test"),
        ("http://h/test/streams/", "http://h/test"),
        ("http://[::1]:8082", "http://[::1]:8082"),
    ])
    func addressMayCarryAStage(text: String, address: String) throws {
        #expect(try PostingTarget(text).address == address)
    }

    @Test(arguments: [
        "", "127.0.0.1:8082", "ftp://h", "http://", "http://:80", "http://h/a?b", "http://h h", "http://ü",
    ])
    func otherAddressesAreRefused(text: String) {
        #expect { try PostingTarget(text) } throws: { ($0 as? EmulationError)?.code == .unusableTarget }
    }

    @Test func identifierOfASeedHasTwelveHexDigitsAndStays() {
        let id = EmulationSettings.id(ofSeed: 100)
        #expect(id == "61f013390113")
        #expect(EmulationSettings.isUsable(id: id))
        #expect(id != EmulationSettings.id(ofSeed: 101))
    }

    @Test(arguments: ["", "a/b", "..%2f", "ä", "a b", String(repeating: "a", count: 101)])
    func identifiersThatCannotNameATopicAreRefused(id: String) {
        #expect(!EmulationSettings.isUsable(id: id))
    }
}
