import KafkaWire
import NIOCore
import Testing

@testable import Broker

/// Members that join, sync, die, restart and leave at random; a failure names its seed.
@Suite struct GroupSimulationTests {
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private struct Simulation {
        var harness: GroupHarness
        var chance: Chance
        var names = 0
        /// Ids that were given out at some time.
        var ids: [String] = []
        var pending: Set<ReplyTicket> = []
        let seed: UInt64

        init(seed: UInt64) {
            self.seed = seed
            chance = Chance(state: seed)
            harness = GroupHarness(delay: seed.isMultiple(of: 2) ? .zero : .milliseconds(100), maxSize: 6)
        }

        mutating func step() {
            let id = ids.randomElement(using: &chance) ?? ""
            let instance = harness.group.members[id]?.instanceID
            switch Int.random(in: 0..<12, using: &chance) {
            case 0, 1: joinAnew()
            case 2, 3, 4:
                note(
                    harness.join(
                        id, fresh: freshID(), instance: instance, protocols: protocols(),
                        metadata: Bool.random(using: &chance) ? "x" : "", rebalance: .seconds(20)))
            case 5, 6, 7:
                let all = Dictionary(uniqueKeysWithValues: harness.group.members.keys.map { ($0, $0) })
                note(harness.sync(id, instance: instance, assignments: all))
            case 8: _ = harness.heartbeat(id, instance: instance)
            case 9: harness.leave(id, instance: instance)
            case 10: harness.wait(.milliseconds(Int64.random(in: 1...500, using: &chance)))
            default: harness.wait(.milliseconds(Int64.random(in: 500...12_000, using: &chance)))
            }
            check()
        }

        private mutating func joinAnew() {
            let instances: [String?] = [nil, nil, "one", "two"]
            note(
                harness.join(
                    fresh: freshID(), instance: instances.randomElement(using: &chance) ?? nil,
                    protocols: protocols(), rebalance: .seconds(20),
                    twoSteps: Bool.random(using: &chance)))
        }

        private mutating func freshID() -> String {
            names += 1
            ids.append("m\(names)")
            if ids.count > 12 { ids.removeFirst() }
            return "m\(names)"
        }

        private mutating func protocols() -> [String] {
            [["range", "sticky"], ["sticky", "range"], ["range"]].randomElement(using: &chance) ?? []
        }

        private mutating func note(_ ticket: ReplyTicket) { pending.insert(ticket) }

        mutating func check() {
            let group = harness.group
            let waiting = group.members.values.flatMap {
                [$0.awaitingJoin, $0.awaitingSync].compactMap(\.self)
            }
            let unanswered = pending.filter { harness.joins[$0] == nil && harness.syncs[$0] == nil }
            #expect(harness.repeated == 0, "seed \(seed): an answer was given twice")
            #expect(Set(waiting) == unanswered, "seed \(seed): an answer got lost")
            #expect(waiting.count == Set(waiting).count, "seed \(seed)")
            checkState(group)
        }

        private func checkState(_ group: ConsumerGroup) {
            switch group.state {
            case .empty: #expect(group.members.isEmpty && group.leaderID == nil, "seed \(seed)")
            case .preparingRebalance:
                #expect(group.joinDeadline != nil, "seed \(seed): a rebalance without end")
            case .completingRebalance, .stable:
                #expect(group.leaderID.map { group.members[$0] != nil } == true, "seed \(seed): no leader")
                #expect(group.members.values.allSatisfy { $0.awaitingJoin == nil }, "seed \(seed)")
                #expect(group.protocolName != nil, "seed \(seed): no protocol")
            }
            let instances = group.members.values.compactMap { member in
                member.instanceID.map { ($0, member.id) }
            }
            #expect(Dictionary(instances) { first, _ in first } == group.staticMembers, "seed \(seed)")
            #expect(instances.count == group.staticMembers.count, "seed \(seed): an instance stands twice")
            #expect(group.members.count <= 6, "seed \(seed): too many members")
            for (name, count) in group.protocolSupport {
                let found = group.members.values.count { $0.protocols.contains { $0.name == name } }
                #expect(found == count, "seed \(seed): votes were counted wrongly")
            }
        }

        /// Nobody does anything any more: everyone must be answered, and the group must become empty.
        mutating func end() {
            harness.wait(.minutes(30))
            check()
            #expect(harness.group.isVacant, "seed \(seed): members that nobody hears of stay")
            #expect(harness.group.nextDeadline == nil, "seed \(seed): it waits for nothing")
        }
    }

    @Test(arguments: 1...300)
    func noAnswerIsLostOrGivenTwiceWhateverHappens(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        for _ in 0..<200 { simulation.step() }
        simulation.end()
        leadersAreOnePerGeneration(simulation)
    }

    private func leadersAreOnePerGeneration(_ simulation: Simulation) {
        var leaders: [Int32: Set<String>] = [:]
        for answer in simulation.harness.joins.values where !answer.members.isEmpty {
            leaders[answer.generation, default: []].insert(answer.memberID)
            #expect(answer.leaderID == answer.memberID, "seed \(simulation.seed)")
        }
        for (generation, ids) in leaders {
            #expect(ids.count == 1, "seed \(simulation.seed): generation \(generation) has leaders \(ids)")
        }
    }
}
