import Foundation
import Gateway
import StateStore
package import StreamModel
package import TransportSecurity

/// The API keys of a data folder; works beside a running server and without one.
package struct APIKeyAccounts {
    package struct Key: Sendable, Equatable {
        package var id: String
        package var user: String
        /// Seconds since 1970.
        package var created: Int64
        /// Seconds since 1970; nil: never.
        package var end: Int64?
    }

    private let store: APIKeyStore
    private let clock: WallClock
    private let random: RandomBytes

    /// - Parameters:
    ///   - data: the data folder.
    ///   - creating: makes the folder if it is not there.
    package init(
        data: String, creating: Bool, clock: WallClock = .system, random: RandomBytes = .system
    ) throws {
        let path = try UserAccounts.statePath(data: data, creating: creating)
        self.clock = clock
        self.random = random
        do {
            store = APIKeyStore(
                try StateDatabase.open(path: path, tables: [APIKeyStore.registerMigrations]))
        } catch {
            throw SettingsError("\(path) cannot be opened: \(error)")
        }
    }

    package func list() throws -> [Key] {
        try store.keys().map { Key(id: $0.id, user: $0.user, created: $0.created, end: $0.end) }
    }

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - text: a key that was made elsewhere; nil makes one.
    ///   - seconds: how long it is good; nil: for ever.
    /// - Returns: the key, which nobody can read again.
    package func create(user: String, text: String? = nil, seconds: Int64? = nil) throws -> (
        key: Key, text: String
    ) {
        let text = text ?? "pk_" + Self.base64URL(random.bytes(32))
        guard (APIKeyStore.minKeyLength...APIKeyStore.maxTextLength).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw SettingsError(
                "a key has \(APIKeyStore.minKeyLength) to \(APIKeyStore.maxTextLength) visible characters")
        }
        guard !user.isEmpty, user.utf8.count <= APIKeyStore.maxTextLength else {
            throw SettingsError("a key needs a user, of at most \(APIKeyStore.maxTextLength) bytes")
        }
        let now = clock.milliseconds / 1000
        let id = random.bytes(5).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let key = Key(
            id: id, user: user, created: now,
            end: seconds.map { now.addingReportingOverflow($0).partialValue })
        let isAdded = try store.add(
            .init(id: id, user: user, created: now, end: key.end), text: text)
        guard isAdded else {
            throw SettingsError(
                "there is such a key already, or there are \(APIKeyStore.maxKeys) of them: "
                    + "'pinline keys list' shows those there are")
        }
        return (key, text)
    }

    /// - Returns: whether there was such a key.
    package func revoke(_ id: String) throws -> Bool { try store.remove(id) }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        var text = Data(bytes).base64EncodedString()
        text = text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : String($0) }.joined()
        while text.hasSuffix("=") { text.removeLast() }
        return text
    }
}
