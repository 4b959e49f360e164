/// Makes the content of a merged object in a local file.
struct MergedFile: Sendable {
    let path: String
    let size: Int64

    /// Fetches the sources, and joins them.
    ///
    /// - Parameters:
    ///   - folder: a local folder for files on their way.
    ///   - parquet: writes the rows of some Parquet files, in order, into one.
    /// - Throws: `SourceChanged` if a source is not what was listed.
    static func make(
        _ merge: ObjectMerge, from store: any ObjectStore, in folder: String, named name: String,
        on thread: BackgroundThread, parquet: @Sendable ([String], String) async throws -> Void
    ) async throws -> MergedFile {
        let path = "\(folder)/\(name)"
        guard merge.form == .parquet else {
            return try await join(merge, store, "\(path).source", path, thread)
        }
        var pieces: [String] = []
        for (number, source) in merge.sources.enumerated() {
            let piece = "\(path).\(number).parquet"
            try await fetch(source, store, piece)
            pieces.append(piece)
        }
        try await parquet(pieces, path)
        let made = pieces
        let size = try await thread.store { () throws(ObjectStoreError) in
            for piece in made { LocalFolder.removeFile(piece) }
            return try LocalFile(reading: path).stat().size
        }
        return MergedFile(path: path, size: size)
    }

    private static func join(
        _ merge: ObjectMerge, _ store: any ObjectStore, _ piece: String, _ path: String,
        _ thread: BackgroundThread
    ) async throws -> MergedFile {
        let whole = try await thread.store { () throws(ObjectStoreError) in try LocalFile(replacing: path) }
        var size: Int64 = 0
        for source in merge.sources {
            try Task.checkCancellation()
            try await fetch(source, store, piece)
            let needsLineFeed = merge.form == .lines
            size += try await thread.store { () throws(ObjectStoreError) in
                try append(piece, to: whole, needsLineFeed: needsLineFeed)
            }
        }
        LocalFolder.removeFile(piece)
        return MergedFile(path: path, size: size)
    }

    private static func fetch(
        _ source: ListedObject, _ store: any ObjectStore, _ path: String
    ) async throws {
        guard let stat = try await store.get(source.key, into: path), stat.isSame(as: source.stat) else {
            throw SourceChanged(key: source.key)
        }
    }

    private static func append(
        _ piece: String, to whole: LocalFile, needsLineFeed: Bool
    ) throws(ObjectStoreError) -> Int64 {
        let file = try LocalFile(reading: piece)
        var offset: Int64 = 0
        var last: UInt8?
        while true {
            let bytes = try file.read(at: offset, count: LocalFile.pieceBytes)
            guard !bytes.isEmpty else { break }
            try whole.write(bytes)
            last = bytes.last
            offset += Int64(bytes.count)
        }
        guard needsLineFeed, let last, last != UInt8(ascii: "\n") else { return offset }
        try whole.write([UInt8(ascii: "\n")])
        return offset + 1
    }
}

/// A source is gone, or another one than was listed.
struct SourceChanged: Error {
    var key: ObjectKey
}

extension ObjectStat {
    /// Whether it is the same version of an object.
    func isSame(as other: ObjectStat) -> Bool {
        guard size == other.size else { return false }
        if let etag, let otherEtag = other.etag { return etag == otherEtag }
        return modified == other.modified
    }
}
