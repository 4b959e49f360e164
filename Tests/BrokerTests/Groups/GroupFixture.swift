import Foundation
import GRDB
import KafkaWire
import Logging
import NIOCore
import NIOEmbedded
import StateStore
import StreamModel
import Synchronization
import Testing

@testable import Broker

/// Timers whose hands a test turns.
final class ManualTimers: GroupTimers {
    private struct State {
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        var next = 0
        var due: [Int: (deadline: NIODeadline, body: @Sendable () -> Void)] = [:]
    }

    private let state = Mutex(State())

    var now: NIODeadline { state.withLock { $0.now } }
    /// How many wait to fire.
    var count: Int { state.withLock { $0.due.count } }

    func schedule(at deadline: NIODeadline, _ body: @escaping @Sendable () -> Void) -> GroupTimer {
        let number = state.withLock { state in
            state.next += 1
            state.due[state.next] = (deadline, body)
            return state.next
        }
        return GroupTimer { [weak self] in _ = self?.state.withLock { $0.due.removeValue(forKey: number) } }
    }

    func advance(_ time: TimeAmount) {
        let end = now + time
        while let body = popDue(by: end) { body() }
        state.withLock { $0.now = end }
    }

    private func popDue(by end: NIODeadline) -> (@Sendable () -> Void)? {
        state.withLock { state in
            let first = state.due.min { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
            guard let first, first.value.deadline <= end else { return nil }
            state.now = max(state.now, first.value.deadline)
            state.due[first.key] = nil
            return first.value.body
        }
    }
}

/// Topics with two partitions of a hundred records each.
struct FixedTopics: GroupTopics {
    var names: Set<String> = ["pin", "geo"]

    func partitionCount(of topic: TopicName) -> Int? { names.contains(topic.rawValue) ? 2 : nil }
    func endOffset(of partition: TopicPartition) -> Int64? { contains(partition) ? 100 : nil }
}

/// Everything but what is listed.
struct ExceptingAuthorizer: Authorizer {
    var denied: [(operation: ACLOperation, name: String)] = []

    func allows(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
        named name: String
    ) -> Bool {
        !denied.contains { $0.operation == operation && $0.name == name }
    }

    func allowsOnAny(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType
    ) -> Bool { true }
}

/// Groups over a real database, with time in the test's hand.
final class GroupFixture: Sendable {
    let path: String
    let timers = ManualTimers()
    let wall = TimeBox(1_000_000)
    let services: GroupServices
    let writer: StateWriter
    let database: any DatabaseWriter

    convenience init(settings: GroupSettings = GroupSettings(), authorizer: any Authorizer = OpenAuthorizer())
        throws
    {
        try self.init(settings: settings, authorizer: authorizer, path: nil)
    }

