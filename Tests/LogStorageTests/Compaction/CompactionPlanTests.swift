import Testing

@testable import LogStorage

@Suite struct CompactionPlanTests {
    /// Five segments of 100 bytes and ten offsets; their newest records are of the times 0, 1000, …, 4000.
    private static let closed = (0..<5).map {
        CompactionPlan.Segment(
            baseOffset: Int64($0) * 10, byteCount: 100, maxTimestamp: Int64($0) * 1000,
            endOffset: Int64($0 + 1) * 10)
    }

    private func plan(
        limit: Int64 = .max, cleanedTo: Int64 = 0, now: Int64 = 10_000, first: Int64? = 0,
        _ change: (inout LogSettings) -> Void = { _ in }
    ) -> CompactionPlan? {
        var settings = LogSettings()
        change(&settings)
        return CompactionPlan(
            Self.closed, limit: limit, cleanedTo: cleanedTo, now: now, settings: settings,
            firstTimestamp: { _ in first })
    }

    @Test func whatWasNeverCompactedIsCompactedWhole() {
        let whole = plan()
        #expect(whole?.dirtyStart == 0 && whole?.end == 50 && whole?.segmentCount == 5)
    }

    @Test(arguments: [(50, nil), (49, 4), (10, 1), (9, nil), (0, nil)] as [(Int64, Int?)])
    func nothingPastTheLimitTakesPart(limit: Int64, count: Int?) {
        #expect(plan(limit: limit)?.segmentCount == (limit == 50 ? 5 : count))
    }

    @Test(
        arguments: [(0, true), (20, true), (29, true), (30, false), (40, false), (50, false)]
            as [(Int64, Bool)])
    func aPartitionIsCompactedOnceHalfOfItWasNot(cleanedTo: Int64, isDue: Bool) {
        #expect((plan(cleanedTo: cleanedTo) != nil) == isDue)
    }

    @Test(
        arguments: [(0.0, 40, true), (0.2, 40, false), (0.19, 40, true), (1, 0, false)]
            as [(Double, Int64, Bool)])
    func howMuchMustBeDirtyIsASetting(ratio: Double, cleanedTo: Int64, isDue: Bool) {
        #expect((plan(cleanedTo: cleanedTo) { $0.minCleanableRatio = ratio } != nil) == isDue)
    }

    @Test(
        arguments: [(4000, 0, 5), (4000, 1, 4), (4000, 4000, 1), (100, 5000, 1)]
            as [(Int64, Int64, Int?)])
    func youngSegmentsTakeNoPart(now: Int64, lag: Int64, count: Int?) {
        #expect(plan(now: now) { $0.minCompactionLag = lag }?.segmentCount == count)
    }

    @Test func whatIsOlderThanTheLongestLagIsCompactedHoweverLittle() {
        let settings: (inout LogSettings) -> Void = { $0.maxCompactionLag = 5000 }
        #expect(plan(cleanedTo: 40, first: 4999, settings) != nil)
        #expect(plan(cleanedTo: 40, first: 5000, settings) == nil)
        #expect(plan(cleanedTo: 40, first: nil, settings) == nil)
        #expect(plan(cleanedTo: 50, first: 0, settings) == nil)
    }

    @Test(arguments: [
        (500, [5]), (499, [4, 1]), (200, [2, 2, 1]), (100, [1, 1, 1, 1, 1]), (1, [1, 1, 1, 1, 1]),
    ])
    func segmentsArePutTogetherUpToTheSizeOfOne(bytes: Int, groups: [Int]) {
        #expect(CompactionPlan.groups(Self.closed[...], segmentBytes: bytes) == groups)
    }

    @Test func segmentsWhoseOffsetsAreTooFarApartStayApart() {
        var closed = Self.closed
        closed[3].endOffset = Int64(Int32.max) + 1
        closed[4].baseOffset = closed[3].endOffset
        closed[4].endOffset = closed[3].endOffset + 10
        #expect(CompactionPlan.groups(closed[...], segmentBytes: 1000) == [3, 2])
    }
}
