import Crypto
import CryptoExtras
import Foundation

/// A SCRAM mechanism of RFC 5802 and RFC 7677, and its arithmetic.
package enum ScramMechanism: String, CaseIterable, Sendable {
    case sha256 = "SCRAM-SHA-256"
    case sha512 = "SCRAM-SHA-512"

    /// Fewer rounds than this are refused, as Apache Kafka does.
    package static let minIterations = 4096
    /// More rounds than this are refused, as Apache Kafka does: a login would hold a thread for too long.
    package static let maxIterations = 16384

    /// Bytes of a hash, and of each key.
    package var hashLength: Int { self == .sha256 ? SHA256.byteCount : SHA512.byteCount }

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }

    func hmac(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch self {
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
        }
    }

    /// `Hi` of RFC 5802: the password, salted and stretched; nil where salt or rounds are of no use.
    func saltedPassword(_ password: String, salt: [UInt8], iterations: Int) -> [UInt8]? {
        guard !salt.isEmpty, iterations > 0 else { return nil }
        let key = try? KDF.Insecure.PBKDF2.deriveKey(
            from: Array(password.utf8), salt: salt, using: self == .sha256 ? .sha256 : .sha512,
            outputByteCount: hashLength, unsafeUncheckedRounds: iterations)
        return key?.withUnsafeBytes { Array($0) }
    }

    func clientKey(saltedPassword: [UInt8]) -> [UInt8] {
        hmac(key: saltedPassword, Array("Client Key".utf8))
    }

    func serverKey(saltedPassword: [UInt8]) -> [UInt8] {
        hmac(key: saltedPassword, Array("Server Key".utf8))
    }
}
