import Kinesis
import NIOCore
import StreamModel
import Synchronization
import Testing

@testable import Gateway

/// Takes whatever is put, or refuses it as the test says.
private final class TestStreams: BackingStreams {
    struct Put: Equatable {
        var stream: String
        var keys: [String]
        var data: [String]
    }

    struct Action: Equatable {
        var action: KinesisAction
        var input: String
    }

    let puts = Mutex<[Put]>([])
    let actions = Mutex<[Action]>([])
    let failure = Mutex<KinesisError?>(nil)

    func put(_ records: RecordList, isBatch: Bool, to stream: String, completion: @escaping Completion) {
        func text(_ slice: RecordList.Slice?) -> String {
            slice.flatMap {
                records.bytes.getString(at: records.bytes.readerIndex + $0.start, length: $0.count)
            } ?? "nil"
        }
        if let failure = failure.withLock({ $0 }) { return completion(.failure(failure)) }
        puts.withLock {
            $0.append(
                Put(
                    stream: stream, keys: records.entries.map { text($0.key) },
                    data: records.entries.map { text($0.value) }))
        }
        completion(.success(ByteBuffer(string: isBatch ? "many" : "one")))
    }

    func perform(
        _ action: KinesisAction, _ input: [UInt8], for caller: Caller, completion: @escaping Completion
    ) {
        if let failure = failure.withLock({ $0 }) { return completion(.failure(failure)) }
        actions.withLock { $0.append(Action(action: action, input: String(decoding: input, as: UTF8.self))) }
        completion(.success(ByteBuffer(string: "output")))
    }
}

@Suite struct StreamsDialectTests {
    private let streams = TestStreams()

    private func gateway(_ change: (inout GatewaySettings) -> Void = { _ in }) -> EmbeddedGateway {
        var settings = GatewaySettings()
        change(&settings)
        return EmbeddedGateway(dialects: [
            StreamsDialect(streams: streams, settings: settings, counters: GatewayCounters())
        ])
    }

    private func request(
        _ line: String, _ body: String = #"{"Data":{"a":1},"PartitionKey":"k"}"#,
        type: String? = "application/json"
    ) -> String {
        let type = type.map { "Content-Type: \($0)\r\n" } ?? ""
        return "\(line) HTTP/1.1\r\nHost: h\r\n\(type)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func answer(to request: String, by gateway: EmbeddedGateway? = nil) throws -> String {
        let connection = try (gateway ?? self.gateway()).connect()
        try connection.send(request)
        return try connection.received()
    }

