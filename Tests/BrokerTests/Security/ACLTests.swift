import Testing

@testable import Broker

@Suite struct ACLIndexTests {
    private static let alice = Principal(name: "alice")

    private func acl(
        _ permission: ACLPermission, _ operation: ACLOperation, _ name: String, prefixed: Bool = false,
        principal: String = "User:alice", host: String = "*", type: ACLResourceType = .topic
    ) -> ACLBinding {
        ACLBinding(
            resourceType: type, resourceName: name, patternType: prefixed ? .prefixed : .literal,
            principal: principal, host: host, operation: operation, permission: permission)
    }

    private func allows(
        _ acls: [ACLBinding], _ operation: ACLOperation, _ name: String = "pins", host: String = "10.0.0.1",
        principal: Principal = alice, type: ACLResourceType = .topic, defaults: ACLIndex.Defaults = .init()
    ) -> Bool {
        ACLIndex(acls, defaults: defaults).allows(principal, from: host, operation, on: type, named: name)
    }

    @Test func withoutACLNobodyMay() {
        #expect(!allows([], .read))
        #expect(allows([], .read, defaults: .init(allowsWithoutACL: true)))
        #expect(allows([], .read, defaults: .init(superUsers: [Self.alice])))
        #expect(
            !allows([], .read, principal: Principal(name: "bob"), defaults: .init(superUsers: [Self.alice])))
    }

    @Test func whereOneHasAnACLOthersNeedOneToo() {
        let acls = [acl(.allow, .read, "pins", principal: "User:bob")]
        #expect(!allows(acls, .read, defaults: .init(allowsWithoutACL: true)))
        #expect(allows(acls, .read, "geo", defaults: .init(allowsWithoutACL: true)))
    }

    @Test func matchesPrincipalHostNameAndType() {
        #expect(allows([acl(.allow, .read, "pins")], .read))
        #expect(allows([acl(.allow, .read, "pins", principal: "User:*")], .read))
        #expect(allows([acl(.allow, .read, "*")], .read))
        #expect(allows([acl(.allow, .read, "pins", host: "10.0.0.1")], .read))
        #expect(!allows([acl(.allow, .read, "pins", host: "10.0.0.2")], .read))
        #expect(!allows([acl(.allow, .read, "pins", principal: "User:bob")], .read))
        #expect(!allows([acl(.allow, .read, "pin")], .read))
        #expect(!allows([acl(.allow, .read, "pins", type: .group)], .read))
        #expect(!allows([acl(.allow, .read, "pins")], .write))
    }

    @Test func prefixesMatchWhatBeginsSo() {
        let acls = [
            acl(.allow, .read, "pi", prefixed: true), acl(.deny, .read, "pin.secret", prefixed: true),
        ]
        #expect(allows(acls, .read, "pi") && allows(acls, .read, "pins") && allows(acls, .read, "pin.secre"))
        #expect(!allows(acls, .read, "p") && !allows(acls, .read, "pin.secret.x"))
        // A prefix `*` is a character, no wildcard.
        #expect(!allows([acl(.allow, .read, "*", prefixed: true)], .read))
    }

    @Test func aDenialGoesBeforeEverythingButSuperUsers() {
        for denial in [
            acl(.deny, .read, "pins"), acl(.deny, .all, "*"), acl(.deny, .read, "p", prefixed: true),
            acl(.deny, .read, "pins", principal: "User:*", host: "10.0.0.1"),
        ] {
            let acls = [acl(.allow, .all, "pins"), denial]
            #expect(!allows(acls, .read))
            #expect(!allows(acls, .read, defaults: .init(allowsWithoutACL: true)))
            #expect(allows(acls, .read, defaults: .init(superUsers: [Self.alice])))
        }
        #expect(allows([acl(.allow, .all, "pins"), acl(.deny, .write, "pins")], .read))
        #expect(allows([acl(.allow, .all, "pins"), acl(.deny, .read, "pins", host: "10.0.0.2")], .read))
    }

    @Test func someRightsImplyOthers() {
        let operations = ACLOperation.allCases.filter { $0 != .unknown && $0 != .any }
        for given in operations {
            let implied = operations.filter { allows([acl(.allow, given, "pins")], $0) }
            let expected: [ACLOperation] =
                switch given {
                case .all: operations
                case .read, .write, .delete, .alter: [given, .describe]
                case .alterConfigs: [.describeConfigs, .alterConfigs]
                default: [given]
                }
            #expect(Set(implied) == Set(expected), "\(given)")
            // A denial implies nothing: who may not read may yet describe.
            let acls = [acl(.allow, .all, "pins"), acl(.deny, given, "pins")]
            let denied = operations.filter { !allows(acls, $0) }
            #expect(denied == (given == .all ? operations : [given]), "\(given)")
        }
    }

    @Test func tellsWhetherAnyResourceIsOpen() {
        func any(_ acls: [ACLBinding], _ defaults: ACLIndex.Defaults = .init()) -> Bool {
            ACLIndex(acls, defaults: defaults).allowsOnAny(Self.alice, from: "h", .write, on: .topic)
        }
        #expect(
            !any([]) && any([], .init(allowsWithoutACL: true)) && any([], .init(superUsers: [Self.alice])))
        #expect(any([acl(.allow, .write, "a")]) && any([acl(.allow, .all, "a", prefixed: true)]))
        #expect(!any([acl(.allow, .read, "a")]) && !any([acl(.allow, .write, "a", type: .group)]))
        #expect(!any([acl(.allow, .write, "a"), acl(.deny, .write, "*")]))
        #expect(!any([acl(.allow, .write, "a"), acl(.deny, .write, "a")]))
        #expect(!any([acl(.allow, .write, "ab"), acl(.deny, .write, "a", prefixed: true)]))
        #expect(any([acl(.allow, .write, "a", prefixed: true), acl(.deny, .write, "ab", prefixed: true)]))
        #expect(!any([acl(.deny, .all, "*")], .init(allowsWithoutACL: true)))
    }

    // MARK: Filters

    @Test func filtersMatchAsKafkas() {
        let literal = acl(.allow, .read, "pins")
        let prefixed = acl(.deny, .write, "pi", prefixed: true)
        let all = acl(.allow, .describe, "*")
        func matching(_ filter: ACLFilter) -> [Bool] { [literal, prefixed, all].map { filter.matches($0) } }
        #expect(matching(ACLFilter()) == [true, true, true])
        #expect(matching(ACLFilter(resourceType: .group)) == [false, false, false])
        #expect(matching(ACLFilter(resourceName: "pins", patternType: .literal)) == [true, false, false])
        #expect(matching(ACLFilter(resourceName: "pins", patternType: .match)) == [true, true, true])
        #expect(matching(ACLFilter(resourceName: "pi", patternType: .any)) == [false, true, false])
        #expect(matching(ACLFilter(patternType: .prefixed)) == [false, true, false])
        #expect(matching(ACLFilter(patternType: .match)) == [true, true, true])
        #expect(matching(ACLFilter(resourceName: "x", patternType: .match)) == [false, false, true])
        #expect(matching(ACLFilter(principal: "User:bob")) == [false, false, false])
        #expect(matching(ACLFilter(operation: .read)) == [true, false, false])
        #expect(matching(ACLFilter(permission: .deny)) == [false, true, false])
        #expect(matching(ACLFilter(host: "*")) == [true, true, true])
    }

    @Test func saysWhatIsNoACL() {
        #expect(acl(.allow, .read, "pins").fault == nil)
        #expect(acl(.any, .read, "pins").fault != nil && acl(.allow, .any, "pins").fault != nil)
        #expect(acl(.allow, .read, "").fault != nil && acl(.allow, .read, "pins", type: .any).fault != nil)
        #expect(acl(.allow, .read, "pins", principal: "alice").fault != nil)
        #expect(acl(.allow, .read, "pins", host: "").fault != nil)
        #expect(acl(.allow, .alter, "other", type: .cluster).fault != nil)
        #expect(acl(.allow, .alter, "kafka-cluster", type: .cluster).fault == nil)
    }
}
