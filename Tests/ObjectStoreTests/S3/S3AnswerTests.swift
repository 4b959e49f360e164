import NIOCore
import NIOHTTP1
import Testing

@testable import ObjectStore

@Suite struct S3AnswerTests {
    @Test func readsAPageOfAListing() throws {
        let page = try #require(
            S3Page(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
                <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
                <NextContinuationToken>a&amp;b==</NextContinuationToken>
                <Contents><Key>topics/a%2Bb+c%2F</Key><Size>0</Size></Contents>
                <Contents><Key>topics/a%2Bb+c</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>
                <ETag>&quot;abc&quot;</ETag><Size>12</Size></Contents></ListBucketResult>
                """))
        #expect(page.next == "a&b==")
        let stat = ObjectStat(size: 12, etag: "\"abc\"", modified: 1_767_323_045_678)
        #expect(page.objects == [ListedObject(key: .named("topics/a+b c"), stat: stat)])
    }

    @Test(arguments: [
        "", "<html></html>", "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "<ListBucketResult>",
    ])
    func takesNothingElseForAListing(text: String) {
        #expect(S3Page(text) == nil)
    }

    @Test(arguments: [
        "<a>&unknown;</a>", "<a><b></a></b>", "<a", "<>", "</a>", "<a>&#xD800;</a>", "x<a/>",
        "<a>&#99999999999;</a>",
        "<!--", "<![CDATA[x]]>", "<a><![CDATA[", "<a>&amp", "< a></a>",
        String(repeating: "<a>", count: 1000) + String(repeating: "</a>", count: 1000),
    ])
    func refusesWhatIsNotWellFormed(text: String) {
        #expect(S3XML(text) == nil)
    }

    @Test func readsTextsEntitiesAndAttributes() {
        let root = S3XML(
            "<?xml version='1.0'?><!-- c --><x:a b='>' c=\"/\"> 1 &lt;&#65;&#x42;<![CDATA[<&]]><b/><b>2</b></x:a>\n"
        )
        #expect(root?.name == "a")
        #expect(root?.text == " 1 <AB<&")
        #expect(root?.all("b").map(\.text) == ["", "2"])
    }

    @Test func anyCutOfADocumentIsRefusedOrRead() {
        let text = Array("<?xml version='1.0'?><a x='1'><b>&amp;<![CDATA[x]]></b><!-- c --></a>".utf8)
        for end in 0...text.count { _ = S3XML(String(decoding: text[..<end], as: UTF8.self)) }
    }

    @Test(arguments: [
        ("2026-01-02T03:04:05.678Z", 1_767_323_045_678), ("2026-01-02T03:04:05Z", 1_767_323_045_000),
        ("2026-01-02T03:04:05.6Z", 1_767_323_045_600), ("yesterday", nil), ("", nil), (".", nil),
    ])
    func readsTimesOfBodies(text: String, time: Int64?) {
        #expect(S3Time.iso(text) == time)
    }

    @Test(arguments: [
        ("Fri, 02 Jan 2026 03:04:05 GMT", 1_767_323_045_000), ("Fri, 2 Jan 2026 03:04:05 GMT", nil),
        ("Fri, 02 Foo 2026 03:04:05 GMT", nil), ("", nil),
    ])
    func readsTimesOfHeaders(text: String, time: Int64?) {
        #expect(S3Time.httpDate(text) == time)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func writesBase64(text: String, expected: String) {
        #expect(S3Digest.base64(text.utf8) == expected)
    }
}

@Suite struct S3FailureTests {
    static let place = S3Place(
        bucket: "b", address: "http://store", region: "eu-west-1", keyID: "AKIA1")

    static func failure(_ status: Int, _ code: String = "", region: String? = nil) -> S3Failure {
        S3Failure(status: status, code: code, message: "m", region: region)
    }

    @Test(arguments: [
        (500, "InternalError"), (503, "SlowDown"), (503, ""), (502, ""), (504, ""), (429, ""), (408, ""),
        (400, "RequestTimeout"), (409, "ConditionalRequestConflict"), (200, "InternalError"),
        (400, "BadDigest"),
    ])
    func whatPassesIsTriedAgain(status: Int, code: String) {
        #expect(Self.failure(status, code).isPassing)
        #expect(Self.failure(status, code).error("put", Self.place).code == .unavailable)
    }

    @Test(arguments: [
        (403, "AccessDenied", "the access key AKIA1 may not do that in the bucket 'b'"),
        (403, "", "AKIA1"), (403, "SignatureDoesNotMatch", "the secret of the access key AKIA1 is wrong"),
        (403, "InvalidAccessKeyId", "does not know the access key AKIA1"),
        (403, "RequestTimeTooSkewed", "the clock of this machine"),
        (404, "NoSuchBucket", "there is no bucket 'b' at http://store"),
        (400, "InvalidArgument", "refuses the request"), (501, "NotImplemented", "cannot do that"),
        (301, "", "in another region than eu-west-1"),
    ])
    func whatStaysSaysWhatToDo(status: Int, code: String, text: String) {
        let error = Self.failure(status, code).error("put s3://b/k", Self.place)
        #expect(error.code == .refused)
        #expect(!error.isRetriable)
        #expect(error.message.contains(text), "\(error.message)")
        #expect(error.message.hasPrefix("cannot put s3://b/k: "))
    }

    @Test func aBucketOfAnotherRegionNamesIt() {
        let error = Self.failure(301, "PermanentRedirect", region: "us-east-2").error("put", Self.place)
        #expect(
            error.message.contains("is in the region us-east-2, not eu-west-1: set the region to us-east-2"))
    }

    @Test func anUploadThatIsGoneMayBeTriedAgainAsAWhole() {
        let error = Self.failure(404, "NoSuchUpload").error("put part 2", Self.place)
        #expect(error.isRetriable)
        #expect(!Self.failure(404, "NoSuchUpload").isPassing)
    }

    @Test func aStoreWithoutRoomIsFull() {
        #expect(Self.failure(507, "").error("put", Self.place).code == .full)
        #expect(Self.failure(507, "XMinioStorageFull").error("put", Self.place).code == .full)
    }

    @Test func readsAnErrorsBodyAndHeaders() {
        let headers: HTTPHeaders = ["x-amz-bucket-region": "us-east-2"]
        let body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
        let full = S3Failure(S3Answer(status: 403, headers: headers, body: ByteBuffer(string: body)))
        #expect(full == S3Failure(status: 403, code: "AccessDenied", message: "no", region: "us-east-2"))
        let bare = S3Failure(S3Answer(status: 502, headers: [:], body: ByteBuffer(string: "<html>x")))
        #expect(bare == S3Failure(status: 502, code: ""))
    }
}

@Suite struct S3RetryPolicyTests {
    let policy = S3RetryPolicy(retries: 3, backoffMilliseconds: 200)

    @Test(arguments: [(1, 0.0, 100), (1, 1.0, 200), (2, 1.0, 400), (3, 1.0, 800), (3, 0.0, 400)])
    func waitsTwiceAsLongEachTime(failures: Int, chance: Double, milliseconds: Int) {
        #expect(policy.delay(after: failures, asked: nil, chance: chance) == .milliseconds(milliseconds))
    }

    @Test func endsAfterItsRetries() {
        #expect(policy.delay(after: 4, asked: nil, chance: 0) == nil)
        #expect(
            S3RetryPolicy(retries: 0, backoffMilliseconds: 200).delay(after: 1, asked: 1, chance: 0) == nil)
    }

    @Test func waitsAsLongAsTheStoreAsksWithinALimit() {
        #expect(policy.delay(after: 1, asked: 5, chance: 0) == .milliseconds(5000))
        #expect(
            policy.delay(after: 1, asked: .max, chance: 0)
                == .milliseconds(S3RetryPolicy.maxAskedMilliseconds))
        #expect(policy.delay(after: 1, asked: -5, chance: 0) == .milliseconds(100))
        let long = S3RetryPolicy(retries: 99, backoffMilliseconds: .max)
        #expect(long.delay(after: 90, asked: nil, chance: 1) == .milliseconds(S3RetryPolicy.maxMilliseconds))
    }
}
