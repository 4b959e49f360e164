import QueryEngine
import StreamModel

/// What is committed together: all that was read up to some positions.
struct Cut: Sendable {
    /// The new rows of one table.
    struct Unit: Sendable {
        var table: Int
        /// The engine's table that holds them.
        var pending: String
        var rows: Int
        var hashes: [RowHash]
        /// The log's newest time among them.
        var time: Int64
        /// The sources they came from, at the positions of the cut.
        var positions: [SourceID: Int64]
        var generation: Int
    }

    var number: Int64
    var units: [Unit] = []
    /// Where every source stands.
    var next: [SourceID: Int64] = [:]
    var letters: [StreamLetter] = []
    /// Generations of hashes that are forgotten, by table.
    var forgotten: [Int: [Int]] = [:]
    /// What an observer knows of all this.
    var observed: (@Sendable () -> [UInt8])?

    var rows: Int { units.reduce(0) { $0 + $1.rows } }
}

/// A record that belongs to no table, or not whole.
struct StreamLetter: Sendable, Equatable {
    var source: SourceID
    var partition: TopicPartition
    var offset: Int64
    var key: [UInt8]?
    var value: [UInt8]
    var reason: String

    /// What it takes beside key and value, about.
    static let overhead = 256
    var bytes: Int { value.count + (key?.count ?? 0) + Self.overhead }
}
