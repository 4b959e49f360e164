import Testing

@testable import Gateway

@Suite struct TokenBucketTests {
    private func buckets(_ change: (inout RateSettings) -> Void) -> TokenBuckets {
        var settings = RateSettings()
        change(&settings)
        return TokenBuckets(settings)
    }

    @Test func letsABurstInAndThenTheRate() {
        var buckets = buckets { $0.requestsPerSecond = 10 }
        let first = (0..<12).map { _ in buckets.admit("a", byteCount: 0, at: 0) }
        #expect(first == Array(repeating: nil, count: 10) + [100, 100])
        #expect(buckets.admit("a", byteCount: 0, at: 99) == 1)
        #expect(buckets.admit("a", byteCount: 0, at: 100) == nil)
        #expect(buckets.admit("b", byteCount: 0, at: 100) == nil)
    }

    @Test func aLargeBodyIsTakenAndPaidForLater() {
        var buckets = buckets { $0.bytesPerSecond = 1000 }
        #expect(buckets.admit("a", byteCount: 5000, at: 0) == nil)
        #expect(buckets.admit("a", byteCount: 1, at: 0) == 4001)
        #expect(buckets.admit("a", byteCount: 1, at: 4001) == nil)
    }

    @Test func bytesThatComeLaterCountToo() {
        var buckets = buckets { $0.bytesPerSecond = 1000 }
        #expect(buckets.admit("a", byteCount: 0, at: 0) == nil)
        buckets.charge("a", byteCount: 3000, at: 0)
        #expect(buckets.admit("a", byteCount: 0, at: 0) == 2001)
    }

    @Test func aSlowRateStillLetsOneRequestIn() {
        var buckets = buckets {
            $0.requestsPerSecond = 1
            $0.burstMilliseconds = 1
        }
        #expect(buckets.admit("a", byteCount: 0, at: 0) == nil)
        #expect(buckets.admit("a", byteCount: 0, at: 0) == 1000)
    }

    @Test func whoeverIsRefusedStaysRefusedWhenManyNamesComeIn() {
        var buckets = buckets {
            $0.requestsPerSecond = 1
            $0.maxCallers = 100
        }
        for time in 0..<1000 {
            _ = buckets.admit("greedy", byteCount: 0, at: Int64(time))
            _ = buckets.admit("\(time)", byteCount: 0, at: Int64(time))
            #expect(buckets.count <= 100)
        }
        #expect(buckets.admit("greedy", byteCount: 0, at: 999) != nil || buckets.count == 100)
    }

    @Test func aClockThatStandsStillOrGoesBackGivesNothing() {
        var buckets = buckets { $0.requestsPerSecond = 1 }
        #expect(buckets.admit("a", byteCount: 0, at: 1000) == nil)
        #expect(buckets.admit("a", byteCount: 0, at: 0) == 1000)
    }
}
