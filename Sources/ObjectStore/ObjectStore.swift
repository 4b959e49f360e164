/// Where objects are kept; an object is there whole or not at all.
///
/// Every call may be repeated after an error: what it did before, if anything, is then done again or found done.
package protocol ObjectStore: Sendable {
    /// Stores an object, in place of one of the same key unless told otherwise; it is durable on return.
    func put(
        _ content: [UInt8], as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome
    /// Stores a whole local file of any size, as the other `put` does.
    ///
    /// The file stays where it is. A store may share its bytes: delete it afterwards, but do not write to it.
    func put(
        file path: String, as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome
    /// The object's content, or the part of it that lies in a range; nil if there is no such object.
    ///
    /// - Parameter range: what lies beyond the object's end is left out.
    func get(_ key: ObjectKey, range: Range<Int64>?) async throws(ObjectStoreError) -> [UInt8]?
    /// Writes the object's content to a local file, in place of what it held, with bounded memory.
    ///
    /// - Returns: what was written; nil, and no file, if there is no such object.
    func get(_ key: ObjectKey, into path: String) async throws(ObjectStoreError) -> ObjectStat?
    /// What is known of an object without its content; nil if there is no such object.
    func stat(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectStat?
    /// Objects whose keys begin with a text, in the order of their keys' bytes.
    ///
    /// - Parameters:
    ///   - after: only keys behind this one.
    ///   - limit: most objects that are given; fewer means that there are no more.
    func list(
        prefix: String, after: ObjectKey?, limit: Int
    ) async throws(ObjectStoreError) -> [ListedObject]
    /// Deletes an object; no error if it is gone.
    func delete(_ key: ObjectKey) async throws(ObjectStoreError)
}

extension ObjectStore {
    /// Stores an object, in place of one of the same key; it is durable on return.
    package func put(_ content: [UInt8], as key: ObjectKey) async throws(ObjectStoreError) {
        _ = try await put(content, as: key, options: PutOptions())
    }

    /// Stores an object unless the key is taken; false if it is.
    package func putIfAbsent(_ content: [UInt8], as key: ObjectKey) async throws(ObjectStoreError) -> Bool {
        try await put(content, as: key, options: PutOptions(ifAbsent: true)) == .stored
    }

    /// The object's content; nil if there is no such object.
    package func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? {
        try await get(key, range: nil)
    }

    /// The keys that begin with a text, in order.
    package func list(prefix: String) async throws(ObjectStoreError) -> [ObjectKey] {
        try await list(prefix: prefix, after: nil, limit: .max).map(\.key)
    }
}

/// How an object is stored.
package struct PutOptions: Sendable {
    /// Only if the key is free.
    package var ifAbsent: Bool
    /// Kept with the object where the store can; a directory cannot.
    package var tags: [(String, String)]
    /// The media type, where the store keeps one.
    package var contentType: String?

    package init(ifAbsent: Bool = false, tags: [(String, String)] = [], contentType: String? = nil) {
        self.ifAbsent = ifAbsent
        self.tags = tags
        self.contentType = contentType
    }
}

/// What became of a put.
package enum PutOutcome: Sendable, Equatable {
    case stored
    /// The key is taken, and nothing was stored: only where `ifAbsent` was asked for.
    case exists
}

/// What is known of an object without its content.
package struct ObjectStat: Sendable, Equatable {
    /// Bytes.
    package var size: Int64
    /// Changes whenever the content does; nil if the store has no such thing.
    package var etag: String?
    /// When it was stored, in milliseconds since 1970.
    package var modified: Int64

    package init(size: Int64, etag: String? = nil, modified: Int64) {
        self.size = size
        self.etag = etag
        self.modified = modified
    }
}

/// An object as a listing names it.
package struct ListedObject: Sendable, Equatable {
    package var key: ObjectKey
    package var stat: ObjectStat

    package init(key: ObjectKey, stat: ObjectStat) {
        self.key = key
        self.stat = stat
    }
}

/// Why the store refused.
package struct ObjectStoreError: Error, CustomStringConvertible {
    package enum Code: Sendable {
        /// No room: try again when there is.
        case full
        /// The store cannot be reached or is busy: try again.
        case unavailable
        /// The store will say the same again until its owner changes something: rights, the bucket, the settings.
        case refused
    }

    package var code: Code
    /// What happened, to which object, and how to put it right.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed later.
    package var isRetriable: Bool { code != .refused }

    package var description: String { message }
}
