import StreamModel
import Synchronization
import Testing

@testable import Kinesis

@Suite struct ServiceTests {
    private func put(_ key: String = "k", data: String = "YQ==") -> String {
        #"{"StreamName": "s", "Data": "\#(data)", "PartitionKey": "\#(key)"}"#
    }

    private func made(_ settings: KinesisSettings = KinesisSettings(), shards: Int = 1) async throws
        -> TestKinesis
    {
        let kinesis = try TestKinesis(settings)
        _ = try await kinesis.ask(.createStream, #"{"StreamName": "s", "ShardCount": \#(shards)}"#)
        return kinesis
    }

    private func iterator(_ kinesis: TestKinesis, _ type: String = "TRIM_HORIZON") async throws -> String {
        try #require(
            try await kinesis.ask(
                .getShardIterator, #"{"StreamName": "s", "ShardId": "0", "ShardIteratorType": "\#(type)"}"#
            ).member("ShardIterator"))
    }

    @Test func whatIsPutIsGot() async throws {
        let kinesis = try await made()
        let answer = try await kinesis.ask(.putRecord, put())
        let number = try #require(answer.member("SequenceNumber"))
        let got = try await kinesis.ask(.getRecords, #"{"ShardIterator": "\#(try await iterator(kinesis))"}"#)
        #expect(got.member("SequenceNumber") == number)
        #expect(got.contains(#""ApproximateArrivalTimestamp":1700000000,"Data":"YQ==","PartitionKey":"k""#))
        #expect(got.contains(#""MillisBehindLatest":0"#))
    }

    @Test func aRightToTheTopicIsNeededWhicheverWayTheStreamIsNamed() async throws {
        let kinesis = try await made()
        let place = try await iterator(kinesis)
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
        let requests: [(KinesisAction, String, AccessOperation)] = [
            (.putRecord, put(), .write),
            (.putRecord, #"{"StreamARN": "\#(arn)", "Data": "YQ==", "PartitionKey": "k"}"#, .write),
            (.getRecords, #"{"ShardIterator": "\#(place)"}"#, .read),
            (.listTagsForResource, #"{"ResourceARN": "\#(arn)"}"#, .describe),
            (.deleteStream, #"{"StreamName": "s"}"#, .delete),
        ]
        for (action, input, operation) in requests {
            let refused = await kinesis.answer(action, input) { $0 != operation || $1 != .topic("s") }
            #expect(throws: KinesisError.self, "\(action)") { try refused.get() }
            let done = await kinesis.answer(action, input) { $0 == operation && $1 == .topic("s") }
            #expect(throws: Never.self, "\(action)") { try done.get() }
        }
        let byID = #"{"StreamId": "x"}"#
        let refused = await kinesis.answer(.describeStreamSummary, byID) { _, resource in resource == .cluster
        }
        #expect(throws: KinesisError.self) { try refused.get() }
    }

    @Test func anUnknownStreamIsNamedInTheAnswer() async throws {
        let kinesis = try TestKinesis()
        let answer = await kinesis.answer(.putRecord, put())
        #expect(
            answer
                == .failure(
                    KinesisError(.resourceNotFound, "Stream s under account 000000000000 not found.")))
    }

    @Test func aStreamThatExistsIsNotMadeAgain() async throws {
        let kinesis = try await made()
        let answer = await kinesis.answer(.createStream, #"{"StreamName": "s", "ShardCount": 1}"#)
        #expect(
            answer
                == .failure(
                    KinesisError(.resourceInUse, "Stream s under account 000000000000 already exists.")))
    }

    @Test func pastTheLimitOfAShardSingleRecordsAreRefused() async throws {
        var settings = KinesisSettings()
        settings.shardLimitsEnabled = true
        let kinesis = try await made(settings)
        let records = Array(repeating: #"{"Data": "YQ==", "PartitionKey": "k"}"#, count: 400).joined(
            separator: ",")
        let body = #"{"StreamName": "s", "Records": [\#(records)]}"#
        for _ in 0..<2 {
            #expect(try await kinesis.ask(.putRecords, body).contains(#""FailedRecordCount":0"#))
        }
        let third = try await kinesis.ask(.putRecords, body)
        #expect(third.contains(#""FailedRecordCount":200"#))
        #expect(
            third.contains(
                #"{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard shardId-000000000000 in stream s under account 000000000000."}"#
            ))
        let single = await kinesis.answer(.putRecord, put())
        #expect(throws: KinesisError.self) { try single.get() }
        kinesis.time.advance(by: 1000)
        #expect(try await kinesis.ask(.putRecord, put()).contains("SequenceNumber"))
    }

    @Test(arguments: [
        (AppendError.Code.overloaded, KinesisError.Code.throughputExceeded), (.diskFull, .internalFailure),
        (.failed, .internalFailure), (.unknownPartition, .resourceNotFound),
        (.recordTooLarge, .invalidArgument),
    ])
    func whatTheLogRefusesIsToldAsKinesisWould(
        _ code: AppendError.Code, _ expected: KinesisError.Code
    ) async throws {
        let kinesis = try await made()
        kinesis.log.refusal.withLock { $0 = AppendError(code, "why") }
        let answer = await kinesis.answer(.putRecord, put())
        let error = #expect(throws: KinesisError.self) { try answer.get() }
        #expect(error?.code == expected)
    }

    @Test func anIteratorOfADeletedStreamIsOfNoUseToTheNextOne() async throws {
        let kinesis = try await made()
        let old = try await iterator(kinesis)
        _ = try await kinesis.ask(.deleteStream, #"{"StreamName": "s"}"#)
        kinesis.time.advance(by: 1)
        _ = try await kinesis.ask(.createStream, #"{"StreamName": "s", "ShardCount": 1}"#)
        let answer = await kinesis.answer(.getRecords, #"{"ShardIterator": "\#(old)"}"#)
        let error = #expect(throws: KinesisError.self) { try answer.get() }
        #expect(error?.code == .resourceNotFound)
    }

    @Test func aTopicOfOtherClientsIsAStream() async throws {
        let kinesis = try TestKinesis()
        let name = try #require(TopicName("s"))
        _ = try kinesis.log.createStreamTopic(name, partitions: 2, limits: StreamTopicLimits())
        let listed = try await kinesis.ask(.listStreams, "{}")
        #expect(listed.contains(#""StreamNames":["s"]"#))
        let summary = try await kinesis.ask(.describeStreamSummary, #"{"StreamName": "s"}"#)
        #expect(summary.contains(#""OpenShardCount":2"#) && summary.contains(#""RetentionPeriodHours":168"#))
    }

    @Test func partitionsAddedElsewhereCanBeRead() async throws {
        let kinesis = try await made()
        let name = try #require(TopicName("s"))
        try kinesis.log.enlargeStreamTopic(name, partitions: 2)
        #expect(try await kinesis.ask(.putRecord, put()).contains("shardId-000000000000"))
        let shards = try await kinesis.ask(.listShards, #"{"StreamName": "s"}"#)
        #expect(shards.contains("shardId-000000000001"))
    }

    @Test func recordsWithoutAKeyAreSpreadWhereTheStreamSaysSo() async throws {
        let kinesis = try TestKinesis()
        _ = try await kinesis.ask(
            .createStream, #"{"StreamName": "s", "ShardCount": 2, "RecordDistributionStrategy": "AUTO"}"#)
        let body = #"{"StreamName": "s", "Data": "YQ=="}"#
        let shards = [
            try await kinesis.ask(.putRecord, body), try await kinesis.ask(.putRecord, body),
        ].compactMap { $0.member("ShardId") }
        #expect(Set(shards).count == 2)
    }

    @Test func aRecordLargerThanTheStreamAllowsIsRefused() async throws {
        let kinesis = try await made()
        let large = String(repeating: "AAAA", count: 349_526)
        let answer = await kinesis.answer(.putRecord, put(data: large))
        #expect(
            answer
                == .failure(
                    KinesisError(
                        .validation,
                        "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have "
                            + "length less than or equal to 1048576")))
        _ = try await kinesis.ask(
            .updateMaxRecordSize, #"{"StreamName": "s", "MaxRecordSizeInKiB": 2048}"#)
        #expect(try await kinesis.ask(.putRecord, put(data: large)).contains("SequenceNumber"))
    }

    @Test func readingStopsAtTheLimitAndGoesOnFromThere() async throws {
        let kinesis = try await made()
        for key in ["1", "2", "3"] { _ = try await kinesis.ask(.putRecord, put(key)) }
        kinesis.time.advance(by: 2500)
        let first = try await kinesis.ask(
            .getRecords, #"{"ShardIterator": "\#(try await iterator(kinesis))", "Limit": 2}"#)
        #expect(first.contains(#""MillisBehindLatest":2500"#))
        let next = try #require(first.member("NextShardIterator"))
        let second = try await kinesis.ask(.getRecords, #"{"ShardIterator": "\#(next)"}"#)
        #expect(second.contains(#""PartitionKey":"3""#) && !second.contains(#""PartitionKey":"2""#))
    }
}
