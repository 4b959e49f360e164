/// Where objects are kept; an object is there whole or not at all.
package protocol ObjectStore: Sendable {
    /// Stores an object, in place of one of the same key; it is durable on return.
    func put(_ content: [UInt8], as key: ObjectKey) async throws(ObjectStoreError)
    /// Stores an object unless the key is taken; false if it is.
    func putIfAbsent(_ content: [UInt8], as key: ObjectKey) async throws(ObjectStoreError) -> Bool
    /// The object's content; nil if there is no such object.
    func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]?
    /// The keys that begin with a text, in order.
    func list(prefix: String) async throws(ObjectStoreError) -> [ObjectKey]
    /// Deletes an object; no error if it is gone.
    func delete(_ key: ObjectKey) async throws(ObjectStoreError)
}

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

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Why the store refused.
package struct ObjectStoreError: Error, CustomStringConvertible {
    package enum Code: Sendable {
        /// No room: try again when there is.
        case full
        /// The store cannot be reached or refuses: try again, or look at the message.
        case unavailable
    }

    package var code: Code
    /// What happened, to which object, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
