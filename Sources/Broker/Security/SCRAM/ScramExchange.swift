import Foundation
import TransportSecurity

/// A login by SCRAM-SHA-256 or SCRAM-SHA-512 (RFC 5802, RFC 7677): the server's side.
///
/// A user who is not known gets a salt too, and learns only at the end that the login failed.
/// Unlike the RFCs, and like Apache Kafka: names and passwords are not put through SASLprep.
struct ScramExchange: SASLExchange {
    private struct Challenge {
        var client: ScramClientFirst
        var nonce: String
        var serverFirst: String
        /// Of the user, or made up.
        var credential: ScramCredential
        var isKnown: Bool
    }

    private enum State {
        case first
        case final(Challenge)
        case over
    }

    let mechanism: ScramMechanism
    private let credentials: any CredentialSource
    private let random: RandomBytes
    private var state = State.first

    init(_ mechanism: ScramMechanism, credentials: any CredentialSource, random: RandomBytes) {
        self.mechanism = mechanism
        self.credentials = credentials
        self.random = random
    }

    mutating func evaluate(_ message: [UInt8], at now: Int64) throws -> SASLStep {
        let before = state
        state = .over
        switch before {
        case .first: return try begin(message)
        case .final(let challenge): return finish(message, challenge)
        case .over: return failure("a message after the end", nil)
        }
    }

    private mutating func begin(_ message: [UInt8]) throws -> SASLStep {
        guard let client = ScramClientFirst(message) else {
            return failure("the first message is not understood, or asks for channel binding", nil)
        }
        guard client.authorizationID.isEmpty || client.authorizationID == client.userName else {
            return failure("the client asks to act for another user", client.userName)
        }
        let known = try credentials.credential(of: client.userName, for: mechanism)
        let credential = try known ?? credentials.decoy(for: client.userName, mechanism)
        let nonce = client.nonce + Data(random.bytes(18)).base64EncodedString()
        let salt = Data(credential.salt).base64EncodedString()
        let serverFirst = "r=\(nonce),s=\(salt),i=\(credential.iterations)"
        state = .final(
            Challenge(
                client: client, nonce: nonce, serverFirst: serverFirst, credential: credential,
                isKnown: known != nil))
        return .challenge(Array(serverFirst.utf8))
    }

    private func finish(_ message: [UInt8], _ challenge: Challenge) -> SASLStep {
        let name = challenge.client.userName
        guard let final = ScramClientFinal(message) else {
            return failure("the last message is not understood", name)
        }
        // librdkafka before 2.11 puts its own part before the whole nonce once more; Apache Kafka lets that pass as well.
        guard final.nonce.hasSuffix(challenge.nonce) else { return failure("the nonce is another one", name) }
        guard final.channelBinding == Array(challenge.client.header.utf8) else {
            return failure("the header was changed on its way", name)
        }
        let credential = challenge.credential
        let signed = Array("\(challenge.client.bare),\(challenge.serverFirst),\(final.withoutProof)".utf8)
        let signature = mechanism.hmac(key: credential.storedKey, signed)
        guard final.proof.count == signature.count else {
            return failure("the proof has another length", name)
        }
        let clientKey = zip(final.proof, signature).map { $0 ^ $1 }
        let isRight = ConstantTime.equal(mechanism.hash(clientKey), credential.storedKey)
        guard isRight, challenge.isKnown else {
            return failure(challenge.isKnown ? "wrong password" : "unknown user", name)
        }
        let verifier = Data(mechanism.hmac(key: credential.serverKey, signed)).base64EncodedString()
        return .success(Array("v=\(verifier)".utf8), SASLIdentity(principal: Principal(name: name)))
    }

    private func failure(_ reason: String, _ name: String?) -> SASLStep {
        let mechanism: SASLMechanism = mechanism == .sha256 ? .scramSHA256 : .scramSHA512
        return .failure(.invalidCredentials(mechanism, reason, claimedName: name))
    }
}
