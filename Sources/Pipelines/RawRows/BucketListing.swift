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
        var found: [String: [RawObject]] = [:]
        var open = [(path: base, depth: 0)]
        while let (path, depth) = open.popLast() {
            for name in try LocalFiles.names(in: folder + "/" + path) {
                guard let (isFolder, bytes) = LocalFiles.kind(of: folder + "/" + path + name) else {
                    continue
                }
                if isFolder {
                    if depth < maxDepth { open.append((path + name + "/", depth + 1)) }
                } else if bytes > 0, endings.contains(where: name.hasSuffix) {
                    let topic = topic(of: (path + name).dropFirst(base.count))
                    found[topic, default: []].append(RawObject(name: path + name, bytes: bytes))
                }
            }
        }
        let topics = found.map { Topic(name: $0.key, objects: $0.value.sorted { $0.name < $1.name }) }
        guard !topics.isEmpty else {
            throw PipelineError(
                .nothingToRead,
                "\(folder) holds no objects (\(endings.map { "*" + $0 }.joined(separator: ", "))). Post some and wait for the sink, or name another folder by --bucket."
            )
        }
        return BucketListing(folder: folder, topics: topics.sorted { $0.name < $1.name })
    }

    private static func topic(of path: Substring) -> String {
        if let slash = path.firstIndex(of: "/") { return String(path[..<slash]) }
        if let plus = path.firstIndex(of: "+") { return String(path[..<plus]) }
        return String(path[..<(path.lastIndex(of: ".") ?? path.endIndex)])
    }
}
