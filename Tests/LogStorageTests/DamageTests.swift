import StreamModel
import Testing

@testable import LogStorage

/// Bytes that change by themselves: whatever is read is right, or there is an error.
@Suite struct DamageTests {
    private static let values = (0..<12).map { "value \($0)" }

    /// A log of three segments that was stopped cleanly.
    private func filled() async throws -> LogFixture {
        let fixture = LogFixture()
        try await fixture.withLog { log throws in
            for value in Self.values { _ = await log.send(value) }
            _ = await log.send("x", to: .named("other"))
        }
        return fixture
    }

    /// What can be read before the first error, and that error.
    private func readable(_ log: CommitLog) -> (values: [String], error: LogStorageError?) {
        var found: [String] = []
        do {
            let end = try log.range(of: .zero).end
            var next = try log.range(of: .zero).start
            while next < end {
                let after = try log.read(.zero, from: next, maxBytes: 100) { record in
                    found.append(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "null")
                }
                guard after > next else { return (found, nil) }
                next = after
            }
            // A partition that was stopped at the start has no range, but does not let itself be read.
            _ = try log.read(.zero, from: next, maxBytes: 100) { _ in }
            return (found, nil)
        } catch {
            return (found, error as? LogStorageError)
        }
    }

    @Test func aChangedByteAnywhereGivesAnErrorAndNeverAWrongRecord() async throws {
        let fixture = try await filled()
        for path in fixture.paths("log") {
            let whole = try #require(fixture.disk[path])
            for position in whole.indices {
                var damaged = whole
                damaged[position] ^= 0x41
                fixture.disk[path] = damaged
                let log = try fixture.open()
                let (values, error) = readable(log)
                #expect(Self.values.starts(with: values), "\(path) byte \(position)")
                #expect(error?.code == .corrupted || values == Self.values, "\(path) byte \(position)")
                // The leader epoch alone stands outside the checksum.
                if values == Self.values { #expect(whole[position] == 0, "\(path) byte \(position)") }
                #expect(try log.values(TopicPartition("other", 0)) == ["x"])
                fixture.crash(log)
            }
            fixture.disk[path] = whole
        }
    }

    @Test func aChangedByteBeforeTheTornTailOfAKillNeverGivesAWrongRecord() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        let log = try fixture.open()
        for value in Self.values { _ = await log.send(value) }
        fixture.crash(log)
        let path = try #require(fixture.paths("log").first)
        let whole = try #require(fixture.disk[path])
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 0x80
            fixture.disk[path] = damaged
            let log = try fixture.open()
            #expect(Self.values.starts(with: readable(log).values), "byte \(position)")
            fixture.crash(log)
        }
    }

    @Test func damageAtTheEndOfACleanLogStopsThePartitionAndChangesNoFile() async throws {
        let fixture = try await filled()
        let path = try #require(fixture.paths("log").last)
        let whole = try #require(fixture.disk[path])
        fixture.disk[path] = Array(whole.dropLast())
        let before = fixture.disk.files.map { fixture.disk[$0] }
        try await fixture.withLog { log throws in
            #expect(await log.send("refused").isRefused(.failed))
            #expect(throws: LogStorageError.self) {
                try log.read(.zero, from: Offset(0), maxBytes: 1) { _ in }
            }
            #expect(!log.status().isReady)
            #expect(log.status().detail.contains("user.pin-0"))
            #expect(await log.send("y", to: .named("other")).firstOffset == 1)
            log.performUpkeep()
            await log.settle()
        }
        let after = fixture.disk.files.filter { $0.hasPrefix("log/user.pin") }.map { fixture.disk[$0] }
        #expect(before.suffix(after.count) == after[...])
        #expect(fixture.messages.all.contains { $0.contains("partition stopped") && $0.contains(path) })
        // Put right by hand, it goes on.
        fixture.disk[path] = whole
        try await fixture.withLog { log throws in #expect(try log.values() == Self.values) }
    }

    @Test func aSegmentThatIsMissingInTheMiddleIsToldOf() async throws {
        let fixture = try await filled()
        fixture.disk[fixture.paths("log")[1]] = nil
        try await fixture.withLog { log throws in
            #expect(readable(log).values == Array(Self.values.prefix(5)))
            #expect(readable(log).error?.code == .corrupted)
        }
    }

    @Test func aClosedSegmentThatWasShortenedByAWholeBatchIsToldOf() async throws {
        let fixture = try await filled()
        let path = fixture.paths("log")[0]
        let whole = try #require(fixture.disk[path])
        fixture.disk[path] = Array(whole.prefix(whole.count / 5 * 4))
        try await fixture.withLog { log throws in
            #expect(readable(log).values == Array(Self.values.prefix(4)))
            #expect(readable(log).error?.code == .corrupted)
        }
    }

    // MARK: Indexes

    private static let indexFaults: [(String, @Sendable ([UInt8]) -> [UInt8]?)] = [
        ("missing", { _ in nil }),
        ("empty", { _ in [] }),
        ("cut to half", { Array($0.prefix($0.count / 2)) }),
        ("cut in an entry", { Array($0.dropLast(3)) }),
        ("zeros", { [UInt8](repeating: 0, count: $0.count) }),
        ("longer by zeros", { $0 + [UInt8](repeating: 0, count: 40) }),
        ("longer by a part of an entry", { $0 + [0, 0, 0] }),
    ]

    @Test(arguments: 0..<indexFaults.count, [true, false])
    func indexesThatWereLostInPartCostNoRecord(fault: Int, isCleanStop: Bool) async throws {
        let (_, damage) = Self.indexFaults[fault]
        for suffix in ["index", "timeindex"] {
            for place in 0..<3 {
                let fixture = LogFixture()
                let log = try fixture.open()
                for value in Self.values { _ = await log.send(value) }
                if isCleanStop { log.close() } else { fixture.crash(log) }
                // The index of the last segment is there once it has an entry.
                guard place < fixture.paths(suffix).count else { continue }
                let path = fixture.paths(suffix)[place]
                fixture.disk[path] = damage(fixture.disk[path] ?? [])
                try await fixture.withLog { log throws in
                    for start in 0..<12 {
                        #expect(try log.values(from: Int64(start)) == Array(Self.values[start...]))
                    }
                    #expect(await log.send("next").firstOffset == 12)
                }
                try await fixture.withLog { log throws in #expect(try log.values() == Self.values + ["next"])
                }
            }
        }
    }

    @Test func anIndexOfAnythingNeverGivesAWrongRecordAndDeletingItPutsItRight() async throws {
        for seed in 0..<60 as Range<UInt64> {
            var chance = TestChance(seed: seed)
            let fixture = LogFixture()
            try await fixture.withLog { log throws in
                for value in Self.values { _ = await log.send(value) }
            }
            for path in fixture.paths("index") {
                fixture.disk[path] = (0..<32).map { $0 % 4 == 3 ? .random(in: 0...255, using: &chance) : 0 }
            }
            let log = try fixture.open()
            let (values, error) = readable(log)
            #expect(Self.values.starts(with: values), "seed \(seed)")
            #expect(error?.code == .corrupted || values == Self.values, "seed \(seed)")
            fixture.crash(log)
            for path in fixture.paths("index") { fixture.disk[path] = nil }
            try await fixture.withLog { log throws in #expect(try log.values() == Self.values, "seed \(seed)")
            }
        }
    }

    @Test func aLogShorterThanItsIndexSaysIsNotTakenForATornTail() async throws {
        let fixture = LogFixture { $0.segmentBytes = 1 << 20 }
        let log = try fixture.open()
        for value in Self.values { _ = await log.send(value) }
        fixture.crash(log)
        let path = try #require(fixture.paths("log").first)
        fixture.disk[path] = Array((fixture.disk[path] ?? []).prefix(200))
        try await fixture.withLog { log throws in
            #expect(!log.status().isReady)
            #expect(readable(log).error?.code == .corrupted)
        }
        #expect(fixture.disk[path]?.count == 200)
    }
}
