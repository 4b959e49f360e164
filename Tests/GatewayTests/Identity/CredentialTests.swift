import NIOCore
import StreamModel
import Testing

@testable import Gateway

@Suite struct CredentialTests {
    private let all = Set(AuthenticationMethod.allCases)

    private func shown(
        _ headers: String, target: String = "/topics/t", certificate: String? = nil,
        methods: Set<AuthenticationMethod>? = nil
    ) -> Credential? {
        let head = HTTPRequestHead(target: target, fields: HTTPFields(ByteBuffer(string: headers)))
        return Credential.shown(by: head, certificate: certificate, methods: methods ?? all)
    }

    @Test func readsEachKind() {
        #expect(
            shown("Authorization: Basic YWxpY2U6cGE6c3M=\r\n") == .basic(user: "alice", password: "pa:ss"))
        #expect(shown("authorization: bearer  a.b.c\r\n") == .bearer("a.b.c"))
        #expect(shown("X-Api-Key: k\r\n") == .apiKey("k"))
        #expect(shown("Authorization: AWS4-HMAC-SHA256 Credential=x\r\n") == .signature)
        #expect(shown("", target: "/?X-Amz-Signature=1") == .signature)
        #expect(shown("", certificate: "CN=a") == .certificate(name: "CN=a"))
        #expect(shown("") == nil)
    }

    @Test(arguments: ["Basic !", "Basic YWxpY2U=", "Basic OnB3", "Digest x", "x", "Basic"])
    func whatCannotBeReadIsNotTakenForNothing(value: String) {
        #expect(shown("Authorization: \(value)\r\n") == .unreadable)
    }

    @Test func aHeaderGoesBeforeTheConnection() {
        #expect(shown("X-Api-Key: k\r\n", certificate: "CN=a") == .apiKey("k"))
        #expect(shown("X-Api-Key: k\r\nAuthorization: Bearer t\r\n") == .bearer("t"))
    }

    @Test func aMethodThatIsNotAskedForIsNotLookedAt() {
        #expect(shown("X-Api-Key: k\r\n", methods: [.basic]) == nil)
        #expect(shown("", certificate: "CN=a", methods: [.basic]) == nil)
        #expect(shown("Authorization: Bearer t\r\n", methods: [.basic]) == .unreadable)
        // As with an API Gateway that asks for a signature and a key, where the key alone counts here.
        #expect(
            shown("Authorization: AWS4-HMAC-SHA256 x\r\nX-Api-Key: k\r\n", methods: [.apiKey]) == .apiKey("k")
        )
    }
}

@Suite struct RequiredRightsTests {
    typealias Right = RequiredRights.Right

    private static let cases: [(HTTPMethod, String, Right)] = [
        (.post, "topics/a", Right(.write, .topic("a"))),
        (.post, "topics/a/partitions/0", Right(.write, .topic("a"))),
        (.get, "topics/a", Right(.describe, .topic("a"))),
        (.get, "topics/a/partitions/0/offsets", Right(.describe, .topic("a"))),
        (.post, "consumers/g", Right(.read, .group("g"))),
        (.get, "consumers/g/instances/i/records", Right(.read, .group("g"))),
        (.post, "v3/clusters/c/topics/a/records", Right(.write, .topic("a"))),
        (.post, "v3/clusters/c/topics/a/records:batch", Right(.write, .topic("a"))),
        (.put, "streams/s/record", Right(.write, .topic("s"))),
        (.get, "stream/s/sharditerator", Right(.read, .topic("s"))),
        (.delete, "streams/s", Right(.delete, .topic("s"))),
    ]

    @Test(arguments: cases)
    func aPathNeedsARight(method: HTTPMethod, path: String, right: RequiredRights.Right) {
        #expect(RequiredRights.rights(method, path.split(separator: "/").map(String.init)) == [right])
    }

    @Test func theStreamOfTheQueryCountsWhereThePathNamesNone() {
        let query = QueryItems("stream-name=s")
        #expect(RequiredRights.rights(.put, ["streams", "record"], query) == [Right(.write, .topic("s"))])
        #expect(
            RequiredRights.rights(.put, ["streams", "t", "record"], query) == [Right(.write, .topic("t"))])
        #expect(RequiredRights.rights(.delete, ["streams"], query) == [Right(.delete, .topic("s"))])
    }

    @Test(arguments: [
        "topics", "brokers", "v3/clusters", "v3/clusters/c/topics", "v3/clusters/c/topics/-/configs",
        "v3/clusters/c/topics/a/configs", "v3/clusters/c/acls",
    ])
    func aListNeedsNone(path: String) {
        #expect(RequiredRights.rights(.get, path.split(separator: "/").map(String.init)) == [])
    }
}
