/// The three tables of a post, in the order in which their rows are sent.
package enum EmulatedTable: String, CaseIterable, Sendable {
    case pin, geo, user
}

/// Where posts come from.
///
/// A post is a function of its number, so that several senders can take posts at the same time and the
/// same run sends the same posts whatever their number.
package protocol PostSource: Sendable {
    /// How many different posts there are; nil if there is no end to them.
    var postCount: Int? { get }

    /// What the user should know before posting starts, such as files that were left out.
    var notes: [String] { get }

    /// Appends a post's row of one table as a JSON value.
    ///
    /// Numbers from `postCount` on start again from the first post.
    ///
    /// - Returns: false, with nothing appended, if the post has no row in this table.
    func append(_ table: EmulatedTable, ofPost number: Int, to bytes: inout [UInt8]) -> Bool
}