    private init(settings: GroupSettings, authorizer: any Authorizer, path: String?) throws {
        let ids = Counter()
        let folder = FileManager.default.temporaryDirectory
        self.path = path ?? folder.appending(path: "groups-\(UUID().uuidString).sqlite").path
        database = try StateDatabase.open(
            path: self.path, tables: [GroupTables.registerMigrations])
        writer = StateWriter(database)
        let stored = try GroupTables.load(database)
        let clock = WallClock { [wall] in wall.value.load(ordering: .relaxed) }
        let groups = GroupCoordinator(
            stored, settings: settings, timers: timers, clock: clock,
            records: DurableGroupRecords(writer: writer),
            freshID: { "\(ids.value.add(1, ordering: .relaxed).newValue)" })
        let offsets = GroupOffsets(
            stored, groups: groups, writer: writer, settings: settings, clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        services = GroupServices(
            groups: groups, offsets: offsets, topics: FixedTopics(), authorizer: authorizer)
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    final class TimeBox: Sendable {
        let value: Atomic<Int64>
        init(_ value: Int64) { self.value = Atomic(value) }
    }

    /// The same database, as a new process finds it.
    func restarted(settings: GroupSettings = GroupSettings()) throws -> GroupFixture {
        writer.finish()
        return try GroupFixture(settings: settings, authorizer: OpenAuthorizer(), path: path)
    }

    // MARK: Shortcuts

    static func partition(_ topic: String = "pin", _ index: Int32 = 0) throws -> TopicPartition {
        TopicPartition(try #require(TopicName(topic)), PartitionIndex(index))
    }

    func commit(
        _ offset: Int64, topic: String = "pin", partition: Int32 = 0, group: String = "g",
        metadata: String = "", expireTime: Int64? = nil, by member: GroupMemberIdentity = .init()
    ) async throws -> KafkaErrorCode? {
        let commit = try toCommit(offset, topic, partition, metadata, expireTime)
        return await withCheckedContinuation { continuation in
            services.offsets.commit([commit], group: group, by: member) {
                continuation.resume(returning: $0.first?.error)
            }
        }
    }

    func commitPending(
        _ offset: Int64, producerID: Int64, partition: Int32 = 0, group: String = "g",
        by member: GroupMemberIdentity = .init()
    ) async throws -> KafkaErrorCode? {
        let commit = try toCommit(offset, "pin", partition, "", nil)
        return await withCheckedContinuation { continuation in
            services.offsets.commitPending([commit], group: group, by: member, producerID: producerID) {
                continuation.resume(returning: $0.first?.error)
            }
        }
    }

    func complete(_ producerID: Int64, commit: Bool) async -> (any Error)? {
        await withCheckedContinuation { continuation in
            services.offsets.completePending(producerID: producerID, commit: commit) {
                continuation.resume(returning: $0)
            }
        }
    }

    func fetch(_ group: String = "g", partition: Int32 = 0, requireStable: Bool = false) throws
        -> Result<CommittedOffset?, KafkaErrorCode>?
    {
        let partition = try Self.partition("pin", partition)
        return services.offsets.fetch([partition], group: group, requireStable: requireStable).first
    }

    func committed(_ group: String = "g", partition: Int32 = 0) throws -> Int64? {
        try fetch(group, partition: partition)?.get()?.offset
    }

    private func toCommit(
        _ offset: Int64, _ topic: String, _ partition: Int32, _ metadata: String, _ expireTime: Int64?
    ) throws -> OffsetToCommit {
        OffsetToCommit(
            partition: try Self.partition(topic, partition),
            offset: CommittedOffset(
                offset: offset, metadata: metadata, commitTime: wall.value.load(ordering: .relaxed),
                expireTime: expireTime))
    }

    static func joining(
        _ group: String = "g", memberID: String = "", instance: String? = nil, session: Int32 = 10_000,
        metadata: String = "", twoSteps: Bool = false
    ) -> GroupCoordinator.Joining {
        GroupCoordinator.Joining(
            group: group, memberID: memberID, instanceID: instance, clientID: "c", clientHost: "127.0.0.1",
            sessionTimeoutMilliseconds: session, rebalanceTimeoutMilliseconds: 60_000,
            protocolType: "consumer",
            protocols: [GroupProtocol(name: "range", metadata: ByteBuffer(string: metadata))],
            requiresKnownMemberID: twoSteps)
    }

    /// A stable group of one member; its identity.
    func stableMember(_ group: String = "g", metadata: String = "") throws -> GroupMemberIdentity {
        let answer = Answer<JoinAnswer>()
        services.groups.join(Self.joining(group, metadata: metadata)) { answer.set($0) }
        timers.advance(.milliseconds(500))
        let joined = try #require(answer.value)
        let member = GroupMemberIdentity(memberID: joined.memberID, generation: joined.generation)
        services.groups.sync(group, member, protocolType: nil, protocolName: nil, assignments: [:]) { _ in }
        return member
    }
}

/// An answer, once it is there.
final class Answer<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func set(_ value: Value) { values.withLock { $0.append(value) } }
    var value: Value? { values.withLock { $0.count == 1 ? $0.first : nil } }
    var count: Int { values.withLock { $0.count } }
}
