import StreamModel

// What a run that died has left.
extension ObjectCompaction {
    func manifest(of folder: String) async throws -> CompactionManifest? {
        guard let key = CompactionManifest.key(in: folder), let content = try await store.get(key) else {
            return nil
        }
        return try CompactionManifest.decode(content, at: key.rawValue)
    }

    /// Why a manifest is not this run's to finish; nil if it is.
    func waitsFor(_ manifest: CompactionManifest) -> String? {
        guard !takesOver else { return nil }
        let isHere = manifest.host == ThisProcess.host
        if isHere, !ThisProcess.isAlive(manifest.process) { return nil }
        guard clock.milliseconds - manifest.started < Self.leaseMilliseconds else { return nil }
        return "process \(manifest.process) of \(manifest.host) is at work here; if it died, say --take-over"
    }

    /// Takes a manifest over and brings its merges to their end: back, if no merged object was put, else forward.
    func finish(_ manifest: CompactionManifest, _ folder: String) async throws {
        guard let key = CompactionManifest.key(in: folder) else { return }
        var isPut: [Bool] = []
        for merge in manifest.merges {
            isPut.append(merge.isMerged(try await stat(merge.sources.first?.name, folder)))
        }
        guard isPut.contains(true) else {
            try await store.delete(key)
            return
        }
        var own = manifest
        own.host = ThisProcess.host
        own.process = ThisProcess.process
        own.started = clock.milliseconds
        try await store.put(own.encoded, as: key)
        for (merge, isPut) in zip(own.merges, isPut) where !isPut {
            try await putAgain(merge, own, folder, key)
        }
        try await complete(own, folder, key)
    }

    private func stat(_ name: String?, _ folder: String) async throws -> ObjectStat? {
        guard let name, let key = ObjectKey(folder + name) else { return nil }
        return try await store.stat(key)
    }

    /// Makes a merged object that was not put: its sources are all there, since none goes before all are put.
    private func putAgain(
        _ merge: CompactionManifest.Merge, _ manifest: CompactionManifest, _ folder: String, _ key: ObjectKey
    ) async throws {
        var sources: [ListedObject] = []
        for source in merge.sources {
            guard let sourceKey = ObjectKey(folder + source.name),
                let stat = try await store.stat(sourceKey),
                stat.size == source.bytes, source.etag == nil || stat.etag == source.etag
            else {
                throw ObjectStoreError(
                    .refused,
                    "\(folder)\(source.name) is not what the manifest \(key) says: put it back, or delete the manifest"
                )
            }
            sources.append(ListedObject(key: sourceKey, stat: stat))
        }
        guard let form = sources.first.flatMap({ SinkObjectName($0.key)?.form }) else { return }
        let file = try await MergedFile.make(
            ObjectMerge(form: form, sources: sources), from: store, in: scratch, named: "merged-again",
            on: thread, parquet: parquet)
        defer { LocalFolder.removeFile(file.path) }
        guard file.size == merge.bytes else {
            throw ObjectStoreError(
                .refused,
                "the sources of \(sources[0].key) make another object than the manifest \(key) says: delete the manifest, "
                    + "and look for records that are there twice")
        }
        try await put([(file, sources[0].key)], manifest, key)
    }
}

// Files on their way.
extension ObjectCompaction {
    private static let scratchName = "compaction-"

    /// Makes a folder of this process's own below another; those of processes that have ended go.
    package static func makeScratch(in parent: String) throws(ObjectStoreError) -> String {
        try LocalFolder.make(parent)
        for folder in LocalFolder.folders(in: parent) {
            let name = folder.dropFirst(parent.count + 1)
            guard name.hasPrefix(scratchName), let process = Int32(name.dropFirst(scratchName.count)),
                !ThisProcess.isAlive(process)
            else { continue }
            LocalFolder.remove(folder)
        }
        let folder = "\(parent)/\(scratchName)\(ThisProcess.process)"
        try LocalFolder.make(folder)
        return folder
    }

    package static func removeScratch(_ folder: String) { LocalFolder.remove(folder) }
}
