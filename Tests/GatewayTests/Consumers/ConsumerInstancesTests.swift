import StreamModel
import Synchronization
import Testing

@testable import Gateway

@Suite struct ConsumerInstancesTests {
    /// A clock whose hands a test turns.
    private final class Hands: Sendable {
        private let time = Mutex(ContinuousClock().now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    private let hands = Hands()
    private let consumers = ScriptedConsumers()
    private let instances: ConsumerInstances
    private let owner = ClusterCaller(host: "h")

    init() {
        var settings = ConsumerSettings()
        settings.maxInstances = 2
        settings.instanceTimeoutMilliseconds = 1000
        instances = ConsumerInstances(consumers, settings: settings) { [hands] in hands.now }
    }

    private func create(_ name: String? = nil, group: String = "g") throws -> ConsumerInstances.Key {
        var request = ConsumerInstanceRequest()
        request.name = name
        return try instances.create(request, group: group, owner: owner).key
    }

    private func code(_ body: () async throws -> Void) async -> RESTProxyError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RESTProxyError)?.code
        }
    }

    @Test func nameIsTakenOnceInAGroup() async throws {
        let key = try create("a")
        _ = try create("a", group: "other")
        #expect(await code { _ = try create("a") } == .instanceExists)
        try await instances.delete(key, by: owner)
        _ = try create("a")
    }

    @Test func oneTooManyIsRefused() async throws {
        _ = try create()
        _ = try create()
        #expect(await code { _ = try create() } == .tooManyRequests)
    }

    @Test func instanceThatNobodyUsesIsClosedAndOneInUseIsNot() async throws {
        let idle = try create("idle")
        let busy = try create("busy")
        hands.advance(.milliseconds(999))
        await instances.expire()
        #expect(instances.count == 2)
        try await instances.use(busy, by: owner) { (_) throws(RESTProxyError) in
            hands.advance(.seconds(5))
            await instances.expire()
        }
        #expect(instances.count == 1 && consumers.closedCount == 1)
        #expect(await code { try await instances.use(idle, by: owner) { _ in } } == .instanceNotFound)
        hands.advance(.milliseconds(999))
        await instances.expire()
        #expect(instances.count == 1)
        hands.advance(.milliseconds(1))
        await instances.expire()
        #expect(instances.count == 0)
    }

    @Test func instanceIsNobodyElses() async throws {
        let key = try create("mine")
        let stranger = ClusterCaller(principal: "User:eve", host: "h")
        #expect(await code { try await instances.use(key, by: stranger) { _ in } } == .instanceNotFound)
        #expect(await code { try await instances.delete(key, by: stranger) } == .instanceNotFound)
        #expect(instances.count == 1)
    }

    @Test func wishesReachTheConsumer() async throws {
        var request = ConsumerInstanceRequest()
        request.offsetReset = .none
        request.commitsAutomatically = false
        let instance = try instances.create(request, group: "g", owner: owner)
        let configuration = try #require(consumers.opened.withLock { $0.first?.configuration })
        #expect(configuration.group == "g" && configuration.clientID == instance.key.name)
        #expect(configuration.offsetReset == .none && !configuration.commitsAutomatically)
    }

    @Test func refusalOfTheConsumerIsTold() async {
        let refusing = ConsumerInstances(ScriptedConsumers(refusal: ConsumerError(.denied, "no")))
        let refusal = await code {
            _ = try refusing.create(ConsumerInstanceRequest(), group: "g", owner: owner)
        }
        #expect(refusal == .forbidden)
        #expect(refusing.count == 0)
    }
}
