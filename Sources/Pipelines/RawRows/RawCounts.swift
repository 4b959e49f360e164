/// Why a line or a row is read but belongs to no table.
package enum SetAsideReason: Int, Sendable, CaseIterable {
    case notJSON, repeatedMember, tooDeep, notAnObject, noTable, noKey, tooLong

    /// In plain words, the same in every report.
    package var text: String {
        switch self {
        case .notJSON: "not JSON"
        case .repeatedMember: "a member name occurs twice"
        case .tooDeep: "nested too deeply"
        case .notAnObject: "not a JSON object"
        case .noTable: "columns of no table"
        case .noKey: "the key column is missing"
        case .tooLong: "line too long"
        }
    }
}

/// What a pass over raw rows met.
struct RawCounts: Sendable {
    struct Column: Sendable {
        var sentinels = 0
        var blanks = 0
        var unreadable = 0
        /// Given as null, or not at all.
        var nulls = 0

        /// All that the cleaning file sees as NULL.
        var allNulls: Int { sentinels + blanks + unreadable + nulls }
    }

    struct SetAside: Sendable {
        var count = 0
        var firstLocator = Int.max
    }

    /// Rows of this table, repeats included.
    var rowsRead = 0
    /// Rows dropped since an equal line came before.
    var exactRepeats = 0
    var columns: [Column]
    var setAside = [SetAside](repeating: SetAside(), count: SetAsideReason.allCases.count)
    /// Objects that hold rows of other tables.
    var strays: Set<Stray> = []

    struct Stray: Hashable, Sendable {
        var table: Int
        /// The object's place in the pass.
        var object: Int
    }

    init(columns: Int) {
        self.columns = [Column](repeating: Column(), count: columns)
    }

    var hasSetAside: Bool { setAside.contains { $0.count > 0 } }

    mutating func setAside(_ reason: SetAsideReason, at locator: Int) {
        setAside[reason.rawValue].count += 1
        setAside[reason.rawValue].firstLocator = min(setAside[reason.rawValue].firstLocator, locator)
    }

    mutating func add(_ other: RawCounts) {
        rowsRead += other.rowsRead
        exactRepeats += other.exactRepeats
        for index in columns.indices {
            columns[index].sentinels += other.columns[index].sentinels
            columns[index].blanks += other.columns[index].blanks
            columns[index].unreadable += other.columns[index].unreadable
            columns[index].nulls += other.columns[index].nulls
        }
        for index in setAside.indices {
            setAside[index].count += other.setAside[index].count
            setAside[index].firstLocator = min(
                setAside[index].firstLocator, other.setAside[index].firstLocator)
        }
        strays.formUnion(other.strays)
    }
}
