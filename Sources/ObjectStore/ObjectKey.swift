/// The name of an object: parts separated by `/`.
package struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// The longest key, in bytes, as S3 has it.
    package static let maxBytes = 1024

    /// What the names of unfinished objects end with, in a directory.
    static let unfinishedSuffix = ".partial"

    /// Nil for a key that is empty, too long, or not safe as a path: no part may be empty, `.` or `..`, or look like
    /// the name of an unfinished object.
    package init?(_ rawValue: String) {
        let parts = rawValue.split(separator: "/", omittingEmptySubsequences: false)
        guard !rawValue.isEmpty, rawValue.utf8.count <= Self.maxBytes, !rawValue.utf8.contains(0),
            parts.allSatisfy(Self.isSafe)
        else { return nil }
        self.rawValue = rawValue
    }

    private static func isSafe(_ part: Substring) -> Bool {
        let isUnfinished = part.hasPrefix(".") && part.hasSuffix(unfinishedSuffix)
        return !part.isEmpty && part != "." && part != ".." && !isUnfinished
    }

    package var description: String { rawValue }

    /// By bytes, as stores compare keys: two spellings of one accented letter are two keys.
    package static func == (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.elementsEqual(right.rawValue.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(rawValue)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}
