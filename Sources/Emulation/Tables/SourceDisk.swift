import Foundation

/// The files that posts may come from.
package protocol SourceDisk: Sendable {
    func isFolder(_ path: String) -> Bool
    func isFile(_ path: String) -> Bool
    /// The names of the files in a folder, sorted.
    func fileNames(in folder: String) throws -> [String]
    func size(of path: String) throws -> Int
    func read(_ path: String) throws -> [UInt8]
}

/// The machine's own files.
package struct LocalDisk: SourceDisk {
    package init() {}

    package func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    package func isFile(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path) && !isFolder(path)
    }

    package func fileNames(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { isFile(folder + "/" + $0) }
            .sorted()
    }

    package func size(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }

    package func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped))
    }
}
