import Crypto

/// For what a signature is good: one day, region and service.
package struct CredentialScope: Hashable, Sendable, CustomStringConvertible {
    /// A day as `20260102`.
    package var date: String
    package var region: String
    package var service: String

    static let terminator = "aws4_request"

    package init(date: String, region: String, service: String) {
        self.date = date
        self.region = region
        self.service = service
    }

    package var description: String { "\(date)/\(region)/\(service)/\(Self.terminator)" }
}

/// The arithmetic of Signature Version 4.
///
/// Source: AWS, "Create a signed AWS API request".
package enum SigningKey {
    package static let algorithm = "AWS4-HMAC-SHA256"

    /// The signature in lower-case hexadecimal.
    package static func signature(
        secret: String, scope: CredentialScope, time: SigningTime, canonicalRequest: String
    ) -> String {
        let text = stringToSign(scope: scope, time: time, canonicalRequest: canonicalRequest)
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key(secret, scope))
        return hexadecimal(code)
    }

    package static func stringToSign(
        scope: CredentialScope, time: SigningTime, canonicalRequest: String
    ) -> String {
        "\(algorithm)\n\(time)\n\(scope)\n\(sha256(canonicalRequest))"
    }

    /// The hash of a text in lower-case hexadecimal.
    package static func sha256(_ text: String) -> String {
        hexadecimal(SHA256.hash(data: Array(text.utf8)))
    }

    /// The hash of a body in lower-case hexadecimal.
    package static func sha256(_ bytes: [UInt8]) -> String {
        hexadecimal(SHA256.hash(data: bytes))
    }

    /// The hash of bytes in lower-case hexadecimal.
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hexadecimal(hash.finalize())
    }

    /// Whether two signatures are equal; takes as long wherever they differ.
    static func equal(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func key(_ secret: String, _ scope: CredentialScope) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [scope.date, scope.region, scope.service, CredentialScope.terminator] {
            key = SymmetricKey(
                data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return key
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        for byte in bytes { out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: out, as: UTF8.self)
    }
}
