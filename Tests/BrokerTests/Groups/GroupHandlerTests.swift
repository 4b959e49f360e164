import KafkaWire
import NIOCore
import Testing

@testable import Broker

@Suite struct GroupHandlerTests {
    private static func requests(
        denying denied: [(operation: ACLOperation, name: String)] = []
    ) throws -> GroupRequests {
        GroupRequests(fixture: try GroupFixture(authorizer: ExceptingAuthorizer(denied: denied)))
    }

    // MARK: Offsets

    @Test(arguments: 2...8 as ClosedRange<Int16>)
    func commitsAreTakenInEachVersion(version: Int16) throws {
        let requests = try Self.requests()
        #expect(try requests.commit(version: version) == KafkaErrorCode.none)
        #expect(try requests.fixture.committed() == 7)
    }

    @Test(arguments: 1...8 as ClosedRange<Int16>)
    func offsetsAreFetchedInEachVersion(version: Int16) throws {
        let requests = try Self.requests()
        _ = try requests.commit(version: 7)
        let fetched = try requests.fetch(version: version, topics: ["pin", "geo"])
        #expect(fetched.offsets == [7, -1] && fetched.partitionErrors == [0, 0] && fetched.error == 0)
    }

    @Test(arguments: 2...8 as ClosedRange<Int16>)
    func allOffsetsOfAGroupAreFetchedInEachVersion(version: Int16) throws {
        let requests = try Self.requests()
        _ = try requests.commit(version: 7)
        _ = try requests.commit(version: 7, topic: "geo", offset: 9)
        let fetched = try requests.fetch(version: version, topics: nil)
        #expect(fetched.topics == ["geo", "pin"] && fetched.offsets == [9, 7])
    }

    @Test(arguments: [("nix", 0), ("pin", 2), ("pin", -1), ("no/name", 0)] as [(String, Int32)])
    func commitsOfPartitionsThatAreNotThereAreRefused(topic: String, partition: Int32) throws {
        let requests = try Self.requests()
        let error = try requests.commit(version: 8, topic: topic, partition: partition)
        #expect(error == .unknownTopicOrPartition)
    }

    @Test func commitsNeedTheRightsOnGroupAndTopic() throws {
        let noGroup = try Self.requests(denying: [(.read, "g")])
        #expect(try noGroup.commit(version: 8) == .groupAuthorizationFailed)
        let noTopic = try Self.requests(denying: [(.read, "pin")])
        #expect(try noTopic.commit(version: 8) == .topicAuthorizationFailed)
        #expect(try noTopic.commit(version: 8, topic: "geo") == KafkaErrorCode.none)
    }

    @Test(arguments: 1...8 as ClosedRange<Int16>)
    func fetchingWithoutTheRightOnTheGroupIsRefused(version: Int16) throws {
        let requests = try Self.requests(denying: [(.describe, "g")])
        let fetched = try requests.fetch(version: version, topics: ["pin"])
        let code = KafkaErrorCode.groupAuthorizationFailed.rawValue
        #expect(fetched.error == (version == 1 ? 0 : code))
        #expect(fetched.partitionErrors == (version == 1 ? [code] : []))
    }

    @Test func topicsWithoutTheRightAreRefusedByNameAndLeftOutOfAll() throws {
        let requests = try Self.requests(denying: [(.describe, "pin")])
        _ = try requests.commit(version: 8)
        let named = try requests.fetch(version: 8, topics: ["pin"])
        #expect(named.partitionErrors == [KafkaErrorCode.topicAuthorizationFailed.rawValue])
        #expect(try requests.fetch(version: 8, topics: nil).topics.isEmpty)
    }

    @Test func unstableOffsetsAreSaidToBeSo() async throws {
        let requests = try Self.requests()
        _ = try await requests.fixture.commitPending(5, producerID: 7)
        let fetched = try requests.fetch(version: 8, topics: ["pin"], requireStable: true)
        #expect(fetched.partitionErrors == [KafkaErrorCode.unstableOffsetCommit.rawValue])
        #expect(fetched.offsets == [-1])
        #expect(try requests.fetch(version: 8, topics: ["pin"]).partitionErrors == [0])
    }

    // MARK: Coordinators

