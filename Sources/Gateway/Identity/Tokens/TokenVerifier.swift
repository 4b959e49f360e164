import Foundation
import Synchronization

/// Checks JSON Web Tokens (RFC 7519) by the keys of a file.
///
/// A token must be signed by one of the keys, be good now (`exp` must be there, `nbf` may), come from the issuer and be
/// for the audience that are set, and name its caller. Tokens without signature, and encrypted ones, are refused.
final class TokenVerifier: Sendable {
    /// The longest token.
    static let maxTokenBytes = 16 << 10

    private struct Loaded {
        var bytes: [UInt8]
        var keys: JSONWebKeySet
        var failure: String?
    }

    /// What a second look at the file has found.
    enum Reloading: Equatable, Sendable {
        case unchanged
        case reloaded
        /// The file holds something that cannot be used: the keys from before stay. Told once for each content.
        case refused(String)
    }

    private let settings: AuthenticationSettings
    private let path: String
    private let loaded: Mutex<Loaded>

    /// Reads the file.
    init(_ settings: AuthenticationSettings, path: String) throws(KeySetError) {
        self.settings = settings
        self.path = path
        let bytes = try Self.read(path)
        loaded = Mutex(Loaded(bytes: bytes, keys: try Self.keys(bytes, path)))
    }

    /// With keys that are at hand.
    init(_ settings: AuthenticationSettings, keys: JSONWebKeySet) {
        self.settings = settings
        path = ""
        loaded = Mutex(Loaded(bytes: [], keys: keys))
    }

    private static func read(_ path: String) throws(KeySetError) -> [UInt8] {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw KeySetError("gateway.jwt.jwks.file: \(path) cannot be read")
        }
        return Array(bytes)
    }

    private static func keys(_ bytes: [UInt8], _ path: String) throws(KeySetError) -> JSONWebKeySet {
        do throws(KeySetError) {
            return try JSONWebKeySet(bytes)
        } catch {
            throw KeySetError("gateway.jwt.jwks.file: \(path): \(error)")
        }
    }

    /// Takes over what the file holds if that has changed; reads the disk.
    func reload() -> Reloading {
        do throws(KeySetError) {
            let bytes = try Self.read(path)
            guard bytes != loaded.withLock({ $0.bytes }) else { return .unchanged }
            let keys = try Self.keys(bytes, path)
            loaded.withLock { $0 = Loaded(bytes: bytes, keys: keys) }
            return .reloaded
        } catch {
            return loaded.withLock { loaded in
                guard loaded.failure != error.description else { return .unchanged }
                loaded.failure = error.description
                return .refused(error.description)
            }
        }
    }

    // MARK: Tokens

    private struct Header: Decodable {
        var alg: String
        var kid: String?
        var crit: [String]?
    }

    /// - Parameter now: milliseconds since 1970.
    func verdict(of token: String, at now: Int64) -> Authenticator.Verdict {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= Self.maxTokenBytes, parts.count == 3,
            let head = Base64URL.bytes(parts[0]), let body = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2]), !signature.isEmpty,
            let header = try? JSONDecoder().decode(Header.self, from: Data(head))
        else { return .wrong("the token is no signed JSON Web Token") }
        guard let algorithm = TokenAlgorithm(rawValue: header.alg), header.crit == nil else {
            return .wrong("the token's algorithm or extensions are not known here")
        }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let keys = loaded.withLock { $0.keys }.candidates(for: header.kid)
        guard keys.contains(where: { $0.isValid(signature, of: signed, by: algorithm) }) else {
            return .wrong("the token's signature is of none of the known keys")
        }
        guard let claims = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] else {
            return .wrong("the token's claims are no JSON object")
        }
        return verdict(ofClaims: claims, at: now)
    }

    private func verdict(ofClaims claims: [String: Any], at now: Int64) -> Authenticator.Verdict {
        let skew = settings.clockSkewMilliseconds
        guard let end = Self.milliseconds(claims["exp"]) else {
            return .wrong("the token does not say when it ends (exp)")
        }
        guard now - skew < end else { return .wrong("the token has expired") }
        if let start = claims["nbf"] {
            guard let start = Self.milliseconds(start), start <= now + skew else {
                return .wrong("the token is not good yet (nbf)")
            }
        }
        if let issuer = settings.issuer, claims["iss"] as? String != issuer {
            return .wrong("the token is of another issuer")
        }
        if let audience = settings.audience {
            let named = claims["aud"] as? [String] ?? (claims["aud"] as? String).map { [$0] } ?? []
            guard named.contains(audience) else { return .wrong("the token is for another audience") }
        }
        guard let name = claims[settings.principalClaim] as? String, !name.isEmpty, name.utf8.count <= 1024
        else { return .wrong("the token does not name its caller (\(settings.principalClaim))") }
        return .right(name: name, end: (end + skew) / 1000)
    }

    /// A NumericDate, whole seconds or not, within the range of dates that exist.
    private static func milliseconds(_ claim: Any?) -> Int64? {
        guard let number = claim as? NSNumber, !(claim is Bool) else { return nil }
        let seconds = number.doubleValue
        guard seconds > -1e12, seconds < 1e12 else { return nil }
        return Int64(seconds * 1000)
    }
}
