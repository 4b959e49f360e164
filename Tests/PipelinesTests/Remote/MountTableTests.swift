import Foundation
import Testing

@testable import Pipelines

@Suite struct MountTableTests {
    let bucket: TemporaryBucket

    init() throws {
        bucket = try TemporaryBucket()
    }

    @Test func keepsWhatWasMounted() throws {
        var table = try MountTable(data: bucket.path)
        #expect(table.mounts.isEmpty)
        let mount = Mount(
            name: "b", source: "s3://x/y", access: S3Access(endpoint: "http://h", credentials: "/k"))
        try table.add(mount)
        try table.add(Mount(name: "a", source: "/srv"))
        #expect(try MountTable(data: bucket.path).mounts.map(\.name) == ["a", "b"])
        #expect(try MountTable(data: bucket.path)["b"] == mount)
        try table.remove("a")
        #expect(try MountTable(data: bucket.path).mounts == [mount])
    }

    @Test func refusesATakenNameAndANameThatIsNotThere() throws {
        var table = try MountTable(data: bucket.path)
        try table.add(Mount(name: "a", source: "/srv"))
        #expect(throws: PipelineError.self) { try table.add(Mount(name: "a", source: "/other")) }
        #expect(throws: PipelineError.self) { try table.remove("b") }
        #expect(try MountTable(data: bucket.path)["a"]?.source == "/srv")
    }

    @Test func refusesAFileThatIsNoTable() throws {
        try FileManager.default.createDirectory(atPath: bucket.path, withIntermediateDirectories: true)
        try Data("{".utf8).write(to: URL(fileURLWithPath: bucket.path + "/mounts.json"))
        #expect(throws: PipelineError.self) { try MountTable(data: bucket.path) }
    }

    @Test(arguments: [
        ("a", true), ("a-b.c", true), ("", false), (".", false), ("..", false), ("a/b", false),
        ("a b", false),
    ])
    func aNameIsOnePartOfAPath(name: String, isOne: Bool) {
        #expect(Mount.isName(name) == isOne)
    }
}
