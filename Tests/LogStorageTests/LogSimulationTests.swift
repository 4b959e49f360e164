import Foundation
import StreamModel
import Testing

@testable import LogStorage

/// A log under load, on a disk that fills up, fails and loses its power, as a seed has it.
///
/// `PINLINE_TEST_ALL=1` runs many more seeds. A failure names its seed.
@Suite struct LogSimulationTests {
    @Test func whatWasAcknowledgedIsThereOnceAndInOrderWhateverTheDiskDoes() async throws {
        let isThorough = ProcessInfo.processInfo.environment["PINLINE_TEST_ALL"] != nil
        for seed in 0..<(isThorough ? 10_000 : 150) as Range<UInt64> {
            var simulation = LogSimulation(seed: seed)
            do {
                try await simulation.run(steps: 60)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
}

private struct LogSimulation {
    /// What the log must and may hold at each offset of a partition.
    private struct Partition {
        var acknowledged: [Int64: String] = [:]
        /// The end of the log when it was last looked at after a restart: what stood there stays there.
        var kept: [String] = []
    }

    private struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    private let seed: UInt64
    private var chance: TestChance
    private let fixture: LogFixture
    private let partitionCount: Int32
    private var partitions: [TopicPartition: Partition] = [:]
    private var forbidden: Set<String> = []
    private var serial = 0

    init(seed: UInt64) {
        var chance = TestChance(seed: seed)
        self.seed = seed
        let partitionCount = Int32.random(in: 1...3, using: &chance)
        self.partitionCount = partitionCount
        let segmentBytes = Int.random(in: 200...3000, using: &chance)
        let indexBytes = Int.random(in: 0...600, using: &chance)
        fixture = LogFixture {
            $0.partitionsPerTopic = Int(partitionCount)
            $0.segmentBytes = segmentBytes
            $0.indexIntervalBytes = indexBytes
            $0.segmentMilliseconds = 5000
        }
        self.chance = chance
    }

    mutating func run(steps: Int) async throws {
        var log = try fixture.open()
        for _ in 0..<steps {
            switch Int.random(in: 0..<20, using: &chance) {
            case 0..<11: try await append(to: log)
            case 11..<14: try check(log, isAfterRestart: false)
            case 14: fixture.disk.capacity = fixture.disk.byteCount + .random(in: 0...300, using: &chance)
            case 15: fixture.disk.capacity = .max
            case 16: failOneCall()
            case 17:
                fixture.clock.advance(milliseconds: .random(in: 0...4000, using: &chance))
                log.performUpkeep()
            default: log = try await restart(log)
            }
        }
        log = try await restart(log)
        log.close()
    }

    /// Appends a few requests side by side.
    private mutating func append(to log: CommitLog) async throws {
        var requests: [(TopicName, [String], Int32)] = []
        for _ in 0..<Int.random(in: 1...4, using: &chance) {
            let values = (0..<Int.random(in: 1...4, using: &chance)).map { _ in
                serial += 1
                return "\(serial) " + String(repeating: "x", count: .random(in: 0...150, using: &chance))
            }
            let topic: TopicName = Bool.random(using: &chance) ? .pins : .named("user.geo")
            requests.append((topic, values, .random(in: 0..<partitionCount, using: &chance)))
        }
        let answers = await withTaskGroup { group in
            for (place, (topic, values, partition)) in requests.enumerated() {
                group.addTask {
                    (place, await log.append(RecordList(values, partition: partition), to: topic))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (place, (topic, values, partition)) in requests.enumerated() {
            try note(answers[place], values, TopicPartition(topic, PartitionIndex(partition)))
        }
    }

    private mutating func note(_ answer: AppendResult?, _ values: [String], _ partition: TopicPartition)
        throws
    {
        switch answer {
        case .success(let receipt):
            let offsets: [Int64] =
                switch receipt {
                case .run(_, let first): values.indices.map { first.rawValue + Int64($0) }
                case .scattered(let places): places.map(\.offset.rawValue)
                }
            for (offset, value) in zip(offsets, values) {
                if let other = partitions[partition]?.acknowledged.updateValue(value, forKey: offset) {
                    throw Broken(
                        description: "\(partition) gave offset \(offset) to '\(other)' and to '\(value)'")
                }
                partitions[partition, default: Partition()].acknowledged[offset] = value
            }
        case .failure(let error) where error.code == .failed: break
        case .failure: forbidden.formUnion(values)
        case nil: throw Broken(description: "no answer")
        }
    }

    private mutating func failOneCall() {
        let skipped = Int.random(in: 0..<6, using: &chance)
        let code: LogStorageError.Code = Bool.random(using: &chance) ? .diskFull : .inputOutput
        let kept = Bool.random(using: &chance) ? Int.random(in: 0..<200, using: &chance) : nil
        let counter = Counter()
        fixture.disk.refuse { _ in
            guard counter.next() == skipped else { return nil }
            return kept.map { .torn(code, keeping: $0) } ?? .error(code)
        }
    }

    private mutating func restart(_ log: CommitLog) async throws -> CommitLog {
        fixture.disk.refuse(nil)
        fixture.disk.capacity = .max
        if Bool.random(using: &chance) {
            let loss = MemoryDisk.Loss.allCases.randomElement(using: &chance) ?? .nothing
            fixture.crash(log, losing: loss, seed: chance.next())
        } else {
            log.close()
        }
        let opened = try fixture.open()
        guard opened.status().isReady else { throw Broken(description: opened.status().detail) }
        try check(opened, isAfterRestart: true)
        return opened
    }

    private mutating func check(_ log: CommitLog, isAfterRestart: Bool) throws {
        for (partition, model) in partitions {
            let found = try log.values(partition, step: .random(in: 1...2000, using: &chance))
            for (offset, value) in model.acknowledged {
                guard found.indices.contains(Int(offset)), found[Int(offset)] == value else {
                    throw Broken(description: "\(partition) lost '\(value)' at offset \(offset)")
                }
            }
            guard Set(found).count == found.count else {
                throw Broken(description: "\(partition) holds one twice")
            }
            guard forbidden.isDisjoint(with: found) else {
                throw Broken(description: "\(partition) holds what was refused")
            }
            guard found.starts(with: model.kept) else {
                throw Broken(description: "\(partition) lost what it held after the last restart")
            }
            if isAfterRestart { partitions[partition]?.kept = found }
        }
    }
}
