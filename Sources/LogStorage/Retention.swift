/// Which segments of a partition have served their time.
struct Retention {
    struct Segment {
        var byteCount: Int
        /// The greatest timestamp in it, milliseconds since 1970.
        var maxTimestamp: Int64
        /// One past its last offset.
        var endOffset: Int64
    }

    var milliseconds: Int64
    var bytes: Int64

    /// How many of the oldest closed segments to delete.
    ///
    /// - Parameters:
    ///   - closed: the closed segments, oldest first; the one being written is never deleted.
    ///   - activeBytes: the size of the one being written.
    ///   - holdOffset: nothing from here on may go, since a reader has yet to see it.
    func expired(_ closed: [Segment], activeBytes: Int, now: Int64, holdOffset: Int64) -> Int {
        var total = closed.reduce(activeBytes) { $0 + $1.byteCount }
        var count = 0
        for segment in closed {
            guard segment.endOffset <= holdOffset else { break }
            let isOld = milliseconds >= 0 && now - segment.maxTimestamp > milliseconds
            // As in Apache Kafka, at least so many bytes stay: a segment goes only if the others have as many.
            let isExcess = bytes >= 0 && total - segment.byteCount >= bytes
            guard isOld || isExcess else { break }
            total -= segment.byteCount
            count += 1
        }
        return count
    }
}
