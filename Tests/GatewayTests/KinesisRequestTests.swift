import NIOCore
import Testing

@testable import Gateway

@Suite struct KinesisRequestTests {
    private func request(authorization: String? = nil, query: Substring = "") -> GatewayRequest {
        var head = HTTPRequestHead(method: .post, target: "/?\(query)")
        if let authorization {
            head.fields = HTTPFields(ByteBuffer(string: "Authorization: \(authorization)\r\n"))
        }
        return GatewayRequest(
            head: head, path: [], stage: "", query: QueryItems(query), body: ByteBuffer(),
            caller: .anonymous(from: ""))
    }

    private func region(_ request: GatewayRequest) -> String? {
        SignedRegion.region(of: request, default: "us-east-1")
    }

    @Test(arguments: [
        (
            "AWS4-HMAC-SHA256 Credential=id/20260101/eu-west-1/kinesis/aws4_request, SignedHeaders=host",
            "eu-west-1"
        ),
        (
            "AWS4-HMAC-SHA256 SignedHeaders=host,Credential=a/b/20260101/us-gov-east-1/kinesis/aws4_request",
            "us-gov-east-1"
        ),
        ("AWS4-HMAC-SHA256 Credential=id/20260101/../kinesis/aws4_request", nil),
        ("AWS4-HMAC-SHA256 Credential=id/kinesis", nil), ("AWS4-HMAC-SHA256", nil), ("Basic YTpi", nil),
        ("", nil),
    ])
    func theRegionIsTheOneOfTheSignature(_ authorization: String, _ expected: String?) {
        #expect(region(request(authorization: authorization)) == expected)
    }

    @Test func aPresignedRequestNamesItsRegionToo() {
        let query: Substring = "X-Amz-Credential=id%2F20260101%2Feu-west-1%2Fkinesis%2Faws4_request"
        #expect(region(request(query: query)) == "eu-west-1")
        #expect(region(request()) == nil)
    }

    @Test func noTwoRequestsHaveTheSameName() {
        let identifiers = RequestIdentifiers()
        let names = (0..<1000).map { _ in identifiers.next() }
        #expect(Set(names.map(\.requestID)).count == 1000 && Set(names.map(\.extendedID)).count == 1000)
        let parts = names[0].requestID.split(separator: "-").map(\.count)
        #expect(parts == [8, 4, 4, 4, 12])
    }
}
