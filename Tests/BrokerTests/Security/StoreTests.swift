import Foundation
import GRDB
import Logging
import StateStore
import Testing
import TransportSecurity

@testable import Broker

@Suite struct SecurityStoreTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func database() throws -> any DatabaseWriter {
        let database = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        for register in BrokerSecurity.tables { register(&migrator) }
        try migrator.migrate(database)
        return database
    }

    @Test func keepsUsersUntilTheyAreDeleted() throws {
        let store = ScramCredentialStore(try database())
        #expect(try store.setPassword("p1", of: "bob", mechanisms: [.sha256]))
        #expect(try store.setPassword("p2", of: "alice"))
        #expect(try store.users().map(\.name) == ["alice", "bob"])
        #expect(try store.users()[1].iterations == [.sha256: 4096])
        #expect(
            try store.credential(of: "alice", for: .sha512)?.matches(password: "p2", for: .sha512) == true)
        #expect(try store.credential(of: "bob", for: .sha512) == nil)
        try store.setPassword("p3", of: "alice", mechanisms: [.sha512])
        #expect(
            try store.credential(of: "alice", for: .sha512)?.matches(password: "p3", for: .sha512) == true)
        #expect(try store.delete("alice") == 2)
        #expect(try store.delete("alice") == 0)
        #expect(try store.users().map(\.name) == ["bob"])
    }

    @Test func makesNoUserWithoutNameOrPassword() throws {
        let store = ScramCredentialStore(try database())
        #expect(try !store.setPassword("", of: "alice") && !store.setPassword("p", of: ""))
        #expect(try !store.setPassword("p", of: "alice", iterations: 1))
        #expect(try store.users().isEmpty)
    }

    @Test func madeUpSaltsOutliveTheServer() throws {
        let database = try database()
        let first = try ScramCredentialStore(database).decoy(for: "eve", .sha256)
        #expect(try ScramCredentialStore(database).decoy(for: "eve", .sha256) == first)
        #expect(try ScramCredentialStore(self.database()).decoy(for: "eve", .sha256) != first)
    }

    @Test func keepsACLsOnceAndRemovesWhatFiltersMatch() throws {
        let store = ACLStore(try database())
        func acl(_ name: String) -> ACLBinding {
            ACLBinding(
                resourceType: .topic, resourceName: name, principal: "User:a", operation: .read,
                permission: .allow)
        }
        #expect(try store.add([acl("a"), acl("b"), acl("a")]))
        let (acls, change) = try store.load()
        #expect(acls == [acl("a"), acl("b")])
        let removed = try store.remove([
            ACLFilter(resourceName: "a"), ACLFilter(), ACLFilter(resourceName: "x"),
        ])
        #expect(removed == [[acl("a")], [acl("a"), acl("b")], []])
        #expect(try store.load().acls.isEmpty)
        #expect(try store.change() > change)
    }

    @Test func noticesWhatAnotherProcessHasChanged() throws {
        let store = ACLStore(try database())
        let authorizer = try ACLAuthorizer(store: store, defaults: .init(), logger: logger)
        func mayRead() -> Bool {
            authorizer.allows(Principal(name: "a"), from: "h", .read, on: .topic, named: "t")
        }
        #expect(!mayRead())
        _ = try store.add([
            ACLBinding(
                resourceType: .topic, resourceName: "t", principal: "User:a", operation: .read,
                permission: .allow)
        ])
        try authorizer.reload()
        #expect(mayRead())
        _ = try store.remove([ACLFilter()])
        try authorizer.reload()
        #expect(!mayRead())
    }
}

@Suite struct SecuritySettingsTests {
    private func settings(_ change: (inout SecuritySettings) -> Void) -> SecuritySettings {
        var settings = SecuritySettings()
        change(&settings)
        return settings
    }

    @Test func refusesWhatContradictsItself() {
        #expect(settings { _ in }.contradiction == nil)
        #expect(settings { $0.mechanisms = [.plain] }.contradiction?.contains("sasl.enabled") == true)
        #expect(
            settings { $0.listenerProtocol = .saslPlaintext }.contradiction?.contains("sasl.enabled") == true)
        #expect(settings { $0.listenerProtocol = .ssl }.contradiction?.contains("ssl.keystore") == true)
        #expect(
            settings { $0.tls.clientAuthentication = .required }.contradiction?.contains("ssl.client") == true
        )
        let iam = settings {
            $0.listenerProtocol = .saslPlaintext
            $0.mechanisms = [.mskIAM]
        }
        #expect(iam.contradiction?.contains("auth.credentials.file") == true)
    }

    @Test func knowsWhenNobodyGetsInUnknown() {
        #expect(!settings { _ in }.authenticates)
        #expect(!settings { $0.listenerProtocol = .ssl }.authenticates)
        #expect(
            !settings {
                $0.listenerProtocol = .ssl
                $0.tls.clientAuthentication = .requested
            }.authenticates)
        #expect(
            settings {
                $0.listenerProtocol = .ssl
                $0.tls.clientAuthentication = .required
            }.authenticates)
        #expect(
            settings {
                $0.listenerProtocol = .saslPlaintext
                $0.mechanisms = [.plain]
            }.authenticates)
    }
}
