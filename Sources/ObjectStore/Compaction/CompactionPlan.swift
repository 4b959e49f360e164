/// Which objects are merged, and how far.
package struct CompactionSettings: Sendable {
    /// Objects at least this large stay as they are.
    package var minBytes: Int64 = 16 << 20
    /// Most bytes of a merged object.
    package var targetBytes: Int64 = 128 << 20
    /// How long nothing must have come into a folder, in milliseconds.
    package var minAge: Int64 = 3_600_000
    /// Folders in which nothing is as new as this are closed, whatever their age; in milliseconds since 1970.
    package var closedBefore: Int64?

    package init() {}
}

/// What is known of whether a sink may write an object again.
package enum ObjectFinality: Sendable {
    /// It never will.
    case final
    /// It may.
    case pending
    /// Nobody here knows: the folder's age decides.
    case unknown
}

/// Objects that become one, under the key of the first of them.
struct ObjectMerge: Sendable, Equatable {
    var form: MergeForm
    /// In the order of offsets.
    var sources: [ListedObject]

    var target: ListedObject { sources[0] }
}

/// Merges that are done together: those of values, and of the keys and headers of the same records.
struct CompactionStep: Sendable, Equatable {
    var merges: [ObjectMerge]
}

/// Finds what there is to merge in one folder.
struct CompactionPlan: Sendable {
    private(set) var steps: [CompactionStep] = []
    /// Why small objects stay; nil if none do.
    private(set) var reason: String?

    private struct Entry {
        var name: SinkObjectName
        var object: ListedObject
    }

    private struct Series: Hashable {
        var topic: String
        var life: Int
        var partition: Int32
        var ending: String
    }

    /// - Parameters:
    ///   - objects: all of one folder.
    ///   - now: milliseconds since 1970.
    init(
        _ objects: [ListedObject], _ settings: CompactionSettings, now: Int64,
        finality: (SinkObjectName) -> ObjectFinality
    ) {
        let entries = objects.compactMap { object in
            SinkObjectName(object.key).map { Entry(name: $0, object: object) }
        }
        guard let folder = entries.first?.name.folder else { return }
        let openBecause = Self.reasonToWait(folder, objects, settings, now)
        let values = entries.filter { !$0.name.isCompanion && $0.name.form != nil }
        let companions = entries.filter(\.name.isCompanion)
        let series = Dictionary(grouping: values, by: Self.series)
        for (_, entries) in series.sorted(by: { Self.isBefore($0.key, $1.key) }) {
            for run in runs(of: entries, settings, openBecause, finality) {
                steps.append(CompactionStep(merges: Self.merges(run, companions)))
            }
        }
    }

    private static func series(_ entry: Entry) -> Series {
        let name = entry.name
        return Series(topic: name.topic, life: name.life, partition: name.partition, ending: name.ending)
    }

    private static func isBefore(_ left: Series, _ right: Series) -> Bool {
        (left.topic, left.life, Int(left.partition), left.ending)
            < (right.topic, right.life, Int(right.partition), right.ending)
    }

    // MARK: Runs of small objects

    /// Neighbours, each small and written for good, that are together no larger than the target.
    private mutating func runs(
        of entries: [Entry], _ settings: CompactionSettings, _ openBecause: String?,
        _ finality: (SinkObjectName) -> ObjectFinality
    ) -> [[Entry]] {
        var runs: [[Entry]] = []
        var run: [Entry] = []
        var bytes: Int64 = 0
        func close() {
            if run.count > 1 { runs.append(run) }
            run = []
            bytes = 0
        }
        for entry in entries.sorted(by: { $0.name.offset < $1.name.offset }) {
            let size = entry.object.stat.size
            guard size > 0, size < settings.minBytes, mayMerge(entry.name, openBecause, finality) else {
                close()
                continue
            }
            if bytes + size > settings.targetBytes { close() }
            run.append(entry)
            bytes += size
        }
        close()
        return runs
    }

    private mutating func mayMerge(
        _ name: SinkObjectName, _ openBecause: String?, _ finality: (SinkObjectName) -> ObjectFinality
    ) -> Bool {
        switch finality(name) {
        case .final: return true
        case .pending:
            reason = reason ?? "a sink is not done with \(name.key)"
            return false
        case .unknown:
            reason = reason ?? openBecause
            return openBecause == nil
        }
    }

    private static func merges(_ run: [Entry], _ companions: [Entry]) -> [ObjectMerge] {
        guard let first = run.first?.name, let form = first.form else { return [] }
        let offsets = Set(run.map(\.name.offset))
        let fitting = companions.filter {
            $0.name.topic == first.topic && $0.name.life == first.life
                && $0.name.partition == first.partition && offsets.contains($0.name.offset)
        }
        let besides = Dictionary(grouping: fitting, by: \.name.ending).sorted { $0.key < $1.key }.compactMap {
            _, entries -> ObjectMerge? in
            guard let form = entries.first?.name.form, entries.count > 1 else { return nil }
            let sources = entries.sorted { $0.name.offset < $1.name.offset }.map(\.object)
            return ObjectMerge(form: form, sources: sources)
        }
        return [ObjectMerge(form: form, sources: run.map(\.object))] + besides
    }

    // MARK: Folders

    private static func reasonToWait(
        _ folder: String, _ objects: [ListedObject], _ settings: CompactionSettings, _ now: Int64
    ) -> String? {
        let newest = objects.map(\.stat.modified).max() ?? 0
        let end = FolderTime.end(of: folder)
        if let limit = settings.closedBefore {
            return (end ?? newest) <= limit ? nil : "it is not closed before the time given"
        }
        if let end, end.addingReportingOverflow(FolderTime.zoneMargin).partialValue > now {
            return "its time is not over"
        }
        let age = now - newest
        return age >= settings.minAge ? nil : "its newest object is \(max(0, age / 1000)) s old"
    }
}

/// The time that a folder of a time-based partitioner stands for.
enum FolderTime {
    /// Folders are named in zones that nobody tells: the last of them is twelve hours behind UTC.
    static let zoneMargin: Int64 = 12 * 3_600_000
    private static let dayMilliseconds: Int64 = 86_400_000

    /// When it is over, in milliseconds since 1970 as if it were in UTC; nil for another kind of folder.
    static func end(of folder: String) -> Int64? {
        var found: [String: Int64] = [:]
        for part in folder.split(separator: "/") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, let number = Int64(pair[1]), (0...9999).contains(number) else { continue }
            found[pair[0].lowercased()] = number
        }
        guard let year = found["year"] else { return nil }
        guard let month = found["month"], (1...12).contains(month) else { return day(year + 1, 1, 1) }
        guard let dayNumber = found["day"], (1...31).contains(dayNumber) else {
            return month == 12 ? day(year + 1, 1, 1) : day(year, month + 1, 1)
        }
        let start = day(year, month, dayNumber)
        guard let hour = found["hour"], (0...23).contains(hour) else { return start + dayMilliseconds }
        return start + (hour + 1) * 3_600_000
    }

    /// Midnight of a day of the Gregorian calendar.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // Years begin in March here, so that a leap day is the last of one.
        let years = month > 2 ? year : year - 1
        let era = years / 400
        let yearOfEra = years - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * dayMilliseconds
    }
}
