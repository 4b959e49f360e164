import NIOCore
import StreamModel
import Synchronization
import Testing

@testable import Gateway

/// Takes whatever is put, or refuses it as the test says.
private final class TestStore: StreamStore {
    struct Put: Equatable {
        var stream: String
        var keys: [String]
        var data: [String]
        var makesStream: Bool
    }

    let puts = Mutex<[Put]>([])
    let failure = Mutex<StreamStoreError?>(nil)

    func put(
        _ records: RecordList, to stream: String, makesStream: Bool,
        completion: @escaping @Sendable (Result<[StreamPlacement], StreamStoreError>) -> Void
    ) {
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
                    data: records.entries.map { text($0.value) }, makesStream: makesStream))
        }
        completion(
            .success(
                records.entries.indices.map {
                    StreamPlacement(shardID: "shardId-000000000000", sequenceNumber: "49\($0)")
                }))
    }

    func perform(_ action: StreamAction, _ input: [UInt8]) async throws -> ByteBuffer { ByteBuffer() }
}

@Suite struct StreamsDialectTests {
    private let store = TestStore()

    private func gateway(_ change: (inout GatewaySettings) -> Void = { _ in }) -> EmbeddedGateway {
        var settings = GatewaySettings()
        change(&settings)
        return EmbeddedGateway(dialects: [
            StreamsDialect(store: store, settings: settings, counters: GatewayCounters())
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
        #expect(answer.hasSuffix("\r\n\r\n" + #"{"SequenceNumber":"490","ShardId":"shardId-000000000000"}"#))
        #expect(
            store.puts.withLock { $0 } == [
                .init(stream: "s", keys: ["k"], data: [#"{"a":1}"#], makesStream: true)
            ])
    }

    @Test(arguments: ["application/json", "application/json; charset=utf-8", "Application/JSON", nil])
    func aBodyOfJSONMayHaveNoType(type: String?) throws {
        #expect(try answer(to: request("PUT /streams/s/record", type: type)).hasPrefix("HTTP/1.1 200"))
    }

    @Test func severalRecordsAreAnsweredInTheirOrder() throws {
        let body = #"{"records":[{"data":"x","partition-key":"1"},{"data":{"b":2},"partition-key":2}]}"#
        let answer = try answer(to: request("PUT /streams/s/records", body))
        #expect(
            answer.hasSuffix(
                #"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"490","ShardId":"shardId-000000000000"},"#
                    + #"{"SequenceNumber":"491","ShardId":"shardId-000000000000"}]}"#))
        #expect(store.puts.withLock { $0.first?.data } == ["x", #"{"b":2}"#])
        #expect(store.puts.withLock { $0.first?.keys } == ["1", "2"])
    }

    @Test(arguments: ["record", "records"])
    func theNativeTypeMeansBase64(path: String) throws {
        let record = #"{"Data":"eyJhIjoxfQ==","PartitionKey":"k"}"#
        let body = path == "record" ? record : "{\"Records\":[\(record)]}"
        let answer = try answer(
            to: request("PUT /streams/s/\(path)", body, type: "application/x-amz-json-1.1"))
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(store.puts.withLock { $0.first?.data } == [#"{"a":1}"#])
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
        #expect(store.puts.withLock { $0.isEmpty })
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
        #expect(store.puts.withLock { $0.map(\.data) } == [[#""""#]])
    }

    @Test func whatKinesisRefusesHasItsStatusUnlessTheCloudsIsAskedFor() throws {
        store.failure.withLock {
            $0 = StreamStoreError(
                type: "ResourceNotFoundException", status: 400, message: "Stream s not found.")
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
        for (status, expected) in [(400, "429"), (500, "503")] {
            store.failure.withLock {
                $0 = StreamStoreError(type: "InternalFailure", status: status, message: "full", passes: true)
            }
            let answer = try answer(to: request("PUT /streams/s/record"))
            #expect(answer.hasPrefix("HTTP/1.1 \(expected) "))
            #expect(answer.contains("Retry-After: 1\r\n"))
        }
    }

    @Test func streamsAreNotMadeWhereTheSettingForbidsIt() throws {
        let strict = gateway { $0.autoCreateStreams = false }
        _ = try answer(to: request("PUT /streams/s/record"), by: strict)
        #expect(store.puts.withLock { $0.map(\.makesStream) } == [false])
    }
}
