/// An interface of the gateway that rows can be posted through.
package enum PostingInterface: String, CaseIterable, Sendable {
    /// Kafka's REST Proxy: rows go to topics.
    case kafka
    /// Kinesis behind an API gateway: rows go to streams.
    case kinesis

    /// Most records of one request.
    package var maxBatch: Int {
        switch self {
        case .kafka: EmulationSettings.maxBatch
        case .kinesis: 500
        }
    }
}

/// The topic or the stream of a table's rows.
package struct PostingDestination: Hashable, Sendable {
    package var interface: PostingInterface
    package var table: EmulatedTable
    /// The topic's or the stream's name.
    package var name: String

    package init(_ interface: PostingInterface, _ table: EmulatedTable, name: String) {
        self.interface = interface
        self.table = table
        self.name = name
    }
}

/// One request to the gateway: the rows of one table of some posts.
package struct PostingRequest: Sendable, Equatable {
    package enum Method: String, Sendable { case post = "POST", put = "PUT" }

    package let method: Method
    /// What follows the address of the gateway and its stage.
    package let path: String
    package let contentType: String
    package private(set) var body: [UInt8] = []
    package private(set) var recordCount = 0

    /// Takes the rows of the posts; posts without a row in this table are left out.
    ///
    /// A stream takes a single row as `…/record` and several as `…/records`; the partition key is the post's number,
    /// so that the shards of a stream share the rows.
    package init(
        to destination: PostingDestination, ofPosts posts: Range<Int>, from source: some PostSource
    ) {
        switch (destination.interface, posts.count) {
        case (.kafka, _):
            method = .post
            path = "/topics/" + destination.name
            contentType = "application/vnd.kafka.json.v2+json"
        case (.kinesis, let count):
            method = .put
            path = "/streams/" + destination.name + (count == 1 ? "/record" : "/records")
            contentType = "application/json"
        }
        body.reserveCapacity(posts.count * (destination.table == .pin ? 950 : 200) + 96)
        switch (destination.interface, posts.count) {
        case (.kafka, _): appendRecords(destination, posts, source)
        case (.kinesis, 1): appendRecord(destination, posts.lowerBound, source)
        case (.kinesis, _): appendStreamRecords(destination, posts, source)
        }
    }

    private mutating func appendRecords(
        _ destination: PostingDestination, _ posts: Range<Int>, _ source: some PostSource
    ) {
        body.append("{\"records\":[")
        appendRows(destination, posts, source, before: "{\"value\":") { body, _ in body.append("}") }
        body.append("]}")
    }

    private mutating func appendStreamRecords(
        _ destination: PostingDestination, _ posts: Range<Int>, _ source: some PostSource
    ) {
        body += "{\"StreamName\":\"\(destination.name)\",\"records\":[".utf8
        appendRows(destination, posts, source, before: "{\"data\":") { body, post in
            body.append(",\"partition-key\":\"")
            body.appendDecimal(post)
            body.append("\"}")
        }
        body.append("]}")
    }

    private mutating func appendRecord(
        _ destination: PostingDestination, _ post: Int, _ source: some PostSource
    ) {
        body += "{\"StreamName\":\"\(destination.name)\",".utf8
        appendRows(destination, post..<post + 1, source, before: "\"Data\":") { body, post in
            body.append(",\"PartitionKey\":\"")
            body.appendDecimal(post)
            body.append("\"")
        }
        body.append("}")
    }

    private mutating func appendRows(
        _ destination: PostingDestination, _ posts: Range<Int>, _ source: some PostSource,
        before opening: StaticString, after close: (inout [UInt8], _ post: Int) -> Void
    ) {
        for post in posts {
            let start = body.count
            if recordCount > 0 { body.append(UInt8(ascii: ",")) }
            body.append(opening)
            if source.append(destination.table, ofPost: post, to: &body) {
                close(&body, post)
                recordCount += 1
            } else {
                body.removeLast(body.count - start)
            }
        }
    }
}
