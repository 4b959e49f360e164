/// The body of one produce request: the rows of one table of some posts.
package struct ProduceRequest: Sendable, Equatable {
    package static let contentType = "application/vnd.kafka.json.v2+json"

    package private(set) var body: [UInt8] = []
    package private(set) var recordCount = 0

    /// Takes the rows of the posts; posts without a row in this table are left out.
    package init(_ table: EmulatedTable, ofPosts posts: Range<Int>, from source: some PostSource) {
        body.reserveCapacity(posts.count * (table == .pin ? 900 : 160) + 32)
        body.append("{\"records\":[")
        for post in posts {
            let start = body.count
            if recordCount > 0 { body.append(UInt8(ascii: ",")) }
            body.append("{\"value\":")
            if source.append(table, ofPost: post, to: &body) {
                body.append(UInt8(ascii: "}"))
                recordCount += 1
            } else {
                body.removeLast(body.count - start)
            }
        }
        body.append("]}")
    }
}