    @Test(arguments: [
        "/streams/s/record", "/test/streams/s/record", "/Streams/streams/s/record",
        "/dev//streams//s/record/",
        "/stream/s/record", "/test/stream/s/record/", "/streams/record?stream-name=s",
        "/test/streams/record/?stream-name=s", "/streams/streams/s/record", "/a/b/c/streams/s/record",
        "/streams/%73/record", "/test/topics/streams/s/record",
    ])
    func theStreamIsThatOfThePath(path: String) throws {
        let answer = try answer(
            to: request("PUT \(path)", #"{"StreamName":"other","Data":{"a":1},"PartitionKey":"k"}"#))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        #expect(answer.hasSuffix("\r\n\r\none"))
        #expect(
            streams.puts.withLock { $0 } == [
                .init(stream: "s", keys: ["k"], data: [#"{"a":1}"#])
            ])
    }

    @Test(arguments: ["application/json", "application/json; charset=utf-8", "Application/JSON", nil])
    func aBodyOfJSONMayHaveNoType(type: String?) throws {
        #expect(try answer(to: request("PUT /streams/s/record", type: type)).hasPrefix("HTTP/1.1 200"))
    }

    @Test func severalRecordsAreAnsweredInTheirOrder() throws {
        let body = #"{"records":[{"data":"x","partition-key":"1"},{"data":{"b":2},"partition-key":2}]}"#
        let answer = try answer(to: request("PUT /streams/s/records", body))
        #expect(answer.hasSuffix("\r\n\r\nmany"))
        #expect(streams.puts.withLock { $0.first?.data } == ["x", #"{"b":2}"#])
        #expect(streams.puts.withLock { $0.first?.keys } == ["1", "2"])
    }

    @Test(arguments: ["record", "records"])
    func theNativeTypeMeansBase64(path: String) throws {
        let record = #"{"Data":"eyJhIjoxfQ==","PartitionKey":"k"}"#
        let body = path == "record" ? record : "{\"Records\":[\(record)]}"
        let answer = try answer(
            to: request("PUT /streams/s/\(path)", body, type: "application/x-amz-json-1.1"))
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(streams.puts.withLock { $0.first?.data } == [#"{"a":1}"#])
    }

    @Test(arguments: [
        ("GET /streams/s/record", 403, #"{"message":"Missing Authentication Token"}"#),
        ("POST /streams/s/record", 403, #"{"message":"Missing Authentication Token"}"#),
        ("PUT /streams/s/PutRecord", 403, #"{"message":"Missing Authentication Token"}"#),
        ("PUT /streams/record", 403, #"{"message":"Missing Authentication Token"}"#),
        ("PUT /streams/s/record/extra", 403, #"{"message":"Missing Authentication Token"}"#),
    ])
    func anUnknownPathOrMethodHasNoToken(line: String, status: Int, body: String) throws {
        let answer = try answer(to: request(line))
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.hasSuffix("\r\n\r\n\(body)"))
    }

    @Test(arguments: [
        "text/plain", "application/vnd.kafka.json.v2+json", "application/x-www-form-urlencoded",
    ])
    func anotherTypeIsNotSupported(type: String) throws {
        let answer = try answer(to: request("PUT /streams/s/record", type: type))
        #expect(answer.hasPrefix("HTTP/1.1 415 "))
        #expect(answer.hasSuffix(#"{"message":"Unsupported Media Type"}"#))
        #expect(streams.puts.withLock { $0.isEmpty })
    }

    @Test func aBodyThatIsNoJSONIsToldAsTheGatewayDoes() throws {
        let answer = try answer(to: request("PUT /streams/s/record", "{"))
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains(#"{"message":"Could not parse request body into json: "#))
    }

    @Test func tooLargeABodyIsTooLong() throws {
        let body = #"{"Data":"\#(String(repeating: "x", count: 300_000))","PartitionKey":"k"}"#
        let answer = try answer(to: request("PUT /streams/s/record", body))
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        #expect(answer.hasSuffix(#"{"message":"Request Too Long"}"#))
    }

    @Test func absentDataIsRefusedOrStoredAsTheSettingHasIt() throws {
        let empty = request("PUT /streams/s/record", #"{"PartitionKey":"k"}"#)
        #expect(try answer(to: empty).hasPrefix("HTTP/1.1 400 "))
        let lenient = gateway { $0.compatibility.storesEmptyData = true }
        #expect(try answer(to: empty, by: lenient).hasPrefix("HTTP/1.1 200 "))
        #expect(streams.puts.withLock { $0.map(\.data) } == [[#""""#]])
    }

    @Test func whatKinesisRefusesHasItsStatusUnlessTheCloudsIsAskedFor() throws {
        streams.failure.withLock {
            $0 = KinesisError(.resourceNotFound, "Stream s not found.")
        }
        let body = #"{"__type":"ResourceNotFoundException","message":"Stream s not found."}"#
        let plain = try answer(to: request("PUT /streams/s/record"))
        #expect(plain.hasPrefix("HTTP/1.1 400 ") && plain.hasSuffix(body))
        let cloud = gateway { $0.compatibility.gatewayStatus200 = true }
        let hidden = try answer(to: request("PUT /streams/s/record"), by: cloud)
        #expect(hidden.hasPrefix("HTTP/1.1 200 ") && hidden.hasSuffix(body))
        let unknown = try answer(to: request("PATCH /streams/s"), by: cloud)
        #expect(unknown.hasPrefix("HTTP/1.1 403 "))
    }

    @Test func aServerThatIsBusyAsksForPatience() throws {
        streams.failure.withLock { $0 = KinesisError(.throughputExceeded, "full") }
        let answer = try answer(to: request("PUT /streams/s/record"))
        #expect(answer.hasPrefix("HTTP/1.1 429 "))
        #expect(answer.contains("Retry-After: 1\r\n"))
    }

    @Test(arguments: [
        ("GET /streams", "", KinesisAction.listStreams, "{}"),
        (
            "GET /test/streams?ExclusiveStartStreamName=a%20b&Limit=3", "", .listStreams,
            #"{"ExclusiveStartStreamName":"a b","Limit":3}"#
        ),
        ("GET /streams?Limit=x", "", .listStreams, #"{"Limit":"x"}"#),
        ("GET /streams/s", #"{"StreamName":"other"}"#, .describeStream, #"{"StreamName":"s"}"#),
        ("POST /streams/s", "", .createStream, #"{"StreamName":"s","ShardCount":5}"#),
        ("POST /streams/s", "{}", .createStream, #"{"StreamName":"s","ShardCount":5}"#),
        ("POST /streams/s", #"{"ShardCount":2}"#, .createStream, #"{"StreamName":"s","ShardCount":2}"#),
        ("POST /streams/s", #"{"ShardCount":"2"}"#, .createStream, #"{"StreamName":"s","ShardCount":2}"#),
        ("DELETE /stream/s/", "", .deleteStream, #"{"StreamName":"s"}"#),
        (
            "GET /streams/s/sharditerator?shard-id=shardId-000000000000", "", .getShardIterator,
            #"{"StreamName":"s","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}"#
        ),
        (
            "GET /streams/sharditerator?stream-name=s&shard-id=1", "", .getShardIterator,
            #"{"StreamName":"s","ShardId":"1","ShardIteratorType":"TRIM_HORIZON"}"#
        ),
        ("GET /streams/s/records?Shard-Iterator=AAA", "", .getRecords, #"{"ShardIterator":"AAA"}"#),
    ])
    func aPathBecomesAnAction(line: String, body: String, action: KinesisAction, input: String) throws {
        let answer = try answer(to: request(line, body))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        let isSilent = action == .createStream || action == .deleteStream
        #expect(answer.hasSuffix(isSilent ? "\r\n\r\n" : "\r\n\r\noutput"))
        #expect(streams.actions.withLock { $0 } == [.init(action: action, input: input)])
    }

    @Test func theIteratorIsAHeader() throws {
        let connection = try gateway().connect()
        try connection.send("GET /streams/s/records HTTP/1.1\r\nHost: h\r\nShard-Iterator: AAA\r\n\r\n")
        #expect(try connection.statuses() == [200])
        #expect(
            streams.actions.withLock { $0 } == [
                .init(action: .getRecords, input: #"{"ShardIterator":"AAA"}"#)
            ])
    }

    @Test func aBodyThatIsNoJSONMakesNoStream() throws {
        #expect(try answer(to: request("POST /streams/s", "{")).hasPrefix("HTTP/1.1 400 "))
        #expect(streams.actions.withLock { $0.isEmpty })
    }
}
