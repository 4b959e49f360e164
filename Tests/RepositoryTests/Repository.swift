import Foundation

/// The files of this repository, without what builds and runs leave behind.
enum Repository {
    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.path != "/", !exists(folder.appendingPathComponent("Package.swift").path) {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// Every file's path, relative to the root and sorted; hidden files and the root's data folder are left out.
    static let files: [String] = {
        let keys: [URLResourceKey] = [.isRegularFileKey, .isDirectoryKey]
        guard
            let walk = FileManager.default.enumerator(
                at: root, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles])
        else { return [] }
        var found: [String] = []
        for case let url as URL in walk {
            let path = String(url.path.dropFirst(root.path.count + 1))
            let values = try? url.resourceValues(forKeys: Set(keys))
            if values?.isDirectory == true, path == "data" || path.hasSuffix("__pycache__") {
                walk.skipDescendants()
            } else if values?.isRegularFile == true {
                found.append(path)
            }
        }
        return found.sorted()
    }()

    /// The Swift files under Sources and Tests, read once.
    static let swiftFiles: [SwiftFile] = files.filter { $0.hasSuffix(".swift") && isCode($0) }
        .map { SwiftFile(path: $0, bytes: bytes(of: $0)) }

    static let swiftSources: [SwiftFile] = swiftFiles.filter { $0.path.hasPrefix("Sources/") }

    static func isCode(_ path: String) -> Bool {
        ["Sources/", "Tests/", "Benchmarks/", "scripts/", "Pipelines/"].contains { path.hasPrefix($0) }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func holds(_ path: String) -> Bool { exists(root.appendingPathComponent(path).path) }

    static func bytes(of path: String) -> [UInt8] {
        (try? Data(contentsOf: root.appendingPathComponent(path))).map { [UInt8]($0) } ?? []
    }

    static func text(of path: String) -> String { String(decoding: bytes(of: path), as: UTF8.self) }

    static func lines(of path: String) -> [Substring] {
        text(of: path).split(separator: "\n", omittingEmptySubsequences: false)
    }
}
