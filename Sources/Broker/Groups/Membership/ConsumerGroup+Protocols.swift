import KafkaWire
import NIOCore

extension ConsumerGroup {
    /// The type of the groups that consumers form; others are Kafka Connect's and Streams' own.
    static let consumerProtocolType = "consumer"

    /// Whether a member that knows these protocols can work with those who are there.
    func supports(_ attempt: JoinAttempt) -> Bool {
        if members.isEmpty { return !attempt.protocolType.isEmpty && !attempt.protocols.isEmpty }
        return protocolType == attempt.protocolType
            && attempt.protocols.contains { protocolSupport[$0.name] == members.count }
    }

    mutating func countSupport(of protocols: [GroupProtocol], by step: Int) {
        for name in Set(protocols.map(\.name)) {
            let count = protocolSupport[name, default: 0] + step
            protocolSupport[name] = count > 0 ? count : nil
        }
    }

    /// Each member votes for the first of its protocols that all support; of equals the eldest member's wins.
    func selectProtocol() -> String? {
        var votes: [(name: String, count: Int)] = []
        for member in orderedMembers {
            guard let choice = member.protocols.first(where: { protocolSupport[$0.name] == members.count })
            else {
                continue
            }
            if let index = votes.firstIndex(where: { $0.name == choice.name }) {
                votes[index].count += 1
            } else {
                votes.append((choice.name, 1))
            }
        }
        var winner: (name: String, count: Int)?
        for vote in votes where vote.count > winner?.count ?? 0 { winner = vote }
        return winner?.name
    }

    /// The topics that the members read, as their metadata says; nil if it cannot be read, and no topic is safe.
    func readSubscriptions() -> Set<String>? {
        guard protocolType == Self.consumerProtocolType else { return nil }
        var topics: Set<String> = []
        for member in members.values {
            var reader = WireReader(member.metadata(for: protocolName), isFlexible: false)
            do {
                _ = try reader.int16()
                topics.formUnion(try reader.array { (reader) throws(KafkaWireError) in try reader.string() })
            } catch {
                return nil
            }
        }
        return topics
    }

    func isSubscribed(to topic: String) -> Bool { subscribedTopics?.contains(topic) ?? true }
}
