/// What a table's properties say, as far as it matters here.
struct TableProperties {
    private let texts: [String: String]

    init(_ texts: [String: String]) {
        self.texts = texts
    }

    /// No rows may be taken out (`delta.appendOnly`).
    var isAppendOnly: Bool { flag("delta.appendOnly") ?? false }
    /// Commits between two checkpoints.
    var checkpointInterval: Int64? {
        texts["delta.checkpointInterval"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
    /// How long files that were removed stay, in milliseconds.
    var deletedFileRetention: Int64 { interval("delta.deletedFileRetentionDuration") ?? 7 * Self.day }
    /// How long commits stay, in milliseconds.
    var logRetention: Int64 { interval("delta.logRetentionDuration") ?? 30 * Self.day }
    /// Whether old commits are deleted at all.
    var expiresLog: Bool { flag("delta.enableExpiredLogCleanup") ?? true }
    /// Whether checkpoints hold statistics as JSON.
    var hasJSONStatistics: Bool { flag("delta.checkpoint.writeStatsAsJson") ?? true }
    /// How many columns have statistics; less than 0 for all.
    var statisticsColumns: Int? { texts["delta.dataSkippingNumIndexedCols"].flatMap { Int($0) } }
    /// Which columns have statistics.
    var statisticsColumnNames: [String]? {
        texts["delta.dataSkippingStatsColumns"].map { list in
            list.split(separator: ",").map { $0.filter { $0 != " " && $0 != "`" } }
        }
    }
    /// The size that merged files shall have (`delta.targetFileSize`).
    var targetFileBytes: Int64? { texts["delta.targetFileSize"].flatMap(Self.bytes) }

    private static let day: Int64 = 86_400_000

    private func flag(_ name: String) -> Bool? {
        switch texts[name]?.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    private func interval(_ name: String) -> Int64? { texts[name].flatMap(Self.milliseconds) }

    private static let units: [(String, Int64)] = [
        ("millisecond", 1), ("second", 1000), ("minute", 60_000), ("hour", 3_600_000), ("day", day),
        ("week", 7 * day),
    ]

    /// Reads `interval 7 days`, `168 hours`, `interval 1 week 2 days`; nil for all else.
    static func milliseconds(_ text: String) -> Int64? {
        var words = text.lowercased().split(separator: " ")[...]
        if words.first == "interval" { words = words.dropFirst() }
        guard !words.isEmpty, words.count % 2 == 0 else { return nil }
        var total: Int64 = 0
        while let number = words.popFirst(), let unit = words.popFirst() {
            let name = unit.hasSuffix("s") ? String(unit.dropLast()) : String(unit)
            guard let count = Int64(number), (0...1_000_000_000).contains(count),
                let factor = units.first(where: { $0.0 == name })?.1
            else { return nil }
            total &+= count &* factor
        }
        return total
    }

    /// Reads `104857600`, `100mb`, `1g`; nil for all else.
    static func bytes(_ text: String) -> Int64? {
        let text = text.lowercased().filter { $0 != " " }
        let digits = text.prefix { $0.isNumber }
        guard let number = Int64(digits), (1...1 << 40).contains(number) else { return nil }
        switch text.dropFirst(digits.count) {
        case "", "b": return number
        case "k", "kb": return min(number, 1 << 30) << 10
        case "m", "mb": return min(number, 1 << 20) << 20
        case "g", "gb": return min(number, 1 << 10) << 30
        default: return nil
        }
    }
}
