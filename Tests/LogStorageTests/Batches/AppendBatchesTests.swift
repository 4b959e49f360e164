import KafkaWire
import NIOCore
import StreamModel
import Testing

@testable import LogStorage

@Suite struct AppendBatchesTests {
    @Test func batchesAreStoredAsTheyCameButForOffsetAndLeaderEpoch() async throws {
        try await LogFixture().withPins { log, fixture throws in
            var first = ClientBatch(["a", "b"]).bytes
            first.store(Int32(77), at: 12)
            let second = ClientBatch(["c"]).bytes
            #expect(await log.append(bytes: first + second).baseOffset == 0)
            #expect(await log.append(ClientBatch(["d"])).baseOffset == 3)
            #expect(try log.values() == ["a", "b", "c", "d"])
            let path = try #require(fixture.paths("log").first)
            let stored = try #require(fixture.disk[path])
            first.store(Int32(0), at: 12)
            #expect(stored.starts(with: first))
            #expect(Array(stored[first.count + 8..<first.count + second.count]) == Array(second[8...]))
            #expect(stored[first.count + 7] == 2)
        }
    }

    @Test func batchesAndRecordsOfHTTPFollowOneAnother() async throws {
        try await LogFixture().withPins { log, _ throws in
            #expect(await log.send("a").firstOffset == 0)
            #expect(await log.append(ClientBatch(["b", "c"])).baseOffset == 1)
            #expect(await log.send("d").firstOffset == 3)
            #expect(try log.values() == ["a", "b", "c", "d"])
        }
    }

    @Test func anUnknownPartitionIsRefused() async throws {
        try await LogFixture().withPins { log, _ throws in
            for partition in [TopicPartition("user.pin", 1), TopicPartition("user.pin", -1), .init("no", 0)] {
                #expect(await log.append(ClientBatch(["a"]), to: partition).refusal == .unknownPartition)
                #expect(await log.end(1, commits: true, of: partition).refusal == .unknownPartition)
            }
        }
    }

    /// What a change to a good batch is answered with; the checksum is made right after it.
    private static let faults: [(String, BatchRefusal.Code, @Sendable (inout [UInt8]) -> Void)] = [
        ("format 0", .unsupportedFormat, { $0[16] = 0 }),
        ("format 1", .unsupportedFormat, { $0[16] = 1 }),
        ("length too small", .corruptBatch, { $0.store(Int32(10), at: 8) }),
        ("length too large", .corruptBatch, { $0.store(Int32.max, at: 8) }),
        ("length negative", .corruptBatch, { $0.store(Int32(-1), at: 8) }),
        ("compression 5", .unsupportedCompression, { $0.store(Int16(5), at: 21) }),
        ("control", .invalidRecord, { $0.store(Int16(0x20), at: 21) }),
        ("time of append", .invalidRecord, { $0.store(Int16(8), at: 21) }),
        ("horizon of deletion", .invalidRecord, { $0.store(Int16(0x40), at: 21) }),
        ("transactional without id", .invalidRecord, { $0.store(Int16(0x10), at: 21) }),
        ("count 0", .invalidRecord, { $0.store(Int32(0), at: 57) }),
        ("count beside the delta", .invalidRecord, { $0.store(Int32(1), at: 57) }),
        (
            "delta and count beside the records", .invalidRecord,
            {
                $0.store(Int32(6), at: 57)
                $0.store(Int32(5), at: 23)
            }
        ),
        ("id without sequence", .invalidRecord, { $0.store(Int64(5), at: 43) }),
        ("base offset", .invalidRecord, { $0.store(Int64(1), at: 0) }),
        ("base offset negative", .corruptBatch, { $0.store(Int64(-1), at: 0) }),
        ("a record's offset", .invalidRecord, { $0[64] = 2 }),
        ("a record's length", .invalidRecord, { $0[61] = 0x7F }),
    ]

    @Test(arguments: 0..<faults.count)
    func aBatchThatContradictsTheFormatIsRefused(fault: Int) async throws {
        let (name, code, change) = Self.faults[fault]
        try await LogFixture().withPins { log, _ throws in
            var bytes = ClientBatch(["a", "b"]).bytes
            change(&bytes)
            bytes.repairChecksum()
            #expect(await log.append(bytes: bytes).refusal == code, "\(name)")
            #expect(await log.append(bytes: ClientBatch(["x"]).bytes + bytes).refusal == code, "\(name)")
            #expect(try log.offsets(of: .zero).end == Offset(0))
        }
    }

