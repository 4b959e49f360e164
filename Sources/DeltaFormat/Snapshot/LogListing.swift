import ObjectStore

/// Names of files in a log.
enum LogName: Equatable {
    case commit(TableVersion)
    /// One of several parts, from 1, or the only one.
    case checkpoint(TableVersion, part: Int, of: Int)
    /// A checkpoint of a kind that is not known here.
    case unknownCheckpoint(TableVersion)

    /// Nil for what is neither commit nor checkpoint.
    init?(_ name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts[0].utf8.count == 20, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(parts[0])
        else { return nil }
        let version = TableVersion(number)
        switch parts.dropFirst().map(String.init) {
        case ["json"]: self = .commit(version)
        case ["checkpoint", "parquet"]: self = .checkpoint(version, part: 1, of: 1)
        case let rest where rest.count == 4 && rest[0] == "checkpoint" && rest[3] == "parquet":
            guard let part = Int(rest[1]), let count = Int(rest[2]), (1...100_000).contains(count),
                (1...count).contains(part)
            else { return nil }
            self = .checkpoint(version, part: part, of: count)
        case let rest where rest.count == 3 && rest[0] == "checkpoint": self = .unknownCheckpoint(version)
        default: return nil
        }
    }

    static func digits(_ version: TableVersion) -> String {
        let text = String(version.rawValue)
        return String(repeating: "0", count: max(0, 20 - text.count)) + text
    }
}

/// A checkpoint that is there whole.
struct Checkpoint: Hashable, Sendable {
    var version: TableVersion
    /// Names of its files in the log's folder, in order.
    var names: [String]

    static func name(_ version: TableVersion) -> String { LogName.digits(version) + ".checkpoint.parquet" }
}

/// What lies in a log.
struct LogListing {
    /// In order of their versions.
    private(set) var commits: [(version: TableVersion, stat: ObjectStat)] = []
    /// Whole ones, in order of their versions.
    private(set) var checkpoints: [Checkpoint] = []
    /// Checkpoints of a kind that is not known here.
    private(set) var unknown: [TableVersion] = []
    /// Every file that belongs to a version, with when it was written.
    private(set) var files: [(name: String, version: TableVersion)] = []

    init(_ objects: [(name: String, stat: ObjectStat)]) {
        var parts: [TableVersion: [Int: [Int: String]]] = [:]
        for (name, stat) in objects {
            switch LogName(name) {
            case .commit(let version): commits.append((version, stat))
            case .checkpoint(let version, let part, let count):
                parts[version, default: [:]][count, default: [:]][part] = name
            case .unknownCheckpoint(let version): unknown.append(version)
            case nil: continue
            }
            if let version = Int64(name.prefix(20)) { files.append((name, TableVersion(version))) }
        }
        commits.sort { $0.version < $1.version }
        for (version, counts) in parts.sorted(by: { $0.key < $1.key }) {
            guard let whole = counts.filter({ $0.value.count == $0.key }).min(by: { $0.key < $1.key })
            else { continue }
            let names = whole.value.sorted { $0.key < $1.key }.map(\.value)
            checkpoints.append(Checkpoint(version: version, names: names))
        }
    }

    /// The newest version there is.
    var latest: TableVersion? {
        [commits.last?.version, checkpoints.last?.version].compactMap { $0 }.max()
    }

    /// The last version that was committed at or before a time; times go up with versions, whatever clocks say.
    func version(at milliseconds: Int64) -> TableVersion? {
        var time = Int64.min
        var found: TableVersion?
        for commit in commits {
            time = max(time &+ 1, commit.stat.modified)
            guard time <= milliseconds else { break }
            found = commit.version
        }
        return found
    }

    /// From where to read for a version: a checkpoint and the commits behind it.
    ///
    /// - Throws: `.notATable` if the version is not there (any more), `.corrupted` for a gap.
    func path(to version: TableVersion) throws(DeltaError) -> (base: Checkpoint?, commits: [TableVersion]) {
        let base = checkpoints.last { $0.version <= version }
        let first = base?.version.next ?? TableVersion(0)
        let needed = commits.map(\.version).filter { $0 >= first && $0 <= version }
        let end = needed.last ?? base?.version
        guard end == version else {
            throw DeltaError(
                .notATable, "the table has no version \(version): the newest is \(latest ?? version)")
        }
        guard Int64(needed.count) == version.rawValue &- first.rawValue &+ 1 else {
            if let other = unknown.last(where: { $0 <= version }) {
                throw DeltaError(
                    .unsupportedFeature,
                    "the table's checkpoint of version \(other) needs the feature 'v2Checkpoint', which is not "
                        + "known here")
            }
            let oldest = commits.first?.version ?? version
            throw DeltaError(
                base == nil ? .notATable : .corrupted,
                "version \(version) cannot be read: commits are missing between \(first) and \(version), the oldest "
                    + "that is left is \(oldest)")
        }
        return (base, needed)
    }
}
