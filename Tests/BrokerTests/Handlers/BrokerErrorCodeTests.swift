import KafkaWire
import LogStorage
import Testing

@testable import Broker

@Suite struct BrokerErrorCodeTests {
    /// What clients do again by themselves, without doubt about what was stored.
    private static let retriable: Set<BatchRefusal.Code> = [.overloaded, .diskFull, .failed, .closed]
    private static let retriableCodes: Set<KafkaErrorCode> = [
        .notEnoughReplicas, .kafkaStorageError, .notLeaderOrFollower,
    ]

    @Test(arguments: BatchRefusal.Code.allCases)
    func aRefusalIsRetriableForClientsIfItIsForTheLog(code: BatchRefusal.Code) {
        #expect(Self.retriableCodes.contains(KafkaErrorCode(code)) == Self.retriable.contains(code))
    }

    @Test func refusalsThatDifferForProducersHaveDifferentNumbers() {
        let codes = BatchRefusal.Code.allCases.map { KafkaErrorCode($0) }
        // A full disk and a broken one are the same to a producer.
        #expect(Set(codes).count == codes.count - 1)
        #expect(!codes.contains(.none) && !codes.contains(.unknownServerError))
    }
}
