import ObjectStore

/// What one folder of a bucket holds.
struct LocalFolderListing {
    var folders: [String] = []
    /// Bytes of files, by name.
    var files: [String: Int] = [:]

    /// How often a folder is listed until nothing changes meanwhile.
    private static let attempts = 50

    /// Lists a folder so that each record is in one of its files, whatever is merged meanwhile; without hidden files.
    static func once(
        _ path: String
    ) throws(PipelineError) -> (folders: [String], files: [String: Int]) {
        var listing = try read(path)
        for _ in 0..<attempts {
            let manifest = try manifest(path)
            let hidden =
                manifest?.hidden { name in
                    listing.files[name].map { ObjectStat(size: Int64($0), modified: 0) }
                } ?? []
            let files = listing.files.filter { !hidden.contains($0.key) }
            // A listing takes its time. What is in a second one too was there at one time, between the two.
            let again = try read(path)
            if files.keys.allSatisfy({ again.files[$0] != nil }) { return (listing.folders, files) }
            listing = again
        }
        throw PipelineError(
            .inputOutput, "The files in \(path) change faster than they can be listed: try again.")
    }

    private static func read(_ path: String) throws(PipelineError) -> LocalFolderListing {
        var listing = LocalFolderListing()
        for name in try LocalFiles.names(in: path) {
            guard let (isFolder, bytes) = LocalFiles.kind(of: path + "/" + name) else { continue }
            if isFolder { listing.folders.append(name) } else { listing.files[name] = bytes }
        }
        return listing
    }

    private static func manifest(_ path: String) throws(PipelineError) -> CompactionManifest? {
        let place = path + "/" + CompactionManifest.name
        do {
            guard let content = try PrivateFile.read(place) else { return nil }
            return try CompactionManifest.decode(content, at: place)
        } catch {
            // Gone since it was looked for.
            if !LocalFiles.isFile(place) { return nil }
            throw PipelineError(.inputOutput, error.message)
        }
    }
}
