import ArgumentParser
import QueryEngine
import RemoteLogs

extension KafkaACL.Operation: ExpressibleByArgument {}
extension KafkaACL.Permission: ExpressibleByArgument {}

/// `pinline acls`.
struct ACLsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acls",
        abstract: "Access rules of the running server, or of any Kafka server.",
        discussion: """
            A rule lets a principal, or forbids it, to do something with a topic, a group or the cluster. What no rule \
            allows is forbidden; one that denies wins.

            EXAMPLES
              pinline acls add --principal User:alice --operation read --topic me.pin
              pinline acls add --principal User:bob --operation all --topic me. --prefixed
              pinline acls add --principal User:eve --deny --operation write --topic me.pin
              pinline acls list --principal User:alice
              pinline acls remove --principal User:bob --topic me. --prefixed
            """,
        subcommands: [List.self, Add.self, Remove.self])

    /// What rules are about.
    struct ResourceOptions: ParsableArguments {
        @Option(help: ArgumentHelp("A topic's name, or * for all.", valueName: "name"))
        var topic: String?
        @Option(help: ArgumentHelp("A group's id, or * for all.", valueName: "id"))
        var group: String?
        @Flag(help: "The cluster itself.")
        var cluster = false
        @Flag(help: "All topics or groups whose name begins so.")
        var prefixed = false
        @Option(
            help: ArgumentHelp(
                "Whom it is about, as in User:alice; User:* is everyone.", valueName: "type:name"))
        var principal: String?
        @Option(help: ArgumentHelp("The client's address (default when adding: any).", valueName: "address"))
        var host: String?
        @Option(help: "What it is about; may be repeated.")
        var operation: [KafkaACL.Operation] = []

        func validate() throws {
            guard [topic != nil, group != nil, cluster].count(where: { $0 }) <= 1 else {
                throw ValidationError("give one of --topic, --group and --cluster")
            }
            if let principal, !principal.contains(":") {
                throw ValidationError("--principal takes TYPE:NAME, as in User:\(principal)")
            }
        }

        var resource: (kind: KafkaACL.Resource, name: String)? {
            if let topic { return (.topic, topic) }
            if let group { return (.group, group) }
            return cluster ? (.cluster, KafkaACL.clusterName) : nil
        }

        /// One for each operation, or one for any.
        func filters(_ permission: KafkaACL.Permission?) -> [KafkaACLFilter] {
            var filter = KafkaACLFilter()
            filter.resource = resource?.kind
            filter.name = resource?.name
            if resource != nil { filter.pattern = prefixed ? .prefixed : .literal }
            filter.principal = principal
            filter.host = host
            filter.permission = permission
            guard !operation.isEmpty else { return [filter] }
            return operation.map { operation in
                var one = filter
                one.operation = operation
                return one
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists access rules.")

        @OptionGroup var about: ResourceOptions
        @OptionGroup var kafka: KafkaOptions

        func run() throws {
            let admin = try kafka.connect()
            var found: [KafkaACL] = []
            for filter in about.filters(nil) { found += try admin.acls(filter) }
            ACLsCommand.show(found, kafka.format)
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds access rules, one for each operation.",
            discussion: """
                EXAMPLES
                  pinline acls add --principal User:alice --operation read --operation describe --topic me.pin
                  pinline acls add --principal User:alice --operation read --group alices- --prefixed
                """)

        @OptionGroup var about: ResourceOptions
        @Flag(help: "Forbid instead of allow.")
        var deny = false
        @OptionGroup var kafka: KafkaOptions

        func validate() throws {
            guard about.resource != nil else {
                throw ValidationError("say what the rule is about by --topic, --group or --cluster")
            }
            guard about.principal != nil else { throw ValidationError("say whom it is about by --principal") }
            guard !about.operation.isEmpty else {
                throw ValidationError("say what it is about by --operation")
            }
        }

        func run() throws {
            guard let resource = about.resource, let principal = about.principal else { return }
            let acls = about.operation.map { operation in
                KafkaACL(
                    resource: resource.kind, name: resource.name,
                    pattern: about.prefixed ? .prefixed : .literal, principal: principal,
                    host: about.host ?? "*", operation: operation, permission: deny ? .deny : .allow)
            }
            try kafka.connect().createACLs(acls)
            ACLsCommand.show(acls, kafka.format)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes the access rules that fit, and shows them.",
            discussion: """
                EXAMPLES
                  pinline acls remove --principal User:alice
                  pinline acls remove --topic me. --prefixed --operation write
                  pinline acls remove --all
                """)

        @OptionGroup var about: ResourceOptions
        @Flag(help: "Only rules that forbid.")
        var deny = false
        @Flag(help: "All access rules.")
        var all = false
        @OptionGroup var kafka: KafkaOptions

        func validate() throws {
            let isNarrowed =
                about.resource != nil || about.principal != nil || about.host != nil
                || !about.operation.isEmpty || deny
            guard isNarrowed != all else {
                throw ValidationError("say which rules by --principal, --topic and the like, or say --all")
            }
        }

        func run() throws {
            let admin = try kafka.connect()
            var gone: [KafkaACL] = []
            for filter in about.filters(deny ? .deny : nil) { gone += try admin.deleteACLs(filter) }
            ACLsCommand.show(gone, kafka.format)
        }
    }

    private static func show(_ acls: [KafkaACL], _ format: ResultFormat) {
        var rows = RowTable([
            ("resource", .text), ("name", .text), ("pattern", .text), ("principal", .text), ("host", .text),
            ("operation", .text), ("permission", .text),
        ])
        for acl in acls {
            rows.add(
                .text(acl.resource.rawValue), .text(acl.name), .text(acl.pattern.rawValue),
                .text(acl.principal), .text(acl.host), .text(acl.operation.rawValue),
                .text(acl.permission.rawValue))
        }
        rows.show(format)
    }
}
