import Dispatch
import StreamModel
import Testing

@testable import LogStorage

/// A power cut at every step of a compaction: the newest record of each key is there, once and at its offset.
@Suite struct CompactionCrashTests {
    private func fill(_ log: CommitLog) async {
        for number in 0..<24 { await log.put("k\(number % 5)", "\(number)") }
        await log.put("k0", nil)
        await log.fillUp()
    }

    private func newest(_ records: [SeenRecord]) -> [String: SeenRecord] {
        Dictionary(records.map { ($0.key ?? "", $0) }, uniquingKeysWith: { $1 })
    }

    @Test(arguments: MemoryDisk.Loss.allCases, [400, 1000])
    func afterAPowerCutAtAnyStepTheNewestRecordsAreThere(loss: MemoryDisk.Loss, segmentBytes: Int)
        async throws
    {
        var step = 0
        var isDone = false
        while !isDone {
            let fixture = LogFixture.compacting()
            let log = try fixture.open()
            await fill(log)
            // Now segments may be put together.
            try log.configure(.pins, TopicConfiguration(["segment.bytes": "\(segmentBytes)"]))
            let whole = try log.seen()
            let end = try log.range(of: .zero).end
            let before = fixture.disk.calls
            let last = before + step
            fixture.disk.refuse { $0.number == last ? .powerCut : nil }
            log.performUpkeep()
            await withCheckedContinuation { continuation in log.upkeep.async { continuation.resume() } }
            isDone = fixture.disk.calls <= last
            fixture.crash(log, losing: loss, seed: UInt64(step))
            try await fixture.withLog { log throws in
                #expect(log.status().isReady, "step \(step)")
                let found = try log.seen()
                #expect(newest(found) == newest(whole), "step \(step)")
                #expect(found.allSatisfy { whole.contains($0) }, "step \(step)")
                #expect(try log.range(of: .zero).end == end, "step \(step)")
                await log.compactNow()
                #expect(try newest(log.seen()) == newest(whole), "step \(step)")
                #expect(try log.seen().count == newest(whole).count, "step \(step)")
                #expect(await log.put("next", "x").firstOffset == end.rawValue, "step \(step)")
            }
            let names = try fixture.disk.list("log/user.pin/0")
            #expect(names.allSatisfy { !$0.hasSuffix(".cleaned") && !$0.hasSuffix(".swap") }, "step \(step)")
            step += 1
        }
        #expect(step > 20)
    }

    @Test func aFullDiskLeavesEverythingAsItWas() async throws {
        for step in 0..<30 {
            let fixture = LogFixture.compacting()
            try await fixture.withLog { log throws in
                await fill(log)
                let whole = try log.seen()
                let before = fixture.disk.calls
                fixture.disk.refuse { $0.number >= before + step ? .error(.diskFull) : nil }
                log.performUpkeep()
                await withCheckedContinuation { continuation in log.upkeep.async { continuation.resume() } }
                fixture.disk.refuse(nil)
                #expect(try newest(log.seen()) == newest(whole), "step \(step)")
                await log.compactNow()
                #expect(try log.seen().count == newest(whole).count, "step \(step)")
            }
            try await fixture.withLog { log throws in
                #expect(try log.seen().count == 5, "step \(step)")
            }
        }
    }
}
