import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import Gateway

@Suite struct TokenVerifierTests {
    private static let now: Int64 = 1_767_323_045_000
    private static let rsa = try? _RSA.Signing.PrivateKey(keySize: .bits2048)
    private static let p256 = P256.Signing.PrivateKey()
    private static let p384 = P384.Signing.PrivateKey()
    private static let ed25519 = Curve25519.Signing.PrivateKey()
    private static let secret = [UInt8](repeating: 7, count: 32)

    private static func base64(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    private static func keySet() throws -> JSONWebKeySet {
        let rsa = try #require(rsa).publicKey.getKeyPrimitives()
        let x963 = Array(p256.publicKey.x963Representation)
        let large = Array(p384.publicKey.x963Representation)
        return try JSONWebKeySet(
            Array(
                """
                {"keys": [
                {"kty": "RSA", "kid": "r", "use": "sig", "n": "\(base64(rsa.modulus))", "e": "\(base64(rsa.publicExponent))"},
                {"kty": "EC", "kid": "e", "crv": "P-256", "x": "\(base64(x963[1...32]))", "y": "\(base64(x963[33...]))"},
                {"kty": "EC", "kid": "e3", "crv": "P-384", "alg": "ES384", "x": "\(base64(large[1...48]))",
                "y": "\(base64(large[49...]))"},
                {"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": "\(base64(ed25519.publicKey.rawRepresentation))"},
                {"kty": "oct", "kid": "s", "alg": "HS256", "k": "\(base64(secret))"},
                {"kty": "RSA", "kid": "enc", "use": "enc", "n": "AA", "e": "AQAB"}, {"kty": "new"}]}
                """.utf8))
    }

    private static let claims =
        #"{"sub":"alice","exp":1767323105,"iss":"https://issuer","aud":["pins","other"]}"#

    private static func token(
        _ algorithm: String = "HS256", key: String? = "s", claims: String = claims, header: String? = nil
    ) throws -> String {
        let kid = key.map { #","kid":"\#($0)""# } ?? ""
        let head = header ?? #"{"typ":"JWT","alg":"\#(algorithm)"\#(kid)}"#
        let signed = base64(head.utf8) + "." + base64(claims.utf8)
        let bytes = Array(signed.utf8)
        let signature: [UInt8]
        switch algorithm {
        case "RS256":
            signature = Array(
                try #require(rsa).signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
                    .rawRepresentation)
        case "PS256":
            signature = Array(
                try #require(rsa).signature(for: SHA256.hash(data: bytes), padding: .PSS).rawRepresentation)
        case "ES256": signature = Array(try p256.signature(for: bytes).rawRepresentation)
        case "ES384": signature = Array(try p384.signature(for: bytes).rawRepresentation)
        case "EdDSA": signature = Array(try ed25519.signature(for: bytes))
        default:
            signature = Array(
                HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: secret)))
        }
        return signed + "." + base64(signature)
    }

    private func verdict(
        _ token: String, at now: Int64 = Self.now, _ change: (inout AuthenticationSettings) -> Void = { _ in }
    ) throws -> Authenticator.Verdict {
        var settings = AuthenticationSettings()
        change(&settings)
        return TokenVerifier(settings, keys: try Self.keySet()).verdict(of: token, at: now)
    }

    private func isRight(_ verdict: Authenticator.Verdict) -> Bool {
        if case .right = verdict { true } else { false }
    }

    @Test(arguments: [
        ("RS256", "r"), ("PS256", "r"), ("ES256", "e"), ("ES384", "e3"), ("EdDSA", "o"), ("HS256", "s"),
    ])
    func acceptsATokenOfEachAlgorithm(algorithm: String, key: String) throws {
        let expected = Authenticator.Verdict.right(name: "alice", end: 1_767_323_165)
        #expect(try verdict(Self.token(algorithm, key: key)) == expected)
        #expect(try verdict(Self.token(algorithm, key: nil)) == expected)
    }

    @Test(arguments: [("RS256", "e"), ("ES256", "r"), ("HS256", "r"), ("HS256", "o"), ("ES256", "gone")])
    func refusesAKeyThatIsNotTheSigners(algorithm: String, key: String) throws {
        #expect(try !isRight(verdict(Self.token(algorithm, key: key))))
    }

    @Test func refusesATokenWithoutSignature() throws {
        let open = Self.base64(#"{"alg":"none"}"#.utf8) + "." + Self.base64(Self.claims.utf8) + "."
        #expect(try !isRight(verdict(open)))
        #expect(try !isRight(verdict(open + "AAAA")))
    }

    @Test func refusesThePublicKeyAsASecret() throws {
        // A token signed with the bytes of the RSA key as if they were a shared secret.
        let rsa = try #require(Self.rsa).publicKey.getKeyPrimitives()
        let signed =
            Self.base64(#"{"alg":"HS256","kid":"r"}"#.utf8) + "." + Self.base64(Self.claims.utf8)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(signed.utf8), using: SymmetricKey(data: rsa.modulus))
        #expect(try !isRight(verdict(signed + "." + Self.base64(code))))
    }

    @Test func refusesAChangedToken() throws {
        let parts = try Self.token().split(separator: ".")
        let other = Self.base64(#"{"sub":"bob","exp":1767323105}"#.utf8)
        #expect(try !isRight(verdict("\(parts[0]).\(other).\(parts[2])")))
        #expect(try !isRight(verdict("\(parts[0]).\(parts[1])")))
        #expect(try !isRight(verdict("\(parts[0]).\(parts[1]).\(parts[2]).x")))
    }

    @Test func looksAtTheTime() throws {
        let token = try Self.token()
        let end: Int64 = 1_767_323_105_000
        #expect(try isRight(verdict(token, at: end + 59_999)))
        #expect(try !isRight(verdict(token, at: end + 60_000)))
        #expect(try !isRight(verdict(token, at: end) { $0.clockSkewMilliseconds = 0 }))
        let early = try Self.token(claims: #"{"sub":"a","exp":1767323999,"nbf":1767323106}"#)
        #expect(try !isRight(verdict(early)))
        #expect(try isRight(verdict(early, at: Self.now + 1_000)))
    }

    @Test(arguments: [
        #"{"sub":"a"}"#, #"{"sub":"a","exp":"1767323105"}"#, #"{"exp":1767323105}"#,
        #"{"sub":"","exp":1767323105}"#, #"{"sub":7,"exp":1767323105}"#, "[]", "x",
        #"{"sub":"a","exp":1e300}"#, #"{"sub":"a","exp":1767323105,"nbf":"soon"}"#,
    ])
    func refusesClaimsThatAreNotWhole(claims: String) throws {
        #expect(try !isRight(verdict(Self.token(claims: claims))))
    }

    @Test func looksAtIssuerAudienceAndName() throws {
        let token = try Self.token()
        #expect(try isRight(verdict(token) { $0.issuer = "https://issuer" }))
        #expect(try !isRight(verdict(token) { $0.issuer = "https://other" }))
        #expect(try isRight(verdict(token) { $0.audience = "pins" }))
        #expect(try !isRight(verdict(token) { $0.audience = "nobody" }))
        let single = try Self.token(claims: #"{"email":"a@b","exp":1767323105,"aud":"pins"}"#)
        let named = try verdict(single) {
            $0.audience = "pins"
            $0.principalClaim = "email"
        }
        #expect(named == .right(name: "a@b", end: 1_767_323_165))
    }

    @Test func refusesWhatMustBeUnderstood() throws {
        let header = #"{"alg":"HS256","kid":"s","crit":["b64"],"b64":false}"#
        #expect(try !isRight(verdict(Self.token(header: header))))
    }

    @Test func refusesTextThatIsNoToken() throws {
        for text in ["", ".", "..", "a.b.c", "=.=.=", String(repeating: "a", count: 20_000)] {
            #expect(try !isRight(verdict(text)))
        }
    }

    @Test(arguments: [
        "", "{}", #"{"keys": []}"#, #"{"keys": [{"kty": "new"}]}"#, #"{"keys": [{"kty": "RSA"}]}"#,
        #"{"keys": [{"kty": "oct", "k": "c2hvcnQ"}]}"#,
        #"{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}"#,
        #"{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}"#,
    ])
    func refusesASetThatIsNone(text: String) {
        #expect(throws: KeySetError.self) { try JSONWebKeySet(Array(text.utf8)) }
    }
}
