import StreamModel
import Testing

@testable import Kinesis

@Suite struct ShardIteratorTests {
    private let tokens = SealedToken(secret: Array(repeating: 7, count: 32))
    private let iterator = ShardIterator(
        region: "eu-west-1", stream: "clicks", streamCreated: 1, shard: ShardID(PartitionIndex(4)),
        offset: 99,
        issued: 1_700_000_000_123)

    @Test func isReadAsItWasWritten() {
        #expect(ShardIterator(iterator.text(tokens), tokens) == iterator)
    }

    @Test func oneThatWasChangedOrSealedElsewhereIsRefused() {
        var text = Array(iterator.text(tokens))
        text[10] = text[10] == "A" ? "B" : "A"
        #expect(ShardIterator(String(text), tokens) == nil)
        let elsewhere = SealedToken(secret: Array(repeating: 8, count: 32))
        #expect(ShardIterator(iterator.text(elsewhere), tokens) == nil)
        #expect(ShardIterator("", tokens) == nil)
        #expect(ShardIterator("AAAA", tokens) == nil)
    }

    @Test func livesFiveMinutes() throws {
        try iterator.checkAge(now: iterator.issued + 300_000)
        let error = #expect(throws: KinesisError.self) {
            try iterator.checkAge(now: iterator.issued + 300_001)
        }
        #expect(error?.code == .expiredIterator)
        #expect(
            error?.message
                == "Iterator expired. The iterator was created at time Tue Nov 14 22:13:20 UTC 2023 while right now "
                + "it is Tue Nov 14 22:18:20 UTC 2023 which is further in the future than the tolerated delay of "
                + "300000 milliseconds.")
    }

    @Test func theLongestNamesFitIntoAnIterator() {
        let longest = ShardIterator(
            region: "us-northeast-west-12", stream: String(repeating: "x", count: 128), streamCreated: .max,
            shard: ShardID(PartitionIndex(.max)), offset: .max, issued: .max)
        #expect(longest.text(tokens).utf8.count <= 512)
    }

    @Test func aTokenOfAListingExpiresToo() throws {
        let token = NextToken(region: "r", stream: "s", last: "shardId-1", filter: "at 5", issued: 1000)
        #expect(try NextToken(token.text(tokens), tokens, now: 301_000) == token)
        let error = #expect(throws: KinesisError.self) {
            try NextToken(token.text(tokens), tokens, now: 301_001)
        }
        #expect(error?.code == .expiredNextToken)
    }
}
