/// How many posts each poster has: a deck of 5,307 posters with 11,154 posts between them.
///
/// A table of more rows is made of several such decks, so that the shares stay the same at any size.
package struct PosterDeck: Sendable {
    package static let rowCount = 11_154
    package static let posterCount = 5_307

    /// Posts of each poster; the first is the one that stands for all rows whose poster is unknown.
    let postCounts: [UInt16]
    private let posterOfPosition: [UInt16]

    private static let unknownPosterPosts = 82

    /// Pairs of posts and number of posters with so many.
    private static let distribution: [(posts: Int, posters: Int)] = [
        (1, 3_869), (2, 640), (3, 272), (4, 156), (5, 88), (6, 65), (7, 36), (8, 35), (9, 22), (10, 25),
        (11, 11), (12, 9), (13, 8), (14, 8), (15, 6), (16, 5), (17, 1), (18, 7), (19, 5), (20, 3), (21, 3),
        (23, 1), (24, 4), (26, 1), (28, 3), (30, 1), (31, 1), (32, 1), (35, 3), (36, 1), (38, 1), (44, 1),
        (45, 2), (47, 1), (49, 1), (53, 1), (54, 1), (60, 1), (68, 1), (81, 1), (86, 2), (88, 1), (140, 1),
        (250, 1),
    ]

    init() {
        var counts = [UInt16(PosterDeck.unknownPosterPosts)]
        for (posts, posters) in PosterDeck.distribution.reversed() {
            counts += Array(repeating: UInt16(posts), count: posters)
        }
        postCounts = counts
        posterOfPosition = counts.indices.flatMap {
            Array(repeating: UInt16($0), count: Int(counts[$0]))
        }
    }

    /// The poster of a position in `0 ..< rowCount`.
    @inline(__always)
    func poster(at position: Int) -> Int {
        Int(posterOfPosition[position])
    }
}
