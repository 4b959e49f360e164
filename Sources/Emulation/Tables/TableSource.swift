/// Posts that were read from files, in their order.
package struct TableSource: PostSource {
    /// The rows of one post: a number in each table's store, or nil.
    struct Post: Sendable {
        var pin: Int?
        var geo: Int?
        var user: Int?
    }

    private let posts: [Post]
    private let pins: RowStore
    private let geos: RowStore
    private let users: RowStore
    package let notes: [String]

    package var postCount: Int? { posts.count }

    init(posts: [Post], pins: RowStore, geos: RowStore, users: RowStore, notes: [String]) {
        self.posts = posts
        self.pins = pins
        self.geos = geos
        self.users = users
        self.notes = notes + TableSource.missingRows(in: posts)
    }

    package func append(_ table: EmulatedTable, ofPost number: Int, to bytes: inout [UInt8]) -> Bool {
        let post = posts[number % posts.count]
        let row: ArraySlice<UInt8>? =
            switch table {
            case .pin: post.pin.map { pins[$0] }
            case .geo: post.geo.map { geos[$0] }
            case .user: post.user.map { users[$0] }
            }
        guard let row else { return false }
        bytes.append(contentsOf: row)
        return true
    }

    private static func missingRows(in posts: [Post]) -> [String] {
        let missing = [
            ("pin", posts.count { $0.pin == nil }), ("geo", posts.count { $0.geo == nil }),
            ("user", posts.count { $0.user == nil }),
        ]
        return missing.filter { $0.1 > 0 }.map { "\($0.1) of \(posts.count) posts have no \($0.0) row" }
    }
}