    @Test func aChangedByteOrAMissingOneIsRefused() async throws {
        try await LogFixture().withPins { log, _ throws in
            let whole = ClientBatch(["a", "b"]).bytes
            for position in whole.indices where !(12..<16).contains(position) {
                var damaged = whole
                damaged[position] ^= 0x41
                #expect(await log.append(bytes: damaged).refusal != nil, "byte \(position)")
                #expect(
                    await log.append(bytes: Array(whole[..<position])).refusal != nil, "\(position) bytes")
            }
            #expect(try log.offsets(of: .zero).end == Offset(0))
        }
    }

    @Test func aBatchLargerThanAllowedIsRefused() async throws {
        let size = ClientBatch(["abc"]).bytes.count
        try await LogFixture { $0.maxMessageBytes = size }.withPins { log, _ throws in
            #expect(await log.append(ClientBatch(["abc"])).baseOffset == 0)
            #expect(await log.append(ClientBatch(["abcd"])).refusal == .batchTooLarge)
            #expect(await log.append(ClientBatch(["a"]), ClientBatch(["b"])).baseOffset == 1)
        }
    }

    @Test func compressedBatchesAreStoredAsTheyCome() async throws {
        try await LogFixture().withPins { log, _ throws in
            let bytes = Self.gzip
            #expect(await log.append(bytes: bytes).baseOffset == 0)
            #expect(try Array(log.readBatches(from: 0).bytes.readableBytesView) == bytes)
        }
    }

    /// The record of `["x"]`, compressed by Python's gzip module.
    private static var gzip: [UInt8] {
        let head = ClientBatch(["x"]).bytes[..<61]
        let body: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xE3, 0x63, 0x60, 0x60, 0x60, 0x64,
            0xAA, 0x60, 0x00, 0x00, 0xAE, 0x8D, 0x76, 0x2C, 0x08, 0x00, 0x00, 0x00,
        ]
        var bytes = Array(head) + body
        bytes.store(Int32(bytes.count - 12), at: 8)
        bytes.store(Int16(1), at: 21)
        bytes.repairChecksum()
        return bytes
    }

    @Test func aCompactedTopicTakesNoRecordWithoutAKey() async throws {
        try await LogFixture { $0.cleanupPolicy = .compact }.withPins { log, _ throws in
            #expect(await log.append(ClientBatch(["a"])).refusal == .invalidRecord)
        }
    }

    @Test func aHeadThatNamesAnotherGreatestTimeThanItsRecordsIsPutRight() async throws {
        try await LogFixture().withPins { log, _ throws in
            var bytes = ClientBatch(["a"], timestamp: 500).bytes
            bytes.store(Int64(5), at: 35)
            bytes.repairChecksum()
            let good = ClientBatch(["b"], timestamp: 400).bytes
            #expect(await log.append(bytes: good + bytes).baseOffset == 0)
            #expect(try log.values() == ["b", "a"])
            #expect(
                try log.firstRecord(of: .zero, atOrAfter: 450)
                    == TimestampedOffset(offset: Offset(1), timestamp: 500))
        }
    }

    @Test func timesOfAnyKindDoNotStopThePartition() async throws {
        try await LogFixture().withPins { log, fixture throws in
            for time in [Int64.min, -1, 0, 1, Int64.max, 1_700_000_000_000] {
                #expect(await log.append(ClientBatch(["a"], timestamp: time)).baseOffset != nil)
                log.performUpkeep()
                await log.settle()
            }
            #expect(try log.values().count == 6)
            log.close()
            let opened = try fixture.open()
            defer { opened.close() }
            opened.performUpkeep()
            #expect(try opened.values().count == 6)
            #expect(await opened.append(ClientBatch(["a"])).baseOffset == 6)
        }
    }

    @Test func recordsOfLongAgoDoNotCloseASegmentEach() async throws {
        try await LogFixture { $0.segmentMilliseconds = 1000 }.withPins { log, fixture throws in
            for _ in 0..<4 { _ = await log.append(ClientBatch(["a"], timestamp: 5)) }
            #expect(fixture.paths("log").count == 1)
        }
    }

    @Test func whatTheDiskRefusesIsToldAsSuch() async throws {
        try await LogFixture().withPins { log, fixture throws in
            _ = await log.append(ClientBatch(["a"]))
            fixture.disk.capacity = fixture.disk.byteCount
            #expect(await log.append(ClientBatch(["b"])).refusal == .diskFull)
            fixture.disk.capacity = .max
            #expect(await log.append(ClientBatch(["c"])).baseOffset == 1)
            fixture.disk.refuse { $0.kind == .synchronize ? .error(.inputOutput) : nil }
            #expect(await log.append(ClientBatch(["d"])).refusal == .failed)
            fixture.disk.refuse(nil)
            #expect(await log.append(ClientBatch(["e"])).refusal == .failed)
            #expect(await log.end(1, commits: true).refusal == .failed)
        }
    }

    @Test func aClosedLogRefuses() async throws {
        let fixture = LogFixture()
        let log = try fixture.open()
        try log.ensureTopic(.pins)
        log.close()
        #expect(await log.append(ClientBatch(["a"])).refusal == .closed)
    }

    @Test func whatWaitsIsBounded() async throws {
        try await LogFixture { $0.maxPendingBytes = 100 }.withPins { log, fixture throws in
            fixture.disk.holdFlushes()
            async let first = log.append(ClientBatch([String(repeating: "x", count: 100)]))
            await eventually { log.waitingByteCount > 100 }
            #expect(await log.append(ClientBatch(["a"])).refusal == .overloaded)
            fixture.disk.releaseFlushes()
            #expect(await first.baseOffset == 0)
        }
    }

    @Test func observersAreToldOfEachAppendAndNotKept() async throws {
        final class Observer: AppendObserver {
            let count = Counter()
            func appended(_ byteCount: Int, to partition: TopicPartition) {
                if partition == .zero, byteCount > 61 { _ = count.next() }
            }
        }
        try await LogFixture().withPins { log, _ throws in
            let observer = Observer()
            log.addObserver(observer)
            weak var gone: Observer?
            do {
                let other = Observer()
                gone = other
                log.addObserver(other)
            }
            #expect(gone == nil)
            _ = await log.append(ClientBatch(["a"]))
            await eventually { observer.count.value == 1 }
            _ = await log.send("b")
            await eventually { observer.count.value == 2 }
        }
    }
}
