import Testing

@testable import LogStorage

@Suite struct CommitGatheringTests {
    @Test func theFirstCommitBeginsAtOnce() {
        #expect(CommitGathering().wait(having: 1, after: .zero) == nil)
    }

    @Test func aLoneSenderNeverWaits() {
        var gathering = CommitGathering()
        gathering.committed(requestCount: 1, waitingCount: 0, took: .milliseconds(1))
        #expect(gathering.wait(having: 1, after: .zero) == nil)
    }

    @Test func sendersThatWereAnsweredAndThoseThatWaitedAreAwaitedTogether() throws {
        var gathering = CommitGathering()
        gathering.committed(requestCount: 40, waitingCount: 24, took: .microseconds(130))
        let wait = try #require(gathering.wait(having: 24, after: .zero))
        #expect(wait.requestCount == 64)
        #expect(wait.limit == .microseconds(130))
        #expect(gathering.wait(having: 64, after: .zero) == nil)
    }

    @Test func aSlowDiskDoesNotMakeTheWaitLong() throws {
        var gathering = CommitGathering()
        gathering.committed(requestCount: 2, waitingCount: 1, took: .seconds(3))
        #expect(try #require(gathering.wait(having: 1, after: .zero)).limit == CommitGathering.longestWait)
    }

    @Test func whoComesLaterThanTheOthersShouldHaveDoesNotWait() throws {
        var gathering = CommitGathering()
        gathering.committed(requestCount: 40, waitingCount: 0, took: .microseconds(130))
        let wait = try #require(gathering.wait(having: 1, after: .microseconds(100)))
        #expect(wait.limit == .microseconds(130))
        #expect(gathering.wait(having: 1, after: CommitGathering.longestReturn) == nil)
    }

    @Test func sendersThatLeftAreAwaitedOnce() {
        var gathering = CommitGathering()
        gathering.committed(requestCount: 64, waitingCount: 0, took: .milliseconds(1))
        #expect(gathering.wait(having: 1, after: .zero) != nil)
        gathering.committed(requestCount: 1, waitingCount: 0, took: .milliseconds(1))
        #expect(gathering.wait(having: 1, after: .zero) == nil)
    }
}
