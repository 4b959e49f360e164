import LogStorage
import NIOCore
import StreamModel

/// Consumers within the server: members of its groups like any client's, but without a connection.
final class LocalConsumers: ConsumerOpening {
    /// What all of them work with.
    struct Surroundings: Sendable {
        var log: CommitLog
        var groups: GroupCoordinator
        var offsets: GroupOffsets
        var threads: BrokerThreads
        var timers: any GroupTimers
        var room: FetchWaitingRoom
        var topics: TopicWatch
        var authorizer: any Authorizer
        /// How often the group is asked for news.
        var heartbeatInterval: TimeAmount
    }

    private let surroundings: Surroundings

    /// - Parameter heartbeatInterval: how often groups are asked for news; no network lies between, so it costs little,
    ///   and rebalances are quick.
    init(
        log: CommitLog, groups: GroupCoordinator, offsets: GroupOffsets, threads: BrokerThreads,
        timers: any GroupTimers, authorizer: any Authorizer, heartbeatInterval: TimeAmount = .seconds(1)
    ) {
        let room = FetchWaitingRoom()
        log.addObserver(room)
        surroundings = Surroundings(
            log: log, groups: groups, offsets: offsets, threads: threads, timers: timers, room: room,
            topics: TopicWatch(timers: timers, maxAge: heartbeatInterval) {
                log.topicDescriptions().map(\.name)
            }, authorizer: authorizer, heartbeatInterval: heartbeatInterval)
    }

    func open(_ configuration: ConsumerConfiguration) throws(ConsumerError) -> any GroupConsumer {
        guard !configuration.group.isEmpty else {
            throw ConsumerError(.invalidConfiguration, "a consumer needs the name of a group")
        }
        guard configuration.caller.may(.read, .group, configuration.group, surroundings.authorizer) else {
            throw ConsumerError(.denied, "Not authorized to access group: \(configuration.group)")
        }
        return LocalConsumer(configuration, surroundings)
    }
}

extension ClusterCaller {
    /// Whether the caller has a right; does not block.
    func may(
        _ operation: ACLOperation, _ type: ACLResourceType, _ name: String, _ authorizer: any Authorizer
    ) -> Bool {
        let asker = Asker(self)
        return authorizer.allows(asker.principal, from: asker.host, operation, on: type, named: name)
    }
}
