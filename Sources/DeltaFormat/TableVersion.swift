/// The number of a commit of a table, from 0 without gaps.
package struct TableVersion: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var next: TableVersion { TableVersion(rawValue &+ 1) }

    package var description: String { String(rawValue) }
}

/// How far a writer is: kept in the table by the commit that holds what it wrote (the action `txn`).
package struct AppTransaction: Hashable, Sendable {
    /// Names the writer and what it reads, such as `pinline/me.pin/0`.
    package var appID: String
    /// Grows with each commit, such as the next offset.
    package var version: Int64

    package init(appID: String, version: Int64) {
        self.appID = appID
        self.version = version
    }
}

/// Which version of a table is meant.
package enum TimeTravel: Hashable, Sendable {
    case latest
    case version(TableVersion)
    /// The last version that was committed at or before a time, in milliseconds since 1970.
    case time(milliseconds: Int64)
}

/// What became of rows that were handed in.
package enum AppendOutcome: Equatable, Sendable {
    /// The rows and the transactions are in the table since this version.
    case committed(version: TableVersion, files: Int, rows: Int)
    /// The table is as far as the transactions say, or further: nothing was written.
    case alreadyCommitted
    /// There were neither rows nor transactions.
    case nothingToCommit
}

/// What rows may change of a table's schema when they are appended.
package struct SchemaEvolution: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Columns that the table lacks are added to it; former rows have NULL there.
    package static let addColumns = SchemaEvolution(rawValue: 1)
    /// A column takes the wider type of new rows, such as long for integer; former files are written anew.
    package static let widen = SchemaEvolution(rawValue: 2)
}
