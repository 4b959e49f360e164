import Crypto
import CryptoExtras
import Foundation

/// SCRAM (RFC 5802, RFC 7677): both sides prove that they know the password, and neither shows it.
struct ScramClient: SASLClient {
    enum Hash: String {
        case sha256 = "SCRAM-SHA-256"
        case sha512 = "SCRAM-SHA-512"
    }

    private enum State {
        case new
        case asked
        case proved(serverSignature: [UInt8])
        case done
    }

    let hash: Hash
    private let user: String
    private let password: String
    private let nonce: String
    private var state = State.new

    /// - Parameter nonce: printable, without commas, and another each time.
    init(_ hash: Hash, user: String, password: String, nonce: String = Self.freshNonce()) {
        self.hash = hash
        self.user = user
        self.password = password
        self.nonce = nonce
    }

    var mechanism: String { hash.rawValue }

    static func freshNonce() -> String {
        SymmetricKey(size: .init(bitCount: 144)).withUnsafeBytes { Data($0).base64EncodedString() }
    }

    private var bare: String {
        let name = user.replacing("=", with: "=3D").replacing(",", with: "=2C")
        return "n=\(name),r=\(nonce)"
    }

    mutating func first() -> [UInt8] {
        state = .asked
        return Array("n,,\(bare)".utf8)
    }

    mutating func next(_ token: [UInt8]) throws(RemoteLogError) -> [UInt8]? {
        switch state {
        case .asked: return try prove(String(decoding: token, as: UTF8.self))
        case .proved(let expected):
            state = .done
            let fields = Self.fields(String(decoding: token, as: UTF8.self))
            guard let verifier = fields["v"].flatMap({ Data(base64Encoded: $0) }), Array(verifier) == expected
            else {
                throw RemoteLogError(.loginFailed, "the server does not know the password either: who is it?")
            }
            return nil
        case .new, .done: return nil
        }
    }

    private mutating func prove(_ challenge: String) throws(RemoteLogError) -> [UInt8] {
        let fields = Self.fields(challenge)
        guard let full = fields["r"], full.hasPrefix(nonce), full.count > nonce.count,
            let salt = fields["s"].flatMap({ Data(base64Encoded: $0) }), !salt.isEmpty,
            let rounds = fields["i"].flatMap({ Int($0) }), (1...Self.maxRounds).contains(rounds),
            let salted = salted(Array(salt), rounds)
        else { throw RemoteLogError(.loginFailed, "the server's part of the login is not understood") }
        let clientKey = hmac(salted, "Client Key")
        let withoutProof = "c=biws,r=\(full)"
        let signed = "\(bare),\(challenge),\(withoutProof)"
        let signature = hmac(digest(clientKey), signed)
        let proof = zip(clientKey, signature).map { $0 ^ $1 }
        state = .proved(serverSignature: hmac(hmac(salted, "Server Key"), signed))
        return Array("\(withoutProof),p=\(Data(proof).base64EncodedString())".utf8)
    }

    /// A server may not keep the client busy with more.
    private static let maxRounds = 1_000_000

    private static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for field in text.split(separator: ",") {
            let halves = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if halves.count == 2 { fields[String(halves[0])] = String(halves[1]) }
        }
        return fields
    }

    // MARK: Arithmetic

    private func salted(_ salt: [UInt8], _ rounds: Int) -> [UInt8]? {
        let key = try? KDF.Insecure.PBKDF2.deriveKey(
            from: Array(password.utf8), salt: salt, using: hash == .sha256 ? .sha256 : .sha512,
            outputByteCount: hash == .sha256 ? 32 : 64, unsafeUncheckedRounds: rounds)
        return key?.withUnsafeBytes { Array($0) }
    }

    private func hmac(_ key: [UInt8], _ text: String) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch hash {
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: Array(text.utf8), using: key))
        }
    }

    private func digest(_ bytes: [UInt8]) -> [UInt8] {
        switch hash {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }
}
