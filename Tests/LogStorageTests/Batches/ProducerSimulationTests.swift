import Foundation
import StreamModel
import Testing

@testable import LogStorage

/// Producers that send again what was not acknowledged, on a disk that fills up, fails and loses its power.
///
/// `PINLINE_TEST_ALL=1` runs many more seeds. A failure names its seed.
@Suite struct ProducerSimulationTests {
    @Test func eachRecordIsThereOnceAndTransactionsAreSeenWholeOrNotAtAll() async throws {
        let isThorough = ProcessInfo.processInfo.environment["PINLINE_TEST_ALL"] != nil
        for seed in 0..<(isThorough ? 5000 : 100) as Range<UInt64> {
            var simulation = ProducerSimulation(seed: seed)
            do {
                try await simulation.run(steps: 80)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
}

private struct ProducerSimulation {
    /// A client that has one request under way, and repeats it until it knows the outcome.
    private struct Client {
        let id: Int64
        let isTransactional: Bool
        var sequence: Int32 = 0
        /// Sent, and not acknowledged.
        var unanswered: String?
        var ending: Bool?
        /// Acknowledged, of the open transaction.
        var open: [Int64] = []
        /// The last ones that were acknowledged, by sequence number.
        var sent: [(sequence: Int32, value: String, offset: Int64)] = []
    }

    private enum Fate { case visible, aborted, open }

    private struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    private var chance: TestChance
    private let fixture: LogFixture
    private var clients: [Client]
    private var values: [Int64: String] = [:]
    private var fates: [Int64: Fate] = [:]
    private var serial = 0

    init(seed: UInt64) {
        var chance = TestChance(seed: seed)
        let segmentBytes = Int.random(in: 200...3000, using: &chance)
        let indexBytes = Int.random(in: 0...600, using: &chance)
        fixture = LogFixture {
            $0.segmentBytes = segmentBytes
            $0.indexIntervalBytes = indexBytes
        }
        clients = (1...4).map { Client(id: $0, isTransactional: $0 > 2) }
        self.chance = chance
    }

    mutating func run(steps: Int) async throws {
        var log = try fixture.open()
        try log.ensureTopic(.pins)
        for _ in 0..<steps {
            let place = Int.random(in: clients.indices, using: &chance)
            switch Int.random(in: 0..<22, using: &chance) {
            case 0..<10: try await send(place, to: log)
            case 10..<14: try await end(place, in: log)
            case 14: try await sendAgain(place, to: log)
            case 15: try check(log)
            case 16: fixture.disk.capacity = fixture.disk.byteCount + .random(in: 0...300, using: &chance)
            case 17: fixture.disk.capacity = .max
            case 18: failOneCall()
            case 19: try await saveSnapshot(log)
            default: log = try restart(log)
            }
        }
        log = try restart(log)
        log.close()
    }

    private mutating func send(_ place: Int, to log: CommitLog) async throws {
        guard clients[place].ending == nil else { return try await end(place, in: log) }
        let client = clients[place]
        serial += 1
        let value = client.unanswered ?? "\(client.id).\(serial)"
        clients[place].unanswered = value
        let batch = ClientBatch(
            [value], by: client.id, sequence: client.sequence, isTransactional: client.isTransactional)
        switch await log.append(batch) {
        case .success(let receipt):
            let offset = receipt.baseOffset.rawValue
            guard values.updateValue(value, forKey: offset) == nil else {
                throw Broken(description: "offset \(offset) was given twice, now to \(value)")
            }
            fates[offset] = client.isTransactional ? .open : .visible
            if client.isTransactional { clients[place].open.append(offset) }
            clients[place].unanswered = nil
            clients[place].sent = clients[place].sent.suffix(4) + [(client.sequence, value, offset)]
            clients[place].sequence += 1
        case .failure(let refusal):
            guard [.failed, .diskFull, .closed].contains(refusal.code) else {
                throw Broken(description: "\(value) was refused: \(refusal)")
            }
        }
    }

    /// Ends a transaction; before, what is under way is sent until it is acknowledged.
    private mutating func end(_ place: Int, in log: CommitLog) async throws {
        guard clients[place].isTransactional else { return }
        if clients[place].ending == nil {
            guard clients[place].unanswered == nil else { return try await send(place, to: log) }
            clients[place].ending = Bool.random(using: &chance)
        }
        guard let commits = clients[place].ending else { return }
        switch await log.end(clients[place].id, commits: commits) {
        case .success(let receipt):
            guard values.updateValue("marker", forKey: receipt.baseOffset.rawValue) == nil else {
                throw Broken(description: "a marker got an offset that was given before")
            }
            for offset in clients[place].open { fates[offset] = commits ? .visible : .aborted }
            clients[place].open = []
            clients[place].ending = nil
        case .failure(let refusal):
            guard [.failed, .diskFull, .closed].contains(refusal.code) else {
                throw Broken(description: "a marker was refused: \(refusal)")
            }
        }
    }

    /// A request that the network has delivered twice.
    private mutating func sendAgain(_ place: Int, to log: CommitLog) async throws {
        let client = clients[place]
        guard let old = client.sent.randomElement(using: &chance) else { return }
        let batch = ClientBatch(
            [old.value], by: client.id, sequence: old.sequence, isTransactional: client.isTransactional)
        switch await log.append(batch) {
        case .success(let receipt):
            guard receipt.baseOffset.rawValue == old.offset else {
                throw Broken(description: "\(old) came again and got \(receipt.baseOffset)")
            }
        case .failure(let refusal):
            // The batch under way may be stored although its answer was an error; then this one is too old.
            let isStoppedOrOld: [BatchRefusal.Code] = [.failed, .diskFull, .closed, .duplicateSequence]
            guard isStoppedOrOld.contains(refusal.code) else {
                throw Broken(description: "\(old) came again and was refused: \(refusal)")
            }
        }
    }

    /// As a load of many bytes would bring about.
    private mutating func saveSnapshot(_ log: CommitLog) async throws {
        let isDurable = Bool.random(using: &chance)
        let partition = try log.log(of: .zero)
        await withCheckedContinuation { continuation in
            log.committer.perform {
                try? partition.saveSnapshot(isDurable: isDurable)
                continuation.resume()
            }
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

    private mutating func restart(_ log: CommitLog) throws -> CommitLog {
        fixture.disk.refuse(nil)
        fixture.disk.capacity = .max
        if Int.random(in: 0..<3, using: &chance) > 0 {
            let loss = MemoryDisk.Loss.allCases.randomElement(using: &chance) ?? .nothing
            fixture.crash(log, losing: loss, seed: chance.next())
        } else {
            log.close()
        }
        let opened = try fixture.open()
        guard opened.status().isReady else { throw Broken(description: opened.status().detail) }
        try check(opened)
        return opened
    }

    private mutating func check(_ log: CommitLog) throws {
        let state = try ObservedState(log)
        let replayed = try ObservedState(replaying: log)
        guard state == replayed else { throw Broken(description: "\(state)\ninstead of\n\(replayed)") }
        let step = Int.random(in: 1...2000, using: &chance)
        let all = try log.consumed(.readUncommitted, step: step)
        let committed = try log.consumed(.readCommitted, step: step)
        guard Set(all.values).count == all.count else {
            throw Broken(description: "a record is there twice: \(all)")
        }
        for (offset, value) in values where value != "marker" {
            guard all[offset] == value else { throw Broken(description: "\(value) at \(offset) is lost") }
            guard offset < state.lastStable else { continue }
            switch fates[offset] {
            case .visible where committed[offset] != value:
                throw Broken(description: "\(value) at \(offset) was committed and is not seen")
            case .aborted where committed[offset] != nil:
                throw Broken(description: "\(value) at \(offset) was aborted and is seen")
            default: break
            }
        }
        guard committed.keys.allSatisfy({ $0 < state.lastStable }) else {
            throw Broken(description: "records past the last stable offset were given out")
        }
    }
}
