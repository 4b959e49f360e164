/// Decides whether a partition is compacted now, and how much of it.
struct CompactionPlan: Equatable {
    struct Segment {
        var baseOffset: Int64
        var byteCount: Int
        /// The greatest timestamp in it; `Int64.max` if it is not known.
        var maxTimestamp: Int64
        /// One past its last offset.
        var endOffset: Int64
    }

    /// Where the part begins that was not compacted yet.
    var dirtyStart: Int64
    /// One past the last offset that takes part.
    var end: Int64
    /// How many of the closed segments, from the first on, take part.
    var segmentCount: Int

    /// Nil if there is too little to do.
    ///
    /// - Parameters:
    ///   - closed: the closed segments, oldest first.
    ///   - limit: nothing from here on takes part: the segment being written, open transactions, what a reader holds.
    ///   - cleanedTo: up to where the partition was compacted before.
    ///   - firstTimestamp: tells when a segment's records begin; asked at most once.
    init?(
        _ closed: [Segment], limit: Int64, cleanedTo: Int64, now: Int64, settings: LogSettings,
        firstTimestamp: (Segment) -> Int64?
    ) {
        let taking = closed.prefix { segment in
            guard segment.endOffset <= limit else { return false }
            return settings.minCompactionLag == 0
                || segment.maxTimestamp <= now - min(now, settings.minCompactionLag)
        }
        guard let end = taking.last?.endOffset, let first = taking.first else { return nil }
        let dirty = taking.drop { $0.endOffset <= cleanedTo }
        guard let oldest = dirty.first else { return nil }
        let dirtyBytes = dirty.reduce(0) { $0 + $1.byteCount }
        let bytes = taking.reduce(0) { $0 + $1.byteCount }
        let isDirty = Double(dirtyBytes) > settings.minCleanableRatio * Double(bytes)
        guard
            isDirty
                || Self.isOverdue(oldest, now: now, maxLag: settings.maxCompactionLag, firstTimestamp)
        else { return nil }
        dirtyStart = max(cleanedTo, first.baseOffset)
        self.end = end
        segmentCount = taking.count
    }

    private static func isOverdue(
        _ segment: Segment, now: Int64, maxLag: Int64, _ firstTimestamp: (Segment) -> Int64?
    ) -> Bool {
        guard maxLag < .max, let first = firstTimestamp(segment) else { return false }
        return first < now - min(now, maxLag)
    }
}

extension CompactionPlan {
    /// Puts segments together that follow one another and make up no more than one.
    ///
    /// - Returns: how many segments each group has.
    static func groups(_ segments: ArraySlice<Segment>, segmentBytes: Int) -> [Int] {
        var groups: [Int] = []
        var (start, bytes) = (Int64(0), 0)
        for segment in segments {
            // Offsets within a segment are told as differences of 32 bits.
            let fits =
                bytes + segment.byteCount <= segmentBytes && segment.endOffset - start <= Int64(Int32.max)
            if !groups.isEmpty, fits {
                groups[groups.count - 1] += 1
                bytes += segment.byteCount
            } else {
                groups.append(1)
                (start, bytes) = (segment.baseOffset, segment.byteCount)
            }
        }
        return groups
    }
}
