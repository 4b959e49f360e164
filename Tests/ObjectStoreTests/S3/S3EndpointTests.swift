import AWSSigning
import Testing

@testable import ObjectStore

@Suite struct S3EndpointTests {
    static func url(
        _ endpoint: String?, _ bucket: String, pathStyle: Bool, region: String = "eu-west-1"
    ) throws -> String {
        var settings = S3Settings(
            bucket: bucket, endpoint: endpoint, region: region, credentials: .anonymous)
        settings.pathStyle = pathStyle
        return try S3Endpoint(settings).url(of: .named("a b/ä+1.json"), [QueryParameter("x y", "1/2")])
    }

    static let path = "a%20b/%C3%A4%2B1.json?x%20y=1%2F2"

    @Test func ofAWSIsTheRegionsHost() throws {
        #expect(
            try Self.url(nil, "my-bucket", pathStyle: true)
                == "https://s3.eu-west-1.amazonaws.com/my-bucket/" + Self.path)
        #expect(
            try Self.url(nil, "my-bucket", pathStyle: false)
                == "https://my-bucket.s3.eu-west-1.amazonaws.com/" + Self.path)
        #expect(
            try Self.url(nil, "my-bucket", pathStyle: false, region: "cn-north-1")
                == "https://my-bucket.s3.cn-north-1.amazonaws.com.cn/" + Self.path)
    }

    static let styles: [(String, String, String)] = [
        ("http://localhost:9000", "bucket", "http://bucket.localhost:9000/"),
        ("https://store.example.org/s3/", "bucket", "https://bucket.store.example.org/s3/"),
        // No bucket is a subdomain of a number, and no certificate covers a bucket with dots.
        ("http://127.0.0.1:9000", "bucket", "http://127.0.0.1:9000/bucket/"),
        ("http://[::1]:9000", "bucket", "http://[::1]:9000/bucket/"),
        ("https://store.example.org", "my.bucket", "https://store.example.org/my.bucket/"),
        ("http://store.example.org", "my.bucket", "http://my.bucket.store.example.org/"),
        ("HTTP://Localhost:80", "bucket", "http://bucket.localhost/"),
    ]

    @Test(arguments: styles)
    func putsTheBucketIntoTheHostWhereThatWorks(endpoint: String, bucket: String, base: String) throws {
        #expect(try Self.url(endpoint, bucket, pathStyle: false) == base + Self.path)
    }

    @Test(arguments: [
        "", "localhost:9000", "ftp://localhost", "http://", "http:///x", "http://a b", "http://a:b",
        "http://a?x=1",
        "http://user:secret@host", "http://a:70000",
    ])
    func refusesWhatIsNoAddress(text: String) {
        let error = #expect(throws: ObjectStoreError.self) { try Self.url(text, "bucket", pathStyle: true) }
        #expect(error?.code == .refused)
    }

    @Test(arguments: ["", "a/b", "..", "a b", "ä"])
    func refusesABucketThatCannotStandInAPath(bucket: String) {
        #expect(throws: ObjectStoreError.self) { try Self.url(nil, bucket, pathStyle: true) }
    }

    @Test func signsTheHostAndTheHashOfTheBody() throws {
        let settings = S3Settings(
            bucket: "examplebucket", region: "us-east-1", credentials: .anonymous)
        let endpoint = try S3Endpoint(settings)
        let key = AccessKey(id: "AKID", secret: "secret")
        let headers = S3Request("GET", .named("a"), headers: [("Range", "bytes=0-9")]).signedHeaders(
            to: endpoint, region: "us-east-1", key: key, at: SigningTime(seconds: 0))
        let text = headers.first { $0.name == "Authorization" }?.value ?? ""
        #expect(text.contains("SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"))
        #expect(text.contains("AKID/19700101/us-east-1/s3/aws4_request"))
        let unsigned = S3Request("GET", .named("a")).signedHeaders(
            to: endpoint, region: "us-east-1", key: nil, at: SigningTime(seconds: 0))
        #expect(unsigned.map(\.name) == ["Host", "X-Amz-Content-Sha256"])
    }
}
