import NIOCore
import Testing

@testable import KafkaWire

/// What a client writes, the server's half of this package reads, and the other way round.
@Suite struct CallTests {
    private func received<Request: KafkaRequest, Call: KafkaCall>(
        _ call: Call, as type: Request.Type
    ) throws -> Request {
        var frame = call.frame(correlationID: 7, clientID: "me")
        let length = frame.readInteger(as: Int32.self)
        #expect(length.map { Int($0) } == frame.readableBytes)
        let header = try RequestHeader(&frame)
        #expect(header.apiKey == Request.api.rawValue && header.apiVersion == Call.version)
        #expect(header.correlationID == 7 && header.clientID == "me")
        #expect(Call.api.versions.contains(Call.version) && !Call.api.isFlexible(Call.version))
        var reader = WireReader(frame, isFlexible: false)
        let request = try Request(&reader, version: Call.version)
        #expect(reader.remaining == 0)
        return request
    }

    private func answer<Call: KafkaCall>(
        _ response: any KafkaResponse, to call: Call.Type, id: Int32 = 7
    ) throws -> Call.Answer {
        var writer = WireWriter(isFlexible: false)
        writer.int32(id)
        response.write(to: &writer, version: Call.version)
        return try Call.answer(frame: writer.buffer, correlationID: 7)
    }

    private static let acl = ACLFields(
        resourceType: 2, resourceName: "pins", patternType: 4, principal: "User:a", host: "*", operation: 3,
        permission: 3)

    @Test func aFilterOfACLsArrives() throws {
        let filter = ACLFilterFields(
            resourceType: 2, resourceName: "pins", patternType: 1, principal: nil, host: nil, operation: 3,
            permission: 1)
        #expect(try received(DescribeACLsCall(filter: filter), as: DescribeACLsRequest.self).filter == filter)
    }

    @Test func aListOfACLsAndARefusalAreTold() throws {
        let resource = DescribeACLsResponse.Resource(
            resourceType: 2, resourceName: "pins", patternType: 4, acls: [Self.acl])
        let list = try answer(
            DescribeACLsResponse(error: .none, resources: [resource]), to: DescribeACLsCall.self)
        #expect(list.verdict.isSuccess && list.acls == [Self.acl])
        let refusal = try answer(
            DescribeACLsResponse(error: .securityDisabled, message: "no"), to: DescribeACLsCall.self)
        #expect(refusal.verdict == KafkaVerdict(code: 54, message: "no") && refusal.acls == [])
    }

    @Test func changesOfSettingsArriveAndAreJudged() throws {
        typealias Request = IncrementalAlterConfigsRequest
        let resource = Request.Resource(
            type: 2, name: "pins",
            configs: [
                .init(name: "a", operation: 0, value: "1"), .init(name: "b", operation: 1, value: nil),
            ])
        let request = try received(IncrementalAlterConfigsCall(resource), as: Request.self)
        #expect(request.resources == [resource] && !request.validateOnly)
        let response = AlterConfigsResponse(
            resources: [.init(error: .invalidConfig, errorMessage: "a is no number", type: 2, name: "pins")])
        let verdict = try answer(response, to: IncrementalAlterConfigsCall.self)
        #expect(verdict == KafkaVerdict(code: 40, message: "a is no number"))
    }

    @Test func whatALoginTakesIsReadAndWritten() throws {
        #expect(
            try received(SaslHandshakeCall(mechanism: "PLAIN"), as: SaslHandshakeRequest.self).mechanism
                == "PLAIN"
        )
        let token = try received(SaslAuthenticateCall(token: [1, 2]), as: SaslAuthenticateRequest.self).token
        #expect(Array(token.readableBytesView) == [1, 2])
        let offered = try answer(
            SaslHandshakeResponse(error: .unsupportedSASLMechanism, mechanisms: ["PLAIN"]),
            to: SaslHandshakeCall.self)
        #expect(offered.verdict.code == 33 && offered.mechanisms == ["PLAIN"])
        let done = try answer(
            SaslAuthenticateResponse(error: .none, token: ByteBuffer(bytes: [3])),
            to: SaslAuthenticateCall.self)
        #expect(done.verdict.isSuccess && done.token == [3])
    }

    @Test func theVersionsOfTheServerDecideWhatCanBeAsked() throws {
        let versions = try answer(
            ApiVersionsResponse(
                error: .none, versions: [(key: 29, versions: 0...2), (key: 44, versions: 1...1)]),
            to: ApiVersionsCall.self)
        #expect(versions.understands(DescribeACLsCall.self))
        #expect(!versions.understands(IncrementalAlterConfigsCall.self))
        #expect(!versions.understands(SaslHandshakeCall.self))
    }

    @Test func anAnswerToAnotherRequestIsRefused() {
        #expect(throws: KafkaWireError.self) {
            try answer(DescribeACLsResponse(error: .none), to: DescribeACLsCall.self, id: 8)
        }
    }

    @Test func answersCutShortAreRefused() throws {
        let resource = DescribeACLsResponse.Resource(
            resourceType: 2, resourceName: "pins", patternType: 4, acls: [Self.acl])
        var writer = WireWriter(isFlexible: false)
        writer.int32(7)
        DescribeACLsResponse(error: .none, resources: [resource]).write(to: &writer, version: 1)
        for count in 0..<writer.buffer.readableBytes {
            let cut = try #require(writer.buffer.getSlice(at: 0, length: count))
            #expect(throws: KafkaWireError.self) {
                try DescribeACLsCall.answer(frame: cut, correlationID: 7)
            }
        }
    }
}
