import Testing

@testable import AWSSigning

/// Signatures that AWS has published, and the golden ones of Amazon MSK's own library.
@Suite struct VectorTests {
    private static let documentationKey = AccessKey(
        id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    private static let s3Key = AccessKey(
        id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

    struct SuiteCase: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query: [QueryParameter] = []
        var headers: [(name: String, value: String)] = []
        var body = ""
        var signature: String

        var testDescription: String { name }
    }

    /// Source: AWS Signature Version 4 test suite (aws-sig-v4-test-suite), the files named so.
    static let suite = [
        SuiteCase(
            name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        SuiteCase(
            name: "get-vanilla-query-order-key-case",
            query: [QueryParameter("Param2", "value2"), QueryParameter("Param1", "value1")],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        SuiteCase(
            name: "post-vanilla", method: "POST",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        SuiteCase(
            name: "get-utf8", path: "/ሴ",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        SuiteCase(
            name: "get-header-value-trim",
            headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        SuiteCase(
            name: "post-x-www-form-urlencoded", method: "POST",
            headers: [("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
        SuiteCase(
            name: "normalize-path/get-relative", path: "/example/..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        SuiteCase(
            name: "normalize-path/get-slash", path: "//",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ]

    @Test(arguments: suite) func signsAsTheTestSuite(_ vector: SuiteCase) throws {
        let time = try #require(SigningTime("20150830T123600Z"))
        let request = SignableRequest(
            method: vector.method, path: vector.path, query: vector.query,
            headers: [("Host", "example.amazonaws.com")] + vector.headers,
            payloadHash: SigningKey.sha256(vector.body))
        let signed = RequestSigner(key: Self.documentationKey, region: "us-east-1", service: "service")
            .sign(request, at: time)
        #expect(signed.header("authorization")?.hasSuffix("Signature=\(vector.signature)") == true)
    }

    /// Source: AWS documentation, "Examples of the complete Signature Version 4 signing process" (IAM ListUsers).
    @Test func signsTheListUsersExample() throws {
        let time = try #require(SigningTime("20150830T123600Z"))
        let request = SignableRequest(
            method: "GET",
            query: [QueryParameter("Action", "ListUsers"), QueryParameter("Version", "2010-05-08")],
            headers: [
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("host", "iam.amazonaws.com"),
            ])
        let signed = RequestSigner(key: Self.documentationKey, region: "us-east-1", service: "iam")
            .sign(request, at: time)
        #expect(
            signed.header("authorization")
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                + "SignedHeaders=content-type;host;x-amz-date, "
                + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    }

    /// Source: Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header", GET Object.
    @Test func signsTheGetObjectExampleOfS3() throws {
        let time = try #require(SigningTime("20130524T000000Z"))
        let request = SignableRequest(
            method: "GET", path: "/test.txt",
            headers: [
                ("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9"),
                ("x-amz-content-sha256", SignableRequest.emptyPayloadHash),
            ], pathForm: .verbatim)
        let signed = RequestSigner(key: Self.s3Key, region: "us-east-1", service: "s3").sign(
            request, at: time)
        #expect(
            signed.header("authorization")?.hasSuffix(
                "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41") == true)
    }

    /// Source: Amazon S3 API reference, "Authenticating Requests: Using Query Parameters".
    @Test func presignsTheLinkExampleOfS3() throws {
        let time = try #require(SigningTime("20130524T000000Z"))
        let request = SignableRequest(
            method: "GET", path: "/test.txt", headers: [("Host", "examplebucket.s3.amazonaws.com")],
            payloadHash: SignableRequest.unsignedPayload, pathForm: .verbatim)
        let signed = RequestSigner(key: Self.s3Key, region: "us-east-1", service: "s3")
            .presign(request, at: time, expires: 86_400)
        #expect(
            signed.query.last
                == QueryParameter(
                    "X-Amz-Signature", "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    }

    /// Source: aws-msk-iam-sasl-signer-python 1.0.2 with its clock at that time.
    @Test(arguments: [
        (nil, "24ebada2ed545858377591fc84af1a1bff3c40c5e8ab0c1fc85eee156cfb42da"),
        ("SESSIONTOKENEXAMPLE==", "f7cbe281e7d7465a1131cb171bf57b8118081c7482b09cce20ab1afb15ccbf4b"),
    ])
    func presignsTheLoginOfMSK(sessionToken: String?, signature: String) throws {
        let time = try #require(SigningTime("20260102T030405Z"))
        var key = Self.documentationKey
        key.sessionToken = sessionToken
        let request = SignableRequest(
            method: "GET", query: [QueryParameter("Action", "kafka-cluster:Connect")],
            headers: [("host", "kafka.us-east-1.amazonaws.com")])
        let signed = RequestSigner(key: key, region: "us-east-1", service: "kafka-cluster")
            .presign(request, at: time, expires: 900)
        #expect(signed.query.last == QueryParameter("X-Amz-Signature", signature))
    }
}
