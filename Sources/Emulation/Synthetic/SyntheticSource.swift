/// Posts drawn from a synthetic table, with replacement: as on a real site, some come twice.
package struct SyntheticSource: PostSource {
    package let table: SyntheticTable

    /// Rows of the table when posting has no end.
    package static let endlessRowCount = 100 * PosterDeck.rowCount

    package var postCount: Int? { nil }

    package var notes: [String] { [] }

    /// Makes the source of a run; the table has at least as many rows as posts are wanted.
    ///
    /// - Parameter posts: Posts wanted; nil or 0 means no end.
    package init(seed: UInt64, posts: Int?) {
        let wanted = posts.flatMap { $0 > 0 ? $0 : nil } ?? SyntheticSource.endlessRowCount
        table = SyntheticTable(seed: seed, atLeast: wanted)
    }

    /// The row of the table that a post shows.
    package func row(ofPost number: Int) -> Int {
        var chance = SplitMix64(seed: table.seed, stream: .post, item: UInt64(number))
        return chance.below(table.rowCount)
    }

    package func append(_ table: EmulatedTable, ofPost number: Int, to bytes: inout [UInt8]) -> Bool {
        self.table.append(table, row: row(ofPost: number), to: &bytes)
        return true
    }
}
