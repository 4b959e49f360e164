/// Which small files become one.
///
/// Files are merged with others of about their size, a level being eight times the former: so each row is written
/// again only as often as there are levels, however many files come.
struct CompactionPlan: Equatable {
    /// Files that become one file, if DuckDB makes no more of them.
    var groups: [[AddFile]] = []

    /// The least level: all files below are one.
    private static let leastBytes: Int64 = 256 << 10

    /// - Parameters:
    ///   - files: of the whole table, oldest first.
    ///   - isThorough: merges whatever is small, were it only two files.
    init(
        _ files: [AddFile], partitionColumns: [String], settings: DeltaSettings, targetBytes: Int64?,
        isThorough: Bool
    ) {
        let small = min(settings.smallFileBytes, targetBytes ?? .max)
        let most = max(settings.maxMergeBytes, 1)
        let least = isThorough ? 2 : settings.filesToMerge
        guard least > 1 else { return }
        let candidates = files.filter { $0.size < small && !$0.hasDeletionVector }
        for (_, files) in TableSnapshot.grouped(candidates, by: partitionColumns) {
            var levels: [Int: [AddFile]] = [:]
            for file in files { levels[isThorough ? 0 : Self.level(file.size), default: []].append(file) }
            for (_, files) in levels.sorted(by: { $0.key < $1.key }) {
                groups += Self.groups(files, most).filter { $0.count >= least }
            }
        }
    }

    static func level(_ bytes: Int64) -> Int {
        var level = 0
        var limit = leastBytes
        while bytes >= limit, level < 16 {
            level += 1
            limit *= 8
        }
        return level
    }

    private static func groups(_ files: [AddFile], _ most: Int64) -> [[AddFile]] {
        var groups: [[AddFile]] = []
        var bytes: Int64 = 0
        for file in files {
            if groups.isEmpty || bytes &+ file.size > most {
                groups.append([])
                bytes = 0
            }
            groups[groups.count - 1].append(file)
            bytes &+= file.size
        }
        return groups
    }
}
