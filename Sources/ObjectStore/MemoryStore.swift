/// Objects in memory, for tests.
package actor MemoryStore: ObjectStore {
    private var objects: [ObjectKey: [UInt8]] = [:]

    package init() {}

    package func put(_ content: [UInt8], as key: ObjectKey) { objects[key] = content }

    package func putIfAbsent(_ content: [UInt8], as key: ObjectKey) -> Bool {
        guard objects[key] == nil else { return false }
        objects[key] = content
        return true
    }

    package func get(_ key: ObjectKey) -> [UInt8]? { objects[key] }

    package func list(prefix: String) -> [ObjectKey] {
        objects.keys.filter { $0.rawValue.hasPrefix(prefix) }.sorted()
    }

    package func delete(_ key: ObjectKey) { objects[key] = nil }
}
