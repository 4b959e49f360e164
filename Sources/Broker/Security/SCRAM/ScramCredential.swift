import Foundation

/// What the server keeps of a password for one mechanism: enough to check it, too little to use it elsewhere.
///
/// The text form is Apache Kafka's: `salt=…,stored_key=…,server_key=…,iterations=…`, bytes in base64. Like Apache
/// Kafka, names and passwords are taken as UTF-8 without SASLprep.
package struct ScramCredential: Hashable, Sendable {
    /// Bytes of a salt that is made here.
    ///
    /// librdkafka before 2.3 cannot read one that takes 80 characters in base64 or more.
    static let saltLength = 24

    package var salt: [UInt8]
    package var storedKey: [UInt8]
    package var serverKey: [UInt8]
    package var iterations: Int

    package init(salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8], iterations: Int) {
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
        self.iterations = iterations
    }

    /// Derives the credential of a password.
    ///
    /// Takes a millisecond and more, by intent. Nil if salt or password is empty, or the rounds are out of range.
    package init?(
        password: String, for mechanism: ScramMechanism, salt: [UInt8],
        iterations: Int = ScramMechanism.minIterations
    ) {
        guard !password.isEmpty,
            (ScramMechanism.minIterations...ScramMechanism.maxIterations).contains(iterations),
            let salted = mechanism.saltedPassword(password, salt: salt, iterations: iterations)
        else { return nil }
        self.init(saltedPassword: salted, for: mechanism, salt: salt, iterations: iterations)
    }

    init(saltedPassword: [UInt8], for mechanism: ScramMechanism, salt: [UInt8], iterations: Int) {
        self.init(
            salt: salt, storedKey: mechanism.hash(mechanism.clientKey(saltedPassword: saltedPassword)),
            serverKey: mechanism.serverKey(saltedPassword: saltedPassword), iterations: iterations)
    }

    /// Whether this is the credential's password; takes as long for a wrong one.
    package func matches(password: String, for mechanism: ScramMechanism) -> Bool {
        guard let salted = mechanism.saltedPassword(password, salt: salt, iterations: iterations) else {
            return false
        }
        let key = mechanism.hash(mechanism.clientKey(saltedPassword: salted))
        return ConstantTime.equal(key, storedKey)
    }

    // MARK: Text

    package var text: String {
        "salt=\(Self.base64(salt)),stored_key=\(Self.base64(storedKey)),server_key=\(Self.base64(serverKey)),"
            + "iterations=\(iterations)"
    }

    /// Nil unless the text has all four parts, and keys of the mechanism's length.
    package init?(_ text: String, for mechanism: ScramMechanism) {
        var parts: [Substring: Substring] = [:]
        for part in text.split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            parts[part[..<equals]] = part[part.index(after: equals)...]
        }
        guard parts.count == 4, let salt = Self.bytes(parts["salt"]), !salt.isEmpty,
            let storedKey = Self.bytes(parts["stored_key"]), storedKey.count == mechanism.hashLength,
            let serverKey = Self.bytes(parts["server_key"]), serverKey.count == mechanism.hashLength,
            let iterations = parts["iterations"].flatMap({ Int($0) }),
            (ScramMechanism.minIterations...ScramMechanism.maxIterations).contains(iterations)
        else { return nil }
        self.init(salt: salt, storedKey: storedKey, serverKey: serverKey, iterations: iterations)
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    private static func bytes(_ text: Substring?) -> [UInt8]? {
        text.flatMap { Data(base64Encoded: String($0)) }.map { Array($0) }
    }
}

/// Comparison that takes as long wherever the bytes differ.
enum ConstantTime {
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference == 0
    }
}
