import StreamModel
import Testing

@testable import Gateway

@Suite struct RequestRouterTests {
    @Test(
        arguments: [
            ("/topics/user.pin", "user.pin", nil), ("/topics/user.pin/", "user.pin", nil),
            ("//topics//a", "a", nil),
            ("/test/topics/a", "a", nil), ("/a/b/c/topics/a", "a", nil),
            ("/topics/a?x=1&y=/topics/b", "a", nil),
            ("/topics/a/partitions/0", "a", 0), ("/prod/topics/a/partitions/12/", "a", 12),
            ("/topics/a%2Eb", "a.b", nil),
            ("/topics/%61", "a", nil), ("http://host:1/topics/a", "a", nil),
            // A topic may be named like a part of the path.
            ("/topics/topics", "topics", nil), ("/topics/topics/partitions/1", "topics", 1),
            ("/topics/partitions", "partitions", nil), ("/topics/partitions/partitions/1", "partitions", 1),
            ("/stage/topics/topics", "topics", nil), ("/topics/topics/a", "a", nil),
        ] as [(String, String, Int32?)])
    func aPathLeadsToItsTopic(path: String, topic: String, partition: Int32?) {
        let expected = ProducePath(topic: TopicName(topic), text: topic, partition: partition)
        #expect(route(path).endpoint?.produce == expected)
        #expect(TopicName(topic) != nil)
    }

    @Test(arguments: [
        ("/topics/a%20b", "a b"), ("/topics/%2E%2E", ".."), ("/topics/..", ".."), ("/topics/a%2Fb", "a/b"),
        ("/topics/a%00b", "a\0b"), ("/topics/a:b", "a:b"), ("/topics/%C3%A9", "é"),
        ("/topics/a%252e", "a%2e"),
        ("/topics/" + String(repeating: "x", count: 250), String(repeating: "x", count: 250)),
    ])
    func aNameThatNoTopicCanHaveIsKeptForTheAnswer(path: String, text: String) {
        #expect(
            route(path).endpoint?.produce == ProducePath(topic: nil, text: text, partition: nil))
    }

    @Test(arguments: [
        "/topics", "/topics/", "/topic/a", "/x", "/topics/a/partitions", "/topics/a/partitions/x",
        "/topics/a/partition/0",
        "/topics/a/partitions/0/offsets", "/topics/a/b", "/topics/a/partitions/99999999999", "/topics/%",
        "/topics/%2",
        "/topics/%zz", "/topics/%+1", "/topics/%FF", "/Topics/a", "/topics/a/partitions/1.0", "*",
    ])
    func anyOtherPathIsNotFound(path: String) {
        #expect(route(path).endpoint == nil)
    }

    @Test(arguments: ["/", "", "//", "/?x", "?", "/?/topics/a"])
    func theRootIsTheRoot(path: String) {
        #expect(route(path).endpoint?.template == "/")
    }

    @Test(arguments: [
        ("/topics/a", ""), ("/prod/topics/a", "/prod"), ("//x//y/topics/a", "/x/y"),
        ("http://h:1/s/topics/a", "/s"), ("/topics/topics/a", "/topics"),
    ])
    func whatStandsBeforeThePathIsTheStage(path: String, stage: String) {
        #expect(route(path).stage == stage)
    }

    @Test func queryItemsAreDecoded() {
        let query = QueryItems("a=1&b=x%20y+z&a=2&c&d=%zz")
        #expect(query["a"] == "1")
        #expect(query.all("a") == ["1", "2"])
        #expect(query["b"] == "x y z")
        #expect(query["c"] == "")
        #expect(query["d"] == "%zz")
        #expect(query["e"] == nil)
    }

    private func route(_ target: String) -> GatewayRoute {
        let restProxy = RESTProxyDialect()
        return RequestRouter([restProxy], fallback: restProxy).route(
            HTTPRequestHead(method: .get, target: target))
    }
}
