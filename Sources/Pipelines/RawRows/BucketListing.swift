/// One object of a bucket: a file of rows, one JSON value a line.
package struct RawObject: Sendable, Equatable {
    /// The name below the bucket's folder.
    package var name: String
    package var bytes: Int

    package init(name: String, bytes: Int) {
        self.name = name
        self.bytes = bytes
    }
}

/// The objects that a bucket's folder holds, by topic.
package struct BucketListing: Sendable {
    package struct Topic: Sendable {
        package var name: String
        /// By name.
        package var objects: [RawObject]
    }

    package var folder: String
    /// By name.
    package var topics: [Topic]

    /// A listing of nothing.
    init(folder: String) {
        self.folder = folder
        topics = []
    }

    /// Whether a file that was listed is there no more.
    var isOutdated: Bool {
        topics.contains { topic in
            topic.objects.contains { !LocalFiles.isFile(folder + "/" + $0.name) }
        }
    }

    /// The same without some topics.
    func keeping(_ isKept: (String) -> Bool) -> BucketListing {
        var kept = self
        kept.topics.removeAll { !isKept($0.name) }
        return kept
    }

    private static let endings = [".json", ".ndjson", ".jsonl"]
    /// How deep folders may lie in each other; a loop of symbolic links ends here.
    private static let maxDepth = 16

    /// Lists a bucket.
    ///
    /// Below `topics/` (where there is one) the first folder is the topic. A file that lies in no folder belongs to the
    /// topic that its name begins with, up to `+` or the ending. Hidden files and other endings are left out.
    package static func list(_ folder: String) throws(PipelineError) -> BucketListing {
        guard LocalFiles.isFolder(folder) else {
            throw PipelineError(
                .nothingToRead,
                "There is no folder \(folder) to read objects from; name the bucket's folder by --bucket, or the data folder by --data."
            )
        }
        let base = LocalFiles.isFolder(folder + "/topics") ? "topics/" : ""
        var found: [RawObject] = []
        var open = [(path: base, depth: 0)]
        while let (path, depth) = open.popLast() {
            let (folders, files) = try LocalFolderListing.once(folder + "/" + path)
            if depth < maxDepth { open += folders.map { (path + $0 + "/", depth + 1) } }
            found += files.map { RawObject(name: path + $0.key, bytes: $0.value) }
        }
        return try BucketListing(of: found, in: folder, called: folder, base: base)
    }

    /// Sorts objects by topic.
    ///
    /// - Parameters:
    ///   - place: what messages call the bucket.
    ///   - base: what all names begin with.
    init(
        of objects: [RawObject], in folder: String, called place: String, base: String
    ) throws(PipelineError) {
        var found: [String: [RawObject]] = [:]
        for object in objects where object.bytes > 0 && Self.isRead(object.name) {
            found[Self.topic(of: object.name.dropFirst(base.count)), default: []].append(object)
        }
        let topics = found.map { Topic(name: $0.key, objects: $0.value.sorted { $0.name < $1.name }) }
        guard !topics.isEmpty else {
            let endings = Self.endings.map { "*" + $0 }.joined(separator: ", ")
            throw PipelineError(
                .nothingToRead,
                "\(place) holds no objects (\(endings)). Post some and wait for the sink, or name another folder by --bucket."
            )
        }
        self.folder = folder
        self.topics = topics.sorted { $0.name < $1.name }
    }

    /// Whether an object holds rows, by its name: hidden ones and other endings do not.
    private static func isRead(_ name: String) -> Bool {
        endings.contains(where: name.hasSuffix) && !name.hasPrefix(".") && !name.contains("/.")
    }

    private static func topic(of path: Substring) -> String {
        if let slash = path.firstIndex(of: "/") { return String(path[..<slash]) }
        if let plus = path.firstIndex(of: "+") { return String(path[..<plus]) }
        return String(path[..<(path.lastIndex(of: ".") ?? path.endIndex)])
    }
}
