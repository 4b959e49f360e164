/// What names of objects can be made of.
enum PathChecks {
    /// Why a text cannot be folders of a name; nil if it can.
    static func folderComplaint(_ text: String) -> String? {
        let parts = text.trimmedBlanks.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { isPart($0) }
            ? nil : "a path like topics or a/b, without / at its ends and without . or .. as a part"
    }

    /// Why a text cannot be part of a file's name.
    static func nameComplaint(_ text: String) -> String? {
        text.contains("/") || text.utf8.contains(0) || text.contains("~") ? "must have neither / nor ~" : nil
    }

    static func delimiterComplaint(_ text: String) -> String? {
        text.isEmpty ? "String must be non-empty" : nameComplaint(text)
    }

    private static func isPart(_ part: Substring) -> Bool {
        !part.isEmpty && part != "." && part != ".." && !part.utf8.contains(0)
    }
}

/// How values of configurations are read.
package enum ConfigText {
    /// The elements of a list: parted by commas, without blanks round them.
    package static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0).trimmedBlanks }.filter { !$0.isEmpty }
    }
}
