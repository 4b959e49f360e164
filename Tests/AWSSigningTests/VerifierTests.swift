import Testing

@testable import AWSSigning

@Suite struct VerifierTests {
    private static let key = AccessKey(id: "AKID", secret: "secret", sessionToken: "token", userName: "alice")
    private static let time = SigningTime(seconds: 1_767_323_045)
    private static let signer = RequestSigner(key: key, region: "eu-west-1", service: "kinesis")
    private let verifier = SignatureVerifier(keys: AccessKeys([key]), service: "kinesis")

    private static func request() -> SignableRequest {
        SignableRequest(
            method: "POST", path: "/a%20b/c", query: [QueryParameter("x", "1"), QueryParameter("y", "ä +/")],
            headers: [("Host", "h"), ("X-Amz-Target", "t")], payloadHash: SigningKey.sha256("body"))
    }

    private static func later(_ seconds: Int64) -> SigningTime {
        SigningTime(seconds: time.seconds + seconds)
    }

    private func code(_ body: () throws -> Void) -> SignatureError.Code? {
        do { try body() } catch { return (error as? SignatureError)?.code }
        return nil
    }

    // MARK: Good ones

    @Test func acceptsWhatItsOwnSignerSigned() throws {
        let headers = try verifier.verifyHeaders(
            of: Self.signer.sign(Self.request(), at: Self.time), now: Self.later(299))
        #expect(
            headers.key.userName == "alice" && headers.scope.region == "eu-west-1" && headers.expiry == nil)
        let link = try verifier.verifyPresigned(
            Self.signer.presign(Self.request(), at: Self.time, expires: 60), now: Self.later(59))
        #expect(link.key.userName == "alice" && link.expiry == Self.later(60))
    }

    // MARK: Changed ones

    static let changes: [@Sendable (inout SignableRequest) -> Void] = [
        { $0.method = "GET" },
        { $0.path = "/a%20b/d" },
        { $0.query[0].value = "2" },
        { $0.query.append(QueryParameter("z", "")) },
        { $0.query.removeFirst() },
        { $0.headers[0].value = "i" },
        { $0.headers[1].value = "u" },
        { $0.headers.append(("x-amz-target", "u")) },
        { $0.payloadHash = SignableRequest.emptyPayloadHash },
    ]

    @Test(arguments: changes.indices) func refusesAChangedRequest(_ change: Int) {
        var signed = Self.signer.sign(Self.request(), at: Self.time)
        Self.changes[change](&signed)
        #expect(code { _ = try verifier.verifyHeaders(of: signed, now: Self.time) } == .wrongSignature)
        var link = Self.signer.presign(Self.request(), at: Self.time, expires: 60)
        Self.changes[change](&link)
        #expect(code { _ = try verifier.verifyPresigned(link, now: Self.time) } == .wrongSignature)
    }

    @Test(arguments: [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA1", SignatureError.Code.malformed),
        ("X-Amz-Credential", "AKID/20260102/eu-west-1/kinesis", .malformed),
        ("X-Amz-Credential", "OTHER/20260102/eu-west-1/kinesis/aws4_request", .unknownAccessKey),
        ("X-Amz-Credential", "AKID/20260102/eu-west-2/kinesis/aws4_request", .wrongSignature),
        ("X-Amz-Credential", "AKID/20260103/eu-west-1/kinesis/aws4_request", .wrongScope),
        ("X-Amz-Credential", "AKID/20260102/eu-west-1/s3/aws4_request", .wrongScope),
        ("X-Amz-Date", "20260102T030406Z", .wrongSignature),
        ("X-Amz-Date", "yesterday", .malformed),
        ("X-Amz-Expires", "61", .wrongSignature),
        ("X-Amz-Expires", "0", .malformed),
        ("X-Amz-Expires", "604801", .malformed),
        ("X-Amz-Expires", "-1", .malformed),
        ("X-Amz-SignedHeaders", "x-amz-target", .malformed),
        ("X-Amz-SignedHeaders", "host", .wrongSignature),
        ("X-Amz-SignedHeaders", "x-amz-target;host", .malformed),
        ("X-Amz-SignedHeaders", "host;more;x-amz-target", .malformed),
        ("X-Amz-Security-Token", "other", .wrongSignature),
        ("X-Amz-Signature", "", .wrongSignature),
        ("X-Amz-Signature", String(repeating: "0", count: 64), .wrongSignature),
    ])
    func refusesALinkWithAnotherParameter(name: String, value: String, expected: SignatureError.Code) throws {
        var link = Self.signer.presign(Self.request(), at: Self.time, expires: 60)
        let place = try #require(link.query.firstIndex { $0.name == name })
        link.query[place].value = value
        #expect(code { _ = try verifier.verifyPresigned(link, now: Self.time) } == expected)
        link.query.remove(at: place)
        #expect(code { _ = try verifier.verifyPresigned(link, now: Self.time) } != nil)
    }

    @Test func refusesAParameterThatIsThereTwice() {
        var link = Self.signer.presign(Self.request(), at: Self.time, expires: 60)
        link.query.append(QueryParameter("X-Amz-Date", Self.time.description))
        #expect(code { _ = try verifier.verifyPresigned(link, now: Self.time) } == .malformed)
    }

    @Test func refusesAnotherSecretRegionOrSessionToken() {
        var other = Self.signer
        other.key.secret = "guess"
        let guess = other.sign(Self.request(), at: Self.time)
        #expect(code { _ = try verifier.verifyHeaders(of: guess, now: Self.time) } == .wrongSignature)
        other = Self.signer
        other.key.sessionToken = nil
        let bare = other.sign(Self.request(), at: Self.time)
        #expect(code { _ = try verifier.verifyHeaders(of: bare, now: Self.time) } == .wrongSessionToken)
        let strict = SignatureVerifier(keys: AccessKeys([Self.key]), service: "kinesis", region: "us-east-1")
        let elsewhere = Self.signer.sign(Self.request(), at: Self.time)
        #expect(code { _ = try strict.verifyHeaders(of: elsewhere, now: Self.time) } == .wrongScope)
    }

    @Test func refusesAnAmazonHeaderThatIsNotSigned() {
        var signed = Self.signer.sign(Self.request(), at: Self.time)
        signed.headers.append(("X-Amz-Late", "1"))
        #expect(code { _ = try verifier.verifyHeaders(of: signed, now: Self.time) } == .malformed)
    }

    // MARK: Time

    @Test(
        arguments: [(301, .expired), (300, nil), (-300, nil), (-301, .notYetValid)]
            as [(Int64, SignatureError.Code?)])
    func allowsAClockToDifferByFiveMinutes(seconds: Int64, expected: SignatureError.Code?) {
        let signed = Self.signer.sign(Self.request(), at: Self.time)
        #expect(code { _ = try verifier.verifyHeaders(of: signed, now: Self.later(seconds)) } == expected)
    }

    @Test(arguments: [(59, nil), (60, .expired), (-301, .notYetValid)] as [(Int64, SignatureError.Code?)])
    func aLinkEndsWhenItSays(seconds: Int64, expected: SignatureError.Code?) {
        let link = Self.signer.presign(Self.request(), at: Self.time, expires: 60)
        #expect(code { _ = try verifier.verifyPresigned(link, now: Self.later(seconds)) } == expected)
    }
}
