import Foundation

/// A folder that is removed at the end of its test.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/assembly-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and gives back its path.
    func write(_ text: String, to name: String = "pinline.yaml") throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }
}
