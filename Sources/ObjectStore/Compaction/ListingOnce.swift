package import StreamModel

extension ObjectStore {
    /// The objects below a prefix, so that each record is in one of them, whatever is merged meanwhile; manifests are
    /// left out.
    ///
    /// An object that is read later may be gone or another by then: all is to be listed again in that case.
    package func listOnce(
        prefix: String, limit: Int = .max, clock: WallClock = .system
    ) async throws(ObjectStoreError) -> [ListedObject] {
        for _ in 0..<ListingOnce.attempts {
            let listed = try await list(prefix: prefix, after: nil, limit: limit)
            // A listing takes its time. What is in a second one too was there at one time, between the two.
            let again =
                ListingOnce.isRecent(listed, clock)
                ? try await list(prefix: prefix, after: nil, limit: limit) : listed
            guard let hidden = try await hidden(listed, manifestsOf: again, prefix) else { continue }
            let kept = listed.filter { !hidden.contains($0.key) && !CompactionManifest.isManifest($0.key) }
            let there = Set(again.map(\.key))
            if kept.allSatisfy({ there.contains($0.key) }) { return kept }
        }
        throw ObjectStoreError(
            .unavailable, "the objects below '\(prefix)' change faster than they can be listed: try again")
    }

    /// Sources of merged objects; nil if a manifest changed while it was looked at.
    private func hidden(
        _ listed: [ListedObject], manifestsOf again: [ListedObject], _ prefix: String
    ) async throws(ObjectStoreError) -> Set<ObjectKey>? {
        let stats = Dictionary(listed.map { ($0.key, $0.stat) }) { first, _ in first }
        var hidden: Set<ObjectKey> = []
        for manifest in again where CompactionManifest.isManifest(manifest.key) {
            guard let content = try await get(manifest.key),
                try await stat(manifest.key)?.isSame(as: manifest.stat) == true
            else { return nil }
            hidden.formUnion(try Self.hidden(content, manifest.key, stats))
        }
        // The manifest of the prefix's own folder may not begin with the prefix.
        let folder = CompactionManifest.folder(of: prefix)
        if folder != prefix, !listed.isEmpty, let own = CompactionManifest.key(in: folder),
            !own.rawValue.hasPrefix(prefix), let content = try await get(own)
        {
            hidden.formUnion(try Self.hidden(content, own, stats))
        }
        return hidden
    }

    private static func hidden(
        _ content: [UInt8], _ key: ObjectKey, _ stats: [ObjectKey: ObjectStat]
    ) throws(ObjectStoreError) -> [ObjectKey] {
        let folder = CompactionManifest.folder(of: key.rawValue)
        let manifest = try CompactionManifest.decode(content, at: key.rawValue)
        let names = manifest.hidden { name in ObjectKey(folder + name).flatMap { stats[$0] } }
        return names.compactMap { ObjectKey(folder + $0) }
    }
}

private enum ListingOnce {
    /// How often a listing is made until it is of one time.
    static let attempts = 20
    /// Where nothing is younger, nothing was merged while it was listed; clocks may differ by a quarter of an hour.
    static let recentMilliseconds: Int64 = 3_600_000

    static func isRecent(_ listed: [ListedObject], _ clock: WallClock) -> Bool {
        let limit = clock.milliseconds - recentMilliseconds
        return listed.contains { $0.stat.modified > limit }
    }
}
