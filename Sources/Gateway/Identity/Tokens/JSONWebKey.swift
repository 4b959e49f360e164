import Crypto
import CryptoExtras
import Foundation

/// How a token may be signed (RFC 7518, RFC 8037).
enum TokenAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
}

/// A key that tokens are signed with (RFC 7517): its public half, or a shared secret.
struct JSONWebKey: Sendable {
    private enum Material: Sendable {
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case secret(SymmetricKey)
    }

    /// A key as a set spells it; members that mean nothing here are left alone.
    struct Text: Decodable {
        var kty: String
        var kid: String?
        var alg: String?
        var use: String?
        var crv: String?
        var n: String?
        var e: String?
        var x: String?
        var y: String?
        var k: String?
    }

    let id: String?
    /// The only algorithm the key is for; nil: every one that fits it.
    let algorithm: TokenAlgorithm?
    private let material: Material

    /// Nil for a key that is not for signatures, or of a kind that is not known.
    ///
    /// - Throws: for a key of a known kind that is none.
    init?(_ text: Text) throws {
        if let use = text.use, use != "sig" { return nil }
        if let name = text.alg {
            guard let algorithm = TokenAlgorithm(rawValue: name) else { return nil }
            self.algorithm = algorithm
        } else {
            algorithm = nil
        }
        id = text.kid
        guard let material = try Self.material(text) else { return nil }
        self.material = material
    }

    private static func material(_ text: Text) throws -> Material? {
        switch (text.kty, text.crv) {
        case ("RSA", _):
            let key = try _RSA.Signing.PublicKey(n: try bytes(text.n, "n"), e: try bytes(text.e, "e"))
            guard key.keySizeInBits >= 2048 else { throw KeySetError("n has fewer than 2048 bits") }
            return .rsa(key)
        case ("EC", "P-256"):
            return .p256(try P256.Signing.PublicKey(x963Representation: try point(text, 32)))
        case ("EC", "P-384"):
            return .p384(try P384.Signing.PublicKey(x963Representation: try point(text, 48)))
        case ("EC", "P-521"):
            return .p521(try P521.Signing.PublicKey(x963Representation: try point(text, 66)))
        case ("OKP", "Ed25519"):
            return .ed25519(try Curve25519.Signing.PublicKey(rawRepresentation: try bytes(text.x, "x")))
        case ("oct", _):
            let secret = try bytes(text.k, "k")
            guard secret.count >= 32 else { throw KeySetError("k has fewer than 32 bytes") }
            return .secret(SymmetricKey(data: secret))
        default: return nil
        }
    }

    private static func bytes(_ text: String?, _ member: String) throws(KeySetError) -> [UInt8] {
        guard let bytes = text.flatMap({ Base64URL.bytes($0) }), !bytes.isEmpty else {
            throw KeySetError("\(member) is missing, or no base64url")
        }
        return bytes
    }

    private static func point(_ text: Text, _ length: Int) throws(KeySetError) -> [UInt8] {
        let x = try bytes(text.x, "x")
        let y = try bytes(text.y, "y")
        guard x.count == length, y.count == length else {
            throw KeySetError("x and y must have \(length) bytes each")
        }
        return [4] + x + y
    }

    // MARK: Signatures

    /// Whether the signature is this key's; false where key and algorithm do not fit.
    func isValid(_ signature: [UInt8], of bytes: [UInt8], by algorithm: TokenAlgorithm) -> Bool {
        if let own = self.algorithm, own != algorithm { return false }
        switch (material, algorithm) {
        case (.rsa(let key), .rs256): return rsa(key, signature, SHA256.hash(data: bytes), .insecurePKCS1v1_5)
        case (.rsa(let key), .rs384): return rsa(key, signature, SHA384.hash(data: bytes), .insecurePKCS1v1_5)
        case (.rsa(let key), .rs512): return rsa(key, signature, SHA512.hash(data: bytes), .insecurePKCS1v1_5)
        case (.rsa(let key), .ps256): return rsa(key, signature, SHA256.hash(data: bytes), .PSS)
        case (.rsa(let key), .ps384): return rsa(key, signature, SHA384.hash(data: bytes), .PSS)
        case (.rsa(let key), .ps512): return rsa(key, signature, SHA512.hash(data: bytes), .PSS)
        case (.p256(let key), .es256):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
                return false
            }
            return key.isValidSignature(signature, for: bytes)
        case (.p384(let key), .es384):
            guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else {
                return false
            }
            return key.isValidSignature(signature, for: bytes)
        case (.p521(let key), .es512):
            guard let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature) else {
                return false
            }
            return key.isValidSignature(signature, for: bytes)
        case (.ed25519(let key), .edDSA): return key.isValidSignature(signature, for: bytes)
        case (.secret(let key), .hs256): return hmac(SHA256.self, key, signature, bytes)
        case (.secret(let key), .hs384): return hmac(SHA384.self, key, signature, bytes)
        case (.secret(let key), .hs512): return hmac(SHA512.self, key, signature, bytes)
        default: return false
        }
    }

    private func rsa(
        _ key: _RSA.Signing.PublicKey, _ signature: [UInt8], _ digest: some Digest,
        _ padding: _RSA.Signing.Padding
    ) -> Bool {
        key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: padding)
    }

    private func hmac<Hash: HashFunction>(
        _ hash: Hash.Type, _ key: SymmetricKey, _ signature: [UInt8], _ bytes: [UInt8]
    ) -> Bool {
        HMAC<Hash>.isValidAuthenticationCode(signature, authenticating: bytes, using: key)
    }
}

/// A key set that is of no use, and why.
package struct KeySetError: Error, Equatable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The keys of a JSON Web Key Set.
struct JSONWebKeySet: Sendable {
    /// Past it the set is refused.
    static let maxKeys = 1000

    let keys: [JSONWebKey]

    /// - Throws: `KeySetError` for what is no key set, or has no key that can be used.
    init(_ bytes: [UInt8]) throws(KeySetError) {
        struct Set: Decodable {
            var keys: [JSONWebKey.Text]
        }
        guard let set = try? JSONDecoder().decode(Set.self, from: Data(bytes)) else {
            throw KeySetError("no JSON object with an array 'keys' of JSON Web Keys")
        }
        guard set.keys.count <= Self.maxKeys else { throw KeySetError("more than \(Self.maxKeys) keys") }
        var keys: [JSONWebKey] = []
        for (place, text) in set.keys.enumerated() {
            do {
                if let key = try JSONWebKey(text) { keys.append(key) }
            } catch {
                throw KeySetError("keys[\(place)] (\(text.kid ?? text.kty)) is no key: \(error)")
            }
        }
        guard !keys.isEmpty else { throw KeySetError("none of its keys can check a signature") }
        self.keys = keys
    }

    /// The keys that may have signed a token: those of its id, or all if it names none.
    func candidates(for id: String?) -> [JSONWebKey] {
        guard let id else { return keys }
        return keys.filter { $0.id == id }
    }
}