    @Test(arguments: 0...4 as ClosedRange<Int16>)
    func theCoordinatorIsTheOneNode(version: Int16) throws {
        let requests = try Self.requests()
        let handler = FindCoordinatorHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: version) { writer in
            if version <= 3 { writer.string("g") }
            if version >= 1 { writer.int8(version >= 2 ? 1 : 0) }
            if version >= 4 { writer.array(["g", "h"]) { writer, key in writer.string(key) } }
        }
        let hosts = try requests.read(answer, flexible: version >= 3) { reader in
            if version >= 1 { _ = try reader.int32() }
            if version >= 4 {
                return try reader.array { (reader) throws(KafkaWireError) in
                    _ = try reader.string()
                    _ = try reader.int32()
                    let host = "\(try reader.string()):\(try reader.int32())"
                    _ = try reader.int16()
                    _ = try reader.nullableString()
                    try reader.skipTaggedFields()
                    return host
                }
            }
            #expect(try reader.int16() == 0)
            if version >= 1 { _ = try reader.nullableString() }
            _ = try reader.int32()
            return ["\(try reader.string()):\(try reader.int32())"]
        }
        #expect(hosts == Array(repeating: "kafka.test:9092", count: version >= 4 ? 2 : 1))
    }

    @Test(arguments: [(0, 30), (1, 53), (2, 42)] as [(Int8, Int16)])
    func aCoordinatorIsNotToldWithoutTheRight(keyType: Int8, code: Int16) throws {
        let requests = try Self.requests(denying: [(.describe, "g")])
        let handler = FindCoordinatorHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: 2) { writer in
            writer.string("g")
            writer.int8(keyType)
        }
        try requests.read(answer, flexible: false) { reader in
            _ = try reader.int32()
            #expect(try reader.int16() == code)
            _ = try reader.nullableString()
            #expect(try reader.int32() == -1)
            #expect(try reader.string() == "")
            #expect(try reader.int32() == -1)
        }
    }

    // MARK: Membership

    @Test(arguments: 0...7 as ClosedRange<Int16>)
    func aMemberJoinsAndSyncsInEachVersion(version: Int16) throws {
        let requests = try Self.requests()
        var memberID = try join("", version: version, requests)
        if version >= 4 { memberID = try join(memberID, version: version, requests) }
        #expect(requests.fixture.services.groups.describe("g")?.state == .completingRebalance)
        let syncVersion = min(version, 5)
        let handler = SyncGroupHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: syncVersion) { writer in
            writer.string("g")
            writer.int32(1)
            writer.string(memberID)
            if syncVersion >= 3 { writer.nullableString(nil) }
            if syncVersion >= 5 {
                writer.nullableString("consumer")
                writer.nullableString("range")
            }
            writer.array([memberID]) { writer, id in
                writer.string(id)
                writer.bytes(ByteBuffer(string: "all"))
                writer.emptyTaggedFields()
            }
        }
        try requests.read(answer, flexible: syncVersion >= 4) { reader in
            if syncVersion >= 1 { _ = try reader.int32() }
            #expect(try reader.int16() == 0)
            if syncVersion >= 5 {
                #expect(try reader.nullableString() == "consumer")
                #expect(try reader.nullableString() == "range")
            }
            #expect(try reader.bytes() == ByteBuffer(string: "all"))
        }
    }

    /// - Returns: the member's id.
    private func join(_ memberID: String, version: Int16, _ requests: GroupRequests) throws -> String {
        let handler = JoinGroupHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: version) { writer in
            writer.string("g")
            writer.int32(10_000)
            if version >= 1 { writer.int32(60_000) }
            writer.string(memberID)
            if version >= 5 { writer.nullableString(nil) }
            writer.string("consumer")
            writer.array(["range"]) { writer, name in
                writer.string(name)
                writer.bytes(ByteBuffer(string: "topics"))
                writer.emptyTaggedFields()
            }
        }
        requests.fixture.timers.advance(.seconds(1))
        return try requests.read(answer, flexible: version >= 6) { reader in
            if version >= 2 { _ = try reader.int32() }
            let error = try reader.int16()
            let isFirstStep = version >= 4 && memberID.isEmpty
            #expect(error == (isFirstStep ? KafkaErrorCode.memberIDRequired : .none).rawValue)
            #expect(try reader.int32() == (isFirstStep ? -1 : 1))
            if version >= 7 { #expect(try reader.nullableString() == (isFirstStep ? nil : "consumer")) }
            let name = try reader.nullableString()
            #expect(name == (isFirstStep ? (version >= 7 ? nil : "") : "range"))
            _ = try reader.string()
            let id = try reader.string()
            let members = try reader.array { (reader) throws(KafkaWireError) in
                let member = try reader.string()
                if version >= 5 { _ = try reader.nullableString() }
                _ = try reader.bytes()
                try reader.skipTaggedFields()
                return member
            }
            #expect(members == (isFirstStep ? [] : [id]))
            return id
        }
    }

    @Test(arguments: 0...5 as ClosedRange<Int16>)
    func aMemberLeavesInEachVersion(version: Int16) throws {
        let requests = try Self.requests()
        let member = try requests.fixture.stableMember()
        let handler = LeaveGroupHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: version) { writer in
            writer.string("g")
            if version <= 2 { return writer.string(member.memberID) }
            writer.array([member.memberID]) { writer, id in
                writer.string(id)
                writer.nullableString(nil)
                if version >= 5 { writer.nullableString("done") }
                writer.emptyTaggedFields()
            }
        }
        try requests.read(answer, flexible: version >= 4) { reader in
            if version >= 1 { _ = try reader.int32() }
            #expect(try reader.int16() == 0)
            guard version >= 3 else { return }
            let errors = try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.string()
                _ = try reader.nullableString()
                let error = try reader.int16()
                try reader.skipTaggedFields()
                return error
            }
            #expect(errors == [0])
        }
        #expect(requests.fixture.services.groups.describe("g")?.state == .empty)
    }

    @Test(arguments: 0...4 as ClosedRange<Int16>)
    func aHeartbeatIsAnsweredInEachVersion(version: Int16) throws {
        let requests = try Self.requests()
        let member = try requests.fixture.stableMember()
        let handler = HeartbeatHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: version) { writer in
            writer.string("g")
            writer.int32(member.generation)
            writer.string(member.memberID)
            if version >= 3 { writer.nullableString(nil) }
        }
        try requests.read(answer, flexible: version >= 4) { reader in
            if version >= 1 { _ = try reader.int32() }
            #expect(try reader.int16() == 0)
        }
    }

    @Test func theMembershipRequestsNeedTheRightToReadTheGroup() throws {
        let requests = try Self.requests(denying: [(.read, "g")])
        let handler = HeartbeatHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: 0) { writer in
            writer.string("g")
            writer.int32(1)
            writer.string("m")
        }
        let error = try requests.read(answer, flexible: false) { try $0.int16() }
        #expect(error == KafkaErrorCode.groupAuthorizationFailed.rawValue)
    }

    // MARK: Administration

    @Test(arguments: 0...5 as ClosedRange<Int16>)
    func groupsAreDescribedInEachVersion(version: Int16) throws {
        let requests = try Self.requests()
        _ = try requests.fixture.stableMember()
        let handler = DescribeGroupsHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: version) { writer in
            writer.array(["g", "nix"]) { writer, name in writer.string(name) }
            if version >= 3 { writer.bool(true) }
        }
        let states = try requests.read(answer, flexible: version >= 5) { reader in
            if version >= 1 { _ = try reader.int32() }
            return try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.int16()
                _ = try reader.string()
                let state = try reader.string()
                _ = try reader.string()
                _ = try reader.string()
                let hosts = try reader.array { (reader) throws(KafkaWireError) in
                    _ = try reader.string()
                    if version >= 4 { _ = try reader.nullableString() }
                    _ = try reader.string()
                    let host = try reader.string()
                    _ = try reader.bytes()
                    _ = try reader.bytes()
                    try reader.skipTaggedFields()
                    return host
                }
                if version >= 3 { _ = try reader.int32() }
                try reader.skipTaggedFields()
                return state + hosts.joined()
            }
        }
        #expect(states == ["Stable/127.0.0.1", "Dead"])
    }

    @Test(arguments: 0...4 as ClosedRange<Int16>)
    func groupsAreListedInEachVersion(version: Int16) throws {
        let requests = try Self.requests(denying: [(.describe, "kafka-cluster"), (.describe, "secret")])
        _ = try requests.fixture.stableMember("a")
        _ = try requests.fixture.stableMember("secret")
        _ = try requests.commit(version: 7)
        let handler = ListGroupsHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: version) { writer in
            if version >= 4 { writer.array(["stable"]) { writer, state in writer.string(state) } }
        }
        let groups = try requests.read(answer, flexible: version >= 3) { reader in
            if version >= 1 { _ = try reader.int32() }
            #expect(try reader.int16() == 0)
            return try reader.array { (reader) throws(KafkaWireError) in
                let group = try reader.string()
                _ = try reader.string()
                if version >= 4 { _ = try reader.string() }
                try reader.skipTaggedFields()
                return group
            }
        }
        #expect(groups == (version >= 4 ? ["a"] : ["a", "g"]))
    }

    @Test(arguments: 0...2 as ClosedRange<Int16>)
    func groupsAreDeletedInEachVersion(version: Int16) throws {
        let requests = try Self.requests(denying: [(.delete, "mine")])
        _ = try requests.commit(version: 7)
        let handler = DeleteGroupsHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: version) { writer in
            writer.array(["g", "mine", "nix"]) { writer, name in writer.string(name) }
        }
        let errors = try requests.read(answer, flexible: version >= 2) { reader in
            _ = try reader.int32()
            return try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.string()
                let error = try reader.int16()
                try reader.skipTaggedFields()
                return error
            }
        }
        #expect(errors == [0, 30, 69])
    }

    @Test func offsetsAreDeletedByPartition() throws {
        let requests = try Self.requests()
        _ = try requests.commit(version: 7)
        let handler = OffsetDeleteHandler(services: requests.fixture.services)
        let answer = try requests.send(handler, version: 0) { writer in
            writer.string("g")
            writer.array(["pin"]) { writer, topic in
                writer.string(topic)
                writer.array([0, 9] as [Int32]) { writer, partition in writer.int32(partition) }
            }
        }
        try requests.read(answer, flexible: false) { reader in
            #expect(try reader.int16() == 0)
            _ = try reader.int32()
            let errors = try reader.array { (reader) throws(KafkaWireError) in
                _ = try reader.string()
                return try reader.array { (reader) throws(KafkaWireError) in
                    _ = try reader.int32()
                    return try reader.int16()
                }
            }
            #expect(errors == [[0, KafkaErrorCode.unknownTopicOrPartition.rawValue]])
        }
        #expect(try requests.fixture.committed() == nil)
    }
}
