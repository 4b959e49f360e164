import Testing

@testable import Pipelines

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder of objects that is removed at the end of its test.
final class TemporaryBucket: Sendable {
    let path: String

    init(_ objects: [String: String] = [:]) throws {
        path = try LocalFiles.makeTemporaryFolder()
        for (name, text) in objects { try put(name, text) }
    }

    deinit { LocalFiles.removeFolder(path) }

    func put(_ name: String, _ text: String) throws {
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/" + part
            mkdir(folder, 0o755)
        }
        let file = try #require(fopen(path + "/" + name, "w"))
        defer { fclose(file) }
        try #require(text.withCString { fwrite($0, 1, text.utf8.count, file) } == text.utf8.count)
    }

    /// The objects as one pass reads them, all of one table's topics.
    func objects(table: Int = 0) throws -> RawObjectSet {
        let objects = try BucketListing.list(path).topics.flatMap(\.objects)
        return RawObjectSet(
            folder: path,
            objects: objects.map { RawObjectSet.Object(name: $0.name, bytes: $0.bytes, table: table) })
    }
}
