/// Decides when an object is closed.
package struct FileRotation: Sendable {
    package enum Action: Equatable, Sendable {
        case keepOpen
        case close(Cause)
    }

    package enum Cause: Equatable, Sendable {
        case recordCount, byteCount, schedule
    }

    private let maxRecords: Int
    private let maxBytes: Int
    private let intervalMilliseconds: Int64
    private var dueAt: Int64?

    package init(maxRecords: Int, maxBytes: Int, intervalMilliseconds: Int64) {
        self.maxRecords = maxRecords
        self.maxBytes = maxBytes
        self.intervalMilliseconds = intervalMilliseconds
    }

    /// When something begins that belongs to an object, though no record of it may be there yet.
    package mutating func begin(now: Int64) {
        if dueAt == nil { dueAt = (now / intervalMilliseconds + 1) * intervalMilliseconds }
    }

    /// After each record.
    ///
    /// - Parameters:
    ///   - recordCount: records in the object, this one included.
    ///   - now: milliseconds since 1970.
    package mutating func recordAppended(recordCount: Int, byteCount: Int, now: Int64) -> Action {
        begin(now: now)
        if recordCount >= maxRecords { return close(.recordCount) }
        if byteCount >= maxBytes { return close(.byteCount) }
        return .keepOpen
    }

    /// Whenever there is a look at the clock.
    package mutating func timerFired(now: Int64) -> Action {
        guard let dueAt, now >= dueAt else { return .keepOpen }
        return close(.schedule)
    }

    /// When the clock will close the object that is open; nil if none is.
    package var nextDue: Int64? { dueAt }

    private mutating func close(_ cause: Cause) -> Action {
        dueAt = nil
        return .close(cause)
    }
}
