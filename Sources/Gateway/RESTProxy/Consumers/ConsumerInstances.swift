import Foundation
import ServiceLifecycle
package import StreamModel
import Synchronization

/// The consumers of REST clients by group and name, which end when nobody uses them for a while.
///
/// They live in memory alone: after a restart of the server there are none, and their clients make new ones, which go
/// on from the offsets that were committed.
package final class ConsumerInstances: Service {
    struct Key: Hashable, Sendable {
        var group: String
        var name: String
    }

    /// A consumer, and what its client asked of it.
    final class Instance: Sendable {
        let key: Key
        let consumer: any GroupConsumer
        let request: ConsumerInstanceRequest
        /// Who made it: it has that caller's rights, so it is nobody else's.
        let owner: ClusterCaller

        init(
            _ key: Key, _ consumer: any GroupConsumer, _ request: ConsumerInstanceRequest,
            owner: ClusterCaller
        ) {
            self.key = key
            self.consumer = consumer
            self.request = request
            self.owner = owner
        }
    }

    private struct Entry {
        var instance: Instance
        var lastUse: ContinuousClock.Instant
        /// Requests that are being worked on.
        var useCount = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var isClosed = false
    }

    let settings: ConsumerSettings
    private let consumers: any ConsumerOpening
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameters:
    ///   - consumers: makes those that read.
    ///   - now: the time; it must not go back.
    package init(
        _ consumers: any ConsumerOpening, settings: ConsumerSettings = ConsumerSettings(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    ) {
        self.consumers = consumers
        self.settings = settings
        self.now = now
    }

    // MARK: Instances

    /// Makes an instance under the name it asks for, or one of its own.
    func create(
        _ request: ConsumerInstanceRequest, group: String, owner: ClusterCaller
    ) throws(RESTProxyError) -> Instance {
        let name = request.name ?? "rest-consumer-\(UUID().uuidString.lowercased())"
        let key = Key(group: group, name: name)
        var configuration = ConsumerConfiguration(group: group, clientID: name, caller: owner)
        configuration.offsetReset = request.offsetReset
        configuration.commitsAutomatically = request.commitsAutomatically
        let consumer: any GroupConsumer
        do throws(ConsumerError) {
            consumer = try consumers.open(configuration)
        } catch {
            throw RESTProxyError(error)
        }
        // One that is not entered was never used: it has nothing to close.
        let instance = Instance(key, consumer, request, owner: owner)
        let refusal = state.withLock { state -> RESTProxyError? in
            if state.isClosed { return .closing }
            if state.entries[key] != nil { return .instanceExists }
            if state.entries.count >= settings.maxInstances { return tooMany }
            state.entries[key] = Entry(instance: instance, lastUse: now())
            return nil
        }
        if let refusal { throw refusal }
        return instance
    }

    private var tooMany: RESTProxyError {
        RESTProxyError(
            .tooManyRequests,
            "there are \(settings.maxInstances) consumer instances (consumer.instance.max.count): delete those "
                + "that are not needed", retryAfter: 1)
    }

    /// Works with an instance, which does not expire meanwhile.
    ///
    /// - Throws: 40403 if there is none; what `body` throws.
    func use<Value: Sendable>(
        _ key: Key, by caller: ClusterCaller,
        _ body: (Instance) async throws(RESTProxyError) -> Value
    ) async throws(RESTProxyError) -> Value {
        let found = state.withLock { state -> Instance? in
            guard let entry = state.entries[key], entry.instance.owner.principal == caller.principal else {
                return nil
            }
            state.entries[key]?.useCount += 1
            return entry.instance
        }
        guard let instance = found else { throw .instanceNotFound }
        defer { release(instance) }
        return try await body(instance)
    }

    private func release(_ instance: Instance) {
        state.withLock { state in
            // Another one of the same name may have taken its place.
            guard state.entries[instance.key]?.instance === instance else { return }
            state.entries[instance.key]?.useCount -= 1
            state.entries[instance.key]?.lastUse = now()
        }
    }

    /// Closes an instance; its name is free at once.
    func delete(_ key: Key, by caller: ClusterCaller) async throws(RESTProxyError) {
        let found = state.withLock { state -> Instance? in
            guard let instance = state.entries[key]?.instance, instance.owner.principal == caller.principal
            else { return nil }
            state.entries[key] = nil
            return instance
        }
        guard let instance = found else { throw .instanceNotFound }
        await instance.consumer.close()
    }

    var count: Int { state.withLock { $0.entries.count } }

    // MARK: Their end

    /// Closes those that nobody used for too long.
    func expire() async {
        let limit = now() - .milliseconds(settings.instanceTimeoutMilliseconds)
        let expired = state.withLock { state in
            let expired = state.entries.values.filter { $0.useCount == 0 && $0.lastUse <= limit }
            for entry in expired { state.entries[entry.instance.key] = nil }
            return expired.map(\.instance)
        }
        await Self.close(expired)
    }

    private static func close(_ instances: [Instance]) async {
        await withDiscardingTaskGroup { group in
            for instance in instances { group.addTask { await instance.consumer.close() } }
        }
    }

    /// Lets instances expire until the server is to stop; then closes all, so that their groups know, and what was
    /// handed out is committed.
    package func run() async throws {
        let clock = ContinuousClock()
        await cancelWhenGracefulShutdown { [self] in
            while (try? await clock.sleep(for: .seconds(1))) != nil { await expire() }
        }
        let rest = state.withLock { state in
            defer { state.entries = [:] }
            state.isClosed = true
            return state.entries.values.map(\.instance)
        }
        await Self.close(rest)
    }
}

extension ConsumerInstances: StatusSource, MetricSource {
    package func status() -> PartStatus {
        let (count, isClosed) = state.withLock { ($0.entries.count, $0.isClosed) }
        return PartStatus(
            part: "consumers", isReady: !isClosed, detail: isClosed ? "closed" : "\(count) instances")
    }

    package func samples() -> [MetricSample] {
        [
            MetricSample(
                "pinline_gateway_consumer_instances", .gauge, help: "Consumer instances of REST clients.",
                value: Double(count))
        ]
    }
}
