import Foundation
import ObjectStore

/// A place that paths below `/mnt/<name>` stand for.
package struct Mount: Sendable, Equatable, Codable {
    package var name: String
    /// A folder of this machine, or `s3://bucket/prefix`, without a key.
    package var source: String
    package var access: S3Access

    package init(name: String, source: String, access: S3Access = S3Access()) {
        self.name = name
        self.source = source
        self.access = access
    }

    /// Whether a text can be a mount's name: one part of a path.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && !text.contains("/") && text.utf8.count <= 255
            && text.utf8.allSatisfy { $0 > 32 && $0 != 127 }
    }
}

/// The mounts of a data folder: the file `mounts.json`, which only its owner may read.
package struct MountTable: Sendable, Equatable {
    /// By name.
    package private(set) var mounts: [Mount]
    /// Those of the settings file, which are not kept here.
    package private(set) var configured: [Mount] = []
    private let path: String

    /// Reads the table of a data folder; one that is not there is empty.
    package init(data folder: String) throws(PipelineError) {
        path = folder + "/mounts.json"
        do {
            guard let content = try PrivateFile.read(path) else {
                mounts = []
                return
            }
            mounts = try JSONDecoder().decode([Mount].self, from: Data(content)).sorted { $0.name < $1.name }
        } catch let error as ObjectStoreError {
            throw PipelineError(.inputOutput, "\(error)")
        } catch {
            throw PipelineError(
                .invalidFile, "\(path) is no table of mounts: delete it, and mount again by `pinline mount`.")
        }
    }

    /// The table with mounts of the settings file.
    ///
    /// - Throws: if a name is mounted otherwise here.
    package func adding(_ configured: [Mount]) throws(PipelineError) -> MountTable {
        for mount in configured {
            guard let known = self[mount.name], known != mount else { continue }
            throw PipelineError(
                .invalidParameter,
                "/mnt/\(mount.name) is \(mount.source) in the settings file and \(known.source) by `pinline mount`: "
                    + "remove one of the two.")
        }
        var table = self
        table.configured = configured
        return table
    }

    package subscript(_ name: some StringProtocol) -> Mount? {
        (mounts + configured).first { $0.name == name }
    }

    /// Adds a mount.
    ///
    /// - Throws: if the name is taken.
    package mutating func add(_ mount: Mount) throws {
        if let known = self[mount.name] {
            throw PipelineError(
                .invalidParameter,
                "Directory already mounted: /mnt/\(mount.name) is \(known.source). Remove it by `pinline mount "
                    + "remove \(mount.name)`, or take another name.")
        }
        mounts = (mounts + [mount]).sorted { $0.name < $1.name }
        try write()
    }

    /// Removes a mount; nothing that lies there is touched.
    package mutating func remove(_ name: String) throws {
        guard mounts.contains(where: { $0.name == name }) else {
            throw PipelineError(.invalidParameter, "Directory not mounted: /mnt/\(name). \(listText)")
        }
        mounts.removeAll { $0.name == name }
        try write()
    }

    /// Which mounts there are, for messages.
    package var listText: String {
        let mounts = (mounts + configured).map { "/mnt/" + $0.name }
        guard !mounts.isEmpty else {
            return "There are no mounts: make one by `pinline mount s3://bucket --name x`."
        }
        return "There are \(Set(mounts).sorted().joined(separator: ", "))."
    }

    private func write() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try PrivateFile.replace(path, with: [UInt8](try encoder.encode(mounts)) + [UInt8(ascii: "\n")])
    }
}
