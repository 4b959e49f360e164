package import AWSSigning
import Foundation
package import GRDB
package import Logging
package import NIOCore
package import StateStore
package import StreamModel
package import TransportSecurity

/// Everything that stands between a client and what it asks for: TLS, logins and rights, as they are set.
package final class BrokerSecurity: ListenerSecurity {
    private let settings: SecuritySettings
    /// Who may do what.
    package let authorizer: any Authorizer
    /// Nil where the port speaks plain text.
    package let tls: TLSListener?
    /// The users who log in by password.
    package let credentials: ScramCredentialStore
    /// The keys that requests and logins are signed with.
    package let accessKeys: AccessKeys
    private let clock: WallClock
    private let random: RandomBytes
    private let logger: Logger

    /// The tables, for `StateDatabase.open`.
    package static var tables: [StateDatabase.Tables] {
        [ScramCredentialStore.registerMigrations, ACLStore.registerMigrations]
    }

    /// Reads certificates, access keys and ACLs.
    ///
    /// - Throws: `SecurityError` that says which setting or file is wrong, and why.
    package init(
        settings: SecuritySettings, database: any DatabaseWriter, clock: WallClock = .system,
        random: RandomBytes = .system, logger: Logger
    ) throws {
        if let contradiction = settings.contradiction { throw SecurityError(contradiction) }
        self.settings = settings
        self.clock = clock
        self.random = random
        self.logger = logger
        credentials = ScramCredentialStore(database)
        accessKeys = try settings.credentialsFile.map { try Self.accessKeys(file: $0) } ?? AccessKeys([])
        tls = settings.listenerProtocol.hasTLS ? try Self.listener(settings.tls) : nil
        authorizer =
            settings.aclEnabled
            ? try ACLAuthorizer(
                store: ACLStore(database),
                defaults: .init(
                    superUsers: settings.superUsers, allowsWithoutACL: settings.allowEveryoneIfNoACLFound),
                logger: logger) : OpenAuthorizer()
    }

    private static func listener(_ settings: TLSSettings) throws(SecurityError) -> TLSListener {
        do throws(TLSError) {
            return try TLSListener(settings)
        } catch {
            throw SecurityError(error.message)
        }
    }

    private static func accessKeys(file path: String) throws(SecurityError) -> AccessKeys {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw SecurityError("auth.credentials.file: \(path) cannot be read")
        }
        do throws(AccessKeys.FormatError) {
            return try AccessKeys(csv: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw SecurityError("auth.credentials.file: \(path): \(error.message)")
        }
    }

    // MARK: ListenerSecurity

    package func makeTransportHandler() throws -> (any ChannelHandler)? {
        tls?.makeHandler()
    }

    package func principal(of channel: any Channel) -> Principal? {
        if settings.listenerProtocol.hasSASL { return nil }
        if let name = tls?.clientName(of: channel) { return Principal(name: name) }
        // A certificate without a name that can be read is none.
        return settings.tls.clientAuthentication == .required ? nil : .anonymous
    }

    // MARK: Handlers

    /// ACLs, for those who ask for them.
    func acls(threads: BrokerThreads) -> ACLService {
        ACLService(authorizer: authorizer as? ACLAuthorizer, threads: threads, logger: logger)
    }

    func handlers(threads: BrokerThreads) -> [any RequestHandler] {
        let logins = LoginService(
            settings: settings, credentials: credentials, accessKeys: accessKeys, threads: threads,
            clock: clock, random: random, logger: logger)
        let acls = acls(threads: threads)
        return [
            SaslHandshakeHandler(logins: logins), SaslAuthenticateHandler(logins: logins),
            DescribeACLsHandler(service: acls), CreateACLsHandler(service: acls),
            DeleteACLsHandler(service: acls),
        ]
    }
}
