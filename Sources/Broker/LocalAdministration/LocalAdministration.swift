import KafkaWire
import LogStorage
package import StreamModel
import Synchronization

/// The embedded cluster as those see it who do not speak Kafka's protocol: the checks, the rights and the words are
/// those of the Kafka requests for the same things.
package struct LocalAdministration: ClusterAdministration {
    let shared: AdministrationHandlers
    let groups: GroupServices
    let acls: ACLService
    /// Where clients find the node.
    let address: @Sendable () -> BrokerAddress

    package var clusterID: String { shared.clusterID }

    package var createsTopicsOnFirstUse: Bool { shared.logSettings.autoCreateTopics }

    package func nodes(for caller: ClusterCaller) async throws(ClusterError) -> [ClusterNode] {
        let address = address()
        return [ClusterNode(id: shared.brokerID, host: address.host, port: address.port)]
    }

    /// Does blocking work on a thread that may block.
    func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(AdministrationError) -> Value
    ) async throws(ClusterError) -> Value {
        let outcome: Result<Value, ClusterError> = await withCheckedContinuation { continuation in
            shared.threads.run { () -> Result<Value, ClusterError> in
                do throws(AdministrationError) {
                    return .success(try body())
                } catch {
                    return .failure(ClusterError(error))
                }
            } then: { result in
                continuation.resume(returning: (try? result.get()) ?? .failure(.closing))
            }
        }
        return try outcome.get()
    }

    /// Does work that never blocks.
    func atOnce<Value>(
        _ body: () throws(AdministrationError) -> Value
    ) throws(ClusterError) -> Value {
        do throws(AdministrationError) {
            return try body()
        } catch {
            throw ClusterError(error)
        }
    }
}

extension ClusterError {
    static let closing = ClusterError(.unavailable, "The server is being shut down.")

    /// How the errors of the Kafka protocol are called here.
    init(_ error: AdministrationError) {
        self.init(Code(error.code), error.message ?? "\(error.code)")
    }
}

extension ClusterError.Code {
    init(_ code: KafkaErrorCode) {
        self =
            switch code {
            case .unknownTopicOrPartition, .unknownTopicID: .unknownTopic
            case .groupIDNotFound, .resourceNotFound: .notFound
            case .topicAlreadyExists: .topicExists
            case .topicAuthorizationFailed, .groupAuthorizationFailed, .clusterAuthorizationFailed: .denied
            case .notController, .notLeaderOrFollower, .requestTimedOut, .coordinatorNotAvailable:
                .unavailable
            case .kafkaStorageError, .unknownServerError, .corruptMessage: .failed
            default: .refused
            }
    }
}

extension Asker {
    /// A principal that cannot be read has no rights but those of everybody.
    init(_ caller: ClusterCaller) {
        self.init(principal: Principal(caller.principal) ?? .anonymous, host: caller.host)
    }
}

/// Where the node's clients are told to connect to; known once the port listens.
final class ListeningAddress: Sendable {
    private let address = Mutex(BrokerAddress(host: "127.0.0.1", port: 9092))

    var current: BrokerAddress {
        get { address.withLock { $0 } }
        set { address.withLock { $0 = newValue } }
    }
}
