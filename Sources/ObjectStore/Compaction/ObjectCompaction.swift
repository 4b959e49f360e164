package import StreamModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Merges small objects of folders into which nothing more is written.
///
/// The merged object takes the name of its first source, whose place it takes by one put; so names stay those that
/// sinks give. In this order: the merged content is made on this machine; a manifest is put, if there is none; the
/// merged objects are put; the other sources are deleted; the manifest is deleted. Readers that know the manifest pass
/// over sources whose merged object is there. Whatever dies between two steps, the next run finishes what the manifest
/// says.
package struct ObjectCompaction: Sendable {
    /// Writes the rows of Parquet files, in order, into one.
    package typealias ParquetMerge = @Sendable (_ files: [String], _ into: String) async throws -> Void

    /// What became of a folder.
    package struct FolderReport: Sendable, Equatable {
        /// Empty, or with a slash at its end.
        package var folder: String
        package var objectsBefore = 0
        package var objectsAfter = 0
        /// Of the objects that were merged.
        package var mergedBytes: Int64 = 0
        /// Why something stays as it is; nil if nothing does.
        package var note: String?
    }

    let store: any ObjectStore
    let settings: CompactionSettings
    /// A local folder for files on their way.
    let scratch: String
    let takesOver: Bool
    let clock: WallClock
    let finality: @Sendable (SinkObjectName) -> ObjectFinality
    let parquet: ParquetMerge
    let thread = BackgroundThread(name: "compaction", niceness: 10)

    /// After so long a manifest whose owner cannot be asked counts as left over; owners stop long before.
    static let leaseMilliseconds: Int64 = 30 * 60_000
    /// Sources that are deleted at a time: foreign readers see their records twice until all are gone.
    private static let deletions = 16

    /// - Parameters:
    ///   - takesOver: manifests count as left over, whoever put them.
    ///   - finality: what is known of an object of a sink.
    package init(
        store: any ObjectStore, settings: CompactionSettings, scratch: String, takesOver: Bool = false,
        clock: WallClock = .system, finality: @escaping @Sendable (SinkObjectName) -> ObjectFinality,
        parquet: @escaping ParquetMerge
    ) {
        self.store = store
        self.settings = settings
        self.scratch = scratch
        self.takesOver = takesOver
        self.clock = clock
        self.finality = finality
        self.parquet = parquet
    }

    /// Merges what there is to merge below a prefix, folder by folder.
    ///
    /// - Parameters:
    ///   - dryRun: nothing is changed; the report says what would be.
    ///   - report: told of each folder that has objects of sinks.
    package func run(
        prefix: String, dryRun: Bool, report: (FolderReport) -> Void
    ) async throws {
        let folders = Dictionary(grouping: try await store.list(prefix: prefix, after: nil, limit: .max)) {
            CompactionManifest.folder(of: $0.key.rawValue)
        }
        for folder in folders.keys.sorted(by: { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }) {
            let listed = folders[folder] ?? []
            guard listed.contains(where: { SinkObjectName($0.key) != nil }) else { continue }
            report(try await compact(folder, listed, dryRun: dryRun))
        }
    }

    private func compact(
        _ folder: String, _ listed: [ListedObject], dryRun: Bool
    ) async throws -> FolderReport {
        var objects = listed
        if let manifest = try await manifest(of: folder) {
            if let note = waitsFor(manifest) { return Self.report(folder, objects, note) }
            if dryRun { return Self.report(folder, objects, "an interrupted run is to be finished first") }
            try await finish(manifest, folder)
            objects = try await store.list(prefix: folder, after: nil, limit: .max)
                .filter { CompactionManifest.folder(of: $0.key.rawValue) == folder }
        }
        let plan = CompactionPlan(objects, settings, now: clock.milliseconds, finality: finality)
        var report = Self.report(folder, objects, plan.reason)
        for step in plan.steps {
            if !dryRun, let note = try await apply(step, folder) {
                report.note = note
                break
            }
            for merge in step.merges {
                report.objectsAfter -= merge.sources.count - 1
                report.mergedBytes += merge.sources.reduce(0) { $0 + $1.stat.size }
            }
        }
        return report
    }

    private static func report(_ folder: String, _ objects: [ListedObject], _ note: String?) -> FolderReport {
        let count = objects.count { SinkObjectName($0.key) != nil }
        return FolderReport(folder: folder, objectsBefore: count, objectsAfter: count, note: note)
    }

    // MARK: One step

    /// - Returns: why nothing was merged, if nothing was.
    private func apply(_ step: CompactionStep, _ folder: String) async throws -> String? {
        var made: [MergedFile] = []
        defer { for file in made { LocalFolder.removeFile(file.path) } }
        do {
            for (number, merge) in step.merges.enumerated() {
                made.append(
                    try await MergedFile.make(
                        merge, from: store, in: scratch, named: "merged-\(number)", on: thread,
                        parquet: parquet))
            }
        } catch let change as SourceChanged {
            return "\(change.key) was changed meanwhile"
        }
        // Readers tell the merged object from its first source by its size.
        guard zip(made, step.merges).allSatisfy({ $0.size != $1.target.stat.size }) else {
            return "the merged object would be as large as \(step.merges[0].target.key)"
        }
        FaultPoint.pass("compact.before-manifest")
        let manifest = newManifest(step, made)
        guard let key = CompactionManifest.key(in: folder),
            try await store.putIfAbsent(manifest.encoded, as: key)
        else { return "another compaction is at work here" }
        FaultPoint.pass("compact.after-manifest")
        // Another compaction may have come to its end between the listing and the manifest.
        for source in step.merges.flatMap(\.sources) {
            guard let stat = try await store.stat(source.key), stat.isSame(as: source.stat) else {
                try await store.delete(key)
                return "\(source.key) was changed meanwhile"
            }
        }
        try await put(zip(made, step.merges.map(\.target.key)).map { ($0, $1) }, manifest, key)
        try await complete(manifest, folder, key)
        return nil
    }

    private func newManifest(_ step: CompactionStep, _ made: [MergedFile]) -> CompactionManifest {
        let merges = zip(step.merges, made).map { merge, file in
            CompactionManifest.Merge(
                bytes: file.size,
                sources: merge.sources.map { source in
                    let folder = CompactionManifest.folder(of: source.key.rawValue)
                    return CompactionManifest.Source(
                        name: String(source.key.rawValue.dropFirst(folder.count)), bytes: source.stat.size,
                        etag: source.stat.etag)
                })
        }
        return CompactionManifest(
            host: ThisProcess.host, process: ThisProcess.process, started: clock.milliseconds, merges: merges)
    }

    func put(
        _ files: [(MergedFile, ObjectKey)], _ manifest: CompactionManifest, _ key: ObjectKey
    ) async throws {
        for (file, target) in files {
            try await checkOwnership(manifest, key)
            _ = try await store.put(file: file.path, as: target, options: PutOptions())
            FaultPoint.pass("compact.after-put")
        }
    }

    /// Deletes the sources whose records the merged objects have, and then the manifest.
    func complete(_ manifest: CompactionManifest, _ folder: String, _ key: ObjectKey) async throws {
        try await checkOwnership(manifest, key)
        let sources = manifest.merges.flatMap { $0.sources.dropFirst() }
            .compactMap { ObjectKey(folder + $0.name) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, source) in sources.enumerated() {
                if number >= Self.deletions { try await group.next() }
                group.addTask {
                    try await store.delete(source)
                    FaultPoint.pass("compact.after-delete")
                }
            }
            try await group.waitForAll()
        }
        FaultPoint.pass("compact.before-removal")
        try await store.delete(key)
    }

    /// - Throws: if another run may believe by now that this one has died.
    private func checkOwnership(_ manifest: CompactionManifest, _ key: ObjectKey) async throws {
        let isOwn = try await store.get(key) == manifest.encoded
        guard isOwn, clock.milliseconds - manifest.started < Self.leaseMilliseconds / 2 else {
            throw ObjectStoreError(
                .unavailable,
                "the compaction took too long, or another one has taken \(key) over: run it again, it will go on"
            )
        }
    }
}

/// Who this process is, for others that find what it left.
enum ThisProcess {
    /// The machine's name, and the space that its process ids are of: containers may share the former.
    static let host: String = {
        let name = text { gethostname($0, $1 - 1) == 0 }
        return name + " " + text { readlink("/proc/self/ns/pid", $0, $1 - 1) > 0 }
    }()

    private static func text(_ fill: (UnsafeMutablePointer<CChar>, Int) -> Bool) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let isFilled = buffer.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { fill($0, buffer.count) } ?? false
        }
        guard isFilled else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static var process: Int32 { getpid() }

    /// Whether a process of this machine is there.
    static func isAlive(_ process: Int32) -> Bool {
        process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }
}
