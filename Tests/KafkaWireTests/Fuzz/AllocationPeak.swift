import CAllocationCount
import Testing

/// How much memory a piece of work held at most.
enum AllocationPeak {
    /// - Returns: the most bytes that `body` had allocated at one time; nil where the system cannot tell.
    static func bytes(of body: () throws -> Void) rethrows -> Int? {
        guard allocation_count_is_available() else {
            try body()
            return nil
        }
        allocation_count_begin()
        do {
            try body()
        } catch {
            _ = allocation_count_end()
            throw error
        }
        return allocation_count_end()
    }
}

@Suite struct AllocationPeakTests {
    @Test func theMostThatIsHeldAtOneTimeCounts() {
        guard
            let peak = AllocationPeak.bytes(of: {
                for _ in 0..<10 { hold(1 << 20) }
            })
        else { return }
        #expect((1 << 20...1 << 20 + 4096).contains(peak))
    }

    @Test func whatIsNotAllocatedDoesNotCount() {
        let peak = AllocationPeak.bytes(of: {})
        #expect(peak == nil || peak == 0)
    }

    @inline(never) private func hold(_ count: Int) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 1)
        memory.storeBytes(of: 1, as: UInt8.self)
        memory.deallocate()
    }
}
