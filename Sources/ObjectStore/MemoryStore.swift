/// Objects in memory, for tests.
package actor MemoryStore: ObjectStore {
    private struct Held {
        var content: [UInt8]
        var version: Int
        var tags: [(String, String)]

        var stat: ObjectStat {
            ObjectStat(size: Int64(content.count), etag: "\"\(version)\"", modified: Int64(version))
        }
    }

    private var objects: [ObjectKey: Held] = [:]
    private var version = 0

    package init() {}

    package func put(_ content: [UInt8], as key: ObjectKey, options: PutOptions) -> PutOutcome {
        guard !options.ifAbsent || objects[key] == nil else { return .exists }
        version += 1
        objects[key] = Held(content: content, version: version, tags: options.tags)
        return .stored
    }

    package func put(
        file path: String, as key: ObjectKey, options: PutOptions
    ) throws(ObjectStoreError) -> PutOutcome {
        put(try LocalFile.content(of: path), as: key, options: options)
    }

    package func get(_ key: ObjectKey, range: Range<Int64>?) -> [UInt8]? {
        guard let content = objects[key]?.content else { return nil }
        guard let range else { return content }
        return Array(content[range.within(Int64(content.count))])
    }

    package func get(_ key: ObjectKey, into path: String) throws(ObjectStoreError) -> ObjectStat? {
        guard let held = objects[key] else { return nil }
        let file = try LocalFile(replacing: path)
        try file.write(held.content)
        return held.stat
    }

    package func stat(_ key: ObjectKey) -> ObjectStat? { objects[key]?.stat }

    package func list(prefix: String, after: ObjectKey?, limit: Int) -> [ListedObject] {
        let found = objects.filter { key, _ in
            key.rawValue.utf8.starts(with: prefix.utf8) && after.map { $0 < key } ?? true
        }
        return found.sorted { $0.key < $1.key }.prefix(max(0, limit))
            .map { ListedObject(key: $0.key, stat: $0.value.stat) }
    }

    package func delete(_ key: ObjectKey) { objects[key] = nil }

    /// The tags that an object was stored with.
    package func tags(of key: ObjectKey) -> [(String, String)] { objects[key]?.tags ?? [] }
}

extension Range<Int64> {
    /// The part that an object of so many bytes has.
    func within(_ size: Int64) -> Range<Int> {
        let end = Swift.min(Swift.max(upperBound, 0), size)
        return Int(Swift.min(Swift.max(lowerBound, 0), end))..<Int(end)
    }
}
