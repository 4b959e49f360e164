/// All ACLs, laid out so that those of one name are found without a look at the others.
///
/// Decides as Apache Kafka's StandardAuthorizer: a denial goes before everything; what is allowed implies DESCRIBE or
/// DESCRIBE_CONFIGS, what is denied does not; no ACL for a resource means no, unless it is set otherwise.
struct ACLIndex: Sendable {
    /// Who may do everything, and who may do what no ACL speaks of.
    struct Defaults: Sendable, Equatable {
        var superUsers: Set<Principal> = []
        var allowsWithoutACL = false
    }

    private struct Rule: Sendable {
        var principal: String
        var host: String
        var operation: ACLOperation
        var permission: ACLPermission

        func concerns(_ asked: String, from address: String) -> Bool {
            (principal == asked || principal == ACLBinding.everyone)
                && (host == address || host == ACLBinding.wildcard)
        }
    }

    private struct Rules: Sendable {
        var literal: [String: [Rule]] = [:]
        var prefixed: [String: [Rule]] = [:]
        /// The lengths in bytes of all prefixes: one look-up for each.
        var prefixLengths: [Int] = []
    }

    /// By the resource type's number.
    private var rules: [Rules]
    let defaults: Defaults
    let acls: Set<ACLBinding>

    init(_ acls: some Sequence<ACLBinding>, defaults: Defaults) {
        self.acls = Set(acls)
        self.defaults = defaults
        rules = Array(repeating: Rules(), count: ACLResourceType.allCases.count)
        for acl in self.acls {
            let rule = Rule(
                principal: acl.principal, host: acl.host, operation: acl.operation, permission: acl.permission
            )
            let place = Int(acl.resourceType.rawValue)
            if acl.patternType == .prefixed {
                rules[place].prefixed[acl.resourceName, default: []].append(rule)
            } else {
                rules[place].literal[acl.resourceName, default: []].append(rule)
            }
        }
        for place in rules.indices {
            rules[place].prefixLengths = Set(rules[place].prefixed.keys.map(\.utf8.count)).sorted()
        }
    }

    func allows(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType,
        named name: String
    ) -> Bool {
        if defaults.superUsers.contains(principal) { return true }
        let asked = principal.description
        var isAllowed = false
        var isSpokenOf = false
        for rules in rules(for: name, of: type) {
            isSpokenOf = isSpokenOf || !rules.isEmpty
            for rule in rules where rule.concerns(asked, from: host) {
                if rule.permission == .deny {
                    if rule.operation == operation || rule.operation == .all { return false }
                } else if rule.operation.implies(operation) {
                    isAllowed = true
                }
            }
        }
        return isAllowed || (!isSpokenOf && defaults.allowsWithoutACL)
    }

    /// Whether the principal may on one resource of the type at least, existing or not.
    func allowsOnAny(
        _ principal: Principal, from host: String, _ operation: ACLOperation, on type: ACLResourceType
    ) -> Bool {
        if defaults.superUsers.contains(principal) { return true }
        let rules = rules[Int(type.rawValue)]
        let asked = principal.description
        func holds(_ candidates: [Rule]?, _ permission: ACLPermission) -> Bool {
            candidates?.contains {
                $0.permission == permission && ($0.operation == operation || $0.operation == .all)
                    && $0.concerns(asked, from: host)
            } ?? false
        }
        if holds(rules.literal[ACLBinding.wildcard], .deny) { return false }
        if defaults.allowsWithoutACL || holds(rules.literal[ACLBinding.wildcard], .allow) { return true }
        func isDenied(_ name: String) -> Bool {
            rules.prefixLengths.contains { length in
                Self.prefix(of: name, length).map { holds(rules.prefixed[$0], .deny) } ?? false
            }
        }
        return rules.prefixed.contains { holds($0.value, .allow) && !isDenied($0.key) }
            || rules.literal.contains {
                holds($0.value, .allow) && !holds($0.value, .deny) && !isDenied($0.key)
            }
    }

    private func rules(for name: String, of type: ACLResourceType) -> [[Rule]] {
        let rules = rules[Int(type.rawValue)]
        var found: [[Rule]] = []
        if let exact = rules.literal[name] { found.append(exact) }
        if name != ACLBinding.wildcard, let all = rules.literal[ACLBinding.wildcard] { found.append(all) }
        for length in rules.prefixLengths {
            guard let prefix = Self.prefix(of: name, length) else { continue }
            if let prefixed = rules.prefixed[prefix] { found.append(prefixed) }
        }
        return found
    }

    /// Nil if the name has fewer bytes, or one would cut a character: no prefix ends there.
    private static func prefix(of name: String, _ length: Int) -> String? {
        guard length <= name.utf8.count else { return nil }
        return String(validating: name.utf8.prefix(length), as: UTF8.self)
    }
}

extension ACLOperation {
    /// Whether who may do this may do that.
    func implies(_ other: ACLOperation) -> Bool {
        if self == other || self == .all { return true }
        return switch other {
        case .describe: self == .read || self == .write || self == .delete || self == .alter
        case .describeConfigs: self == .alterConfigs
        default: false
        }
    }
}
