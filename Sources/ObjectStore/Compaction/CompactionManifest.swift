import Foundation

/// What is being merged in a folder: an object of its own there, from before the first merged object is put until
/// the last source is deleted.
///
/// It is put only where there is none, and so keeps other compactions out. Names are those of files in the folder.
package struct CompactionManifest: Codable, Sendable, Equatable {
    package struct Source: Codable, Sendable, Equatable {
        var name: String
        var bytes: Int64
        var etag: String?
    }

    package struct Merge: Codable, Sendable, Equatable {
        var bytes: Int64
        /// In the order of offsets; the merged object takes the name of the first.
        var sources: [Source]

        /// Whether an object is the merged one, and not the source whose name it has.
        func isMerged(_ stat: ObjectStat?) -> Bool {
            guard let stat, let first = sources.first, stat.size == bytes else { return false }
            return first.bytes != bytes || (first.etag != nil && stat.etag != first.etag)
        }
    }

    var version = 1
    /// Who merges.
    var host: String
    var process: Int32
    /// Milliseconds since 1970.
    var started: Int64
    package var merges: [Merge]

    /// The object's name in its folder: hidden, so that no reader of rows takes it for one.
    package static let name = ".pinline-compaction"

    var encoded: [UInt8] {
        get throws(ObjectStoreError) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            do {
                return [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")]
            } catch {
                throw ObjectStoreError(.unavailable, "the manifest cannot be written: \(error)")
            }
        }
    }

    /// - Throws: if it is of another program, or of a version to come.
    package static func decode(_ content: [UInt8], at place: String) throws(ObjectStoreError) -> Self {
        guard let manifest = try? JSONDecoder().decode(Self.self, from: Data(content)), manifest.version == 1,
            manifest.merges.allSatisfy({ $0.sources.count > 1 })
        else {
            throw ObjectStoreError(
                .refused, "\(place) is no manifest of a compaction that this version knows: look what it is")
        }
        return manifest
    }

    /// Names of sources whose records the merged object has already.
    ///
    /// - Parameter stat: what is known of an object of the folder, by its name.
    package func hidden(_ stat: (String) -> ObjectStat?) -> Set<String> {
        var hidden: Set<String> = []
        for merge in merges {
            guard let first = merge.sources.first, merge.isMerged(stat(first.name)) else { continue }
            hidden.formUnion(merge.sources.dropFirst().map(\.name))
        }
        return hidden
    }
}

extension CompactionManifest {
    static func isManifest(_ key: ObjectKey) -> Bool {
        key.rawValue == name || key.rawValue.hasSuffix("/" + name)
    }

    /// - Parameter folder: empty, or with a slash at its end.
    static func key(in folder: String) -> ObjectKey? { ObjectKey(folder + name) }

    static func folder(of key: String) -> String {
        key.lastIndex(of: "/").map { String(key[...$0]) } ?? ""
    }
}
