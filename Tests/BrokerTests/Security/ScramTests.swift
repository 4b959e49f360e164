import Foundation
import Testing
import TransportSecurity

@testable import Broker

/// Credentials in memory, and a count of how often they were asked for.
struct KnownCredentials: CredentialSource {
    var passwords: [String: String] = [:]
    var mechanisms: [ScramMechanism] = ScramMechanism.allCases

    static let salt: [UInt8] = Array("0123456789abcdef".utf8)

    func credential(of user: String, for mechanism: ScramMechanism) -> ScramCredential? {
        guard mechanisms.contains(mechanism), let password = passwords[user] else { return nil }
        return ScramCredential(password: password, for: mechanism, salt: Self.salt)
    }

    func decoy(for user: String, _ mechanism: ScramMechanism) -> ScramCredential {
        .decoy(for: user, mechanism, secret: [1, 2, 3])
    }
}

/// The client's side of SCRAM, for tests.
struct ScramClient {
    var mechanism: ScramMechanism
    var user: String
    var password: String
    var nonce = "rOprNGfwEbeRWgbNEkqO"
    var header = "n,,"

    var bare: String {
        let name = user.replacingOccurrences(of: "=", with: "=3D").replacingOccurrences(of: ",", with: "=2C")
        return "n=\(name),r=\(nonce)"
    }

    var first: [UInt8] { Array((header + bare).utf8) }

    /// The last message, and the signature that the server must show.
    func final(
        after challenge: String, noncePrefix: String = ""
    ) -> (message: String, serverSignature: String)? {
        let fields = challenge.split(separator: ",").map(String.init)
        guard fields.count == 3, let salt = Data(base64Encoded: String(fields[1].dropFirst(2))),
            let iterations = Int(fields[2].dropFirst(2)),
            let salted = mechanism.saltedPassword(password, salt: Array(salt), iterations: iterations)
        else { return nil }
        let withoutProof =
            "c=\(Data(header.utf8).base64EncodedString()),r=\(noncePrefix)\(fields[0].dropFirst(2))"
        let signed = Array("\(bare),\(challenge),\(withoutProof)".utf8)
        let clientKey = mechanism.clientKey(saltedPassword: salted)
        let signature = mechanism.hmac(key: mechanism.hash(clientKey), signed)
        let proof = Data(zip(clientKey, signature).map { $0 ^ $1 }).base64EncodedString()
        let server = mechanism.hmac(key: mechanism.serverKey(saltedPassword: salted), signed)
        return ("\(withoutProof),p=\(proof)", "v=" + Data(server).base64EncodedString())
    }
}

extension SASLStep {
    var challengeText: String? {
        if case .challenge(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    var failure: SASLFailure? {
        if case .failure(let failure) = self { failure } else { nil }
    }

    var principal: String? {
        if case .success(_, let identity) = self { identity.principal.description } else { nil }
    }
}

@Suite struct ScramTests {
    private let known = KnownCredentials(passwords: ["alice": "secret", "a,b=c": "s", "ärger": "pässword"])

    private func exchange(_ mechanism: ScramMechanism) -> ScramExchange {
        ScramExchange(mechanism, credentials: known, random: RandomBytes { [UInt8](repeating: 7, count: $0) })
    }

    /// Source: RFC 7677, section 3.
    @Test func computesTheExampleOfRFC7677() throws {
        let salt = try #require(Data(base64Encoded: "W22ZaJ0SNY7soEsUEjb6gQ=="))
        let credential = try #require(ScramCredential(password: "pencil", for: .sha256, salt: Array(salt)))
        let challenge =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        let client = ScramClient(mechanism: .sha256, user: "user", password: "pencil")
        let final = try #require(client.final(after: challenge))
        #expect(
            final.message
                == "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
        #expect(final.serverSignature == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
        #expect(credential.matches(password: "pencil", for: .sha256))
        #expect(!credential.matches(password: "Pencil", for: .sha256))
    }

    @Test(arguments: ScramMechanism.allCases, ["alice", "a,b=c", "ärger"])
    func aRightPasswordLogsIn(mechanism: ScramMechanism, user: String) throws {
        var exchange = exchange(mechanism)
        let client = ScramClient(
            mechanism: mechanism, user: user, password: try #require(known.passwords[user]))
        let challenge = try #require(try exchange.evaluate(client.first, at: 0).challengeText)
        #expect(challenge.hasPrefix("r=\(client.nonce)") && challenge.hasSuffix(",i=4096"))
        let final = try #require(client.final(after: challenge))
        let step = try exchange.evaluate(Array(final.message.utf8), at: 0)
        #expect(
            step
                == .success(
                    Array(final.serverSignature.utf8), SASLIdentity(principal: Principal(name: user))))
    }

    /// As librdkafka before 2.11 has it.
    @Test func aClientMayRepeatItsPartOfTheNonceAndNothingElse() throws {
        var doubled = exchange(.sha256)
        let client = ScramClient(mechanism: .sha256, user: "alice", password: "secret")
        let first = try #require(try doubled.evaluate(client.first, at: 0).challengeText)
        let repeating = try #require(client.final(after: first, noncePrefix: client.nonce))
        #expect(
            try doubled.evaluate(Array(repeating.message.utf8), at: 0).principal == "User:alice")
        var exchange = exchange(.sha256)
        let challenge = try #require(try exchange.evaluate(client.first, at: 0).challengeText)
        let other = challenge.replacingOccurrences(of: ",s=", with: "x,s=")
        let final = try #require(client.final(after: other))
        #expect(
            try exchange.evaluate(Array(final.message.utf8), at: 0).failure?.reason
                == "the nonce is another one")
    }

    @Test func anUnknownUserIsToldOfOnlyAtTheEnd() throws {
        var answers: [String] = []
        for user in ["bob", "bob", "eve"] {
            var exchange = exchange(.sha512)
            let client = ScramClient(mechanism: .sha512, user: user, password: "x")
            let challenge = try #require(try exchange.evaluate(client.first, at: 0).challengeText)
            answers.append(challenge)
            let final = try #require(client.final(after: challenge))
            let failure = try exchange.evaluate(Array(final.message.utf8), at: 0).failure
            #expect(failure?.reason == "unknown user" && failure?.claimedName == user)
            #expect(failure?.message.contains("user") == false)
        }
        // The same salt each time, another one for another name, as if they were known.
        #expect(answers[0] == answers[1] && answers[1] != answers[2])
    }

    @Test func aWrongPasswordFailsAndNothingFollows() throws {
        var exchange = exchange(.sha256)
        let client = ScramClient(mechanism: .sha256, user: "alice", password: "guess")
        let challenge = try #require(try exchange.evaluate(client.first, at: 0).challengeText)
        let final = try #require(client.final(after: challenge))
        #expect(try exchange.evaluate(Array(final.message.utf8), at: 0).failure?.reason == "wrong password")
        #expect(try exchange.evaluate(client.first, at: 0).failure != nil)
    }

    @Test(arguments: [
        "p=tls-unique,,n=alice,r=abc", "n,a=bob,n=alice,r=abc", "n,,n=,r=abc", "n,,n=alice", "n,,n=alice,r=",
        "n,,n=al=ice,r=abc", "n,,r=abc,n=alice", "n,,m=x,n=alice,r=abc", "n,,n=alice,r=a b",
        "x,,n=alice,r=abc",
        "n,,n=alice,r=abc,tokenauth=true", "", ",", "n,,", "n,b=alice,n=alice,r=abc",
    ])
    func refusesAFirstMessage(text: String) throws {
        var exchange = exchange(.sha256)
        #expect(try exchange.evaluate(Array(text.utf8), at: 0).failure != nil)
    }

    @Test(arguments: ["n,a=alice,", "y,,"]) func acceptsAHeader(header: String) throws {
        var exchange = exchange(.sha256)
        let client = ScramClient(mechanism: .sha256, user: "alice", password: "secret", header: header)
        let challenge = try #require(try exchange.evaluate(client.first, at: 0).challengeText)
        let final = try #require(client.final(after: challenge))
        #expect(try exchange.evaluate(Array(final.message.utf8), at: 0).principal == "User:alice")
    }

    @Test(arguments: [
        ("c=biws", "c=eSws"), ("c=biws", "c=%%"), (",r=r", ",r=s"), (",p=", ",q="), (",p=", ",p=AAAA"),
        (",r=", ",x=1,r="),
    ])
    func refusesALastMessageThatWasChanged(part: String, instead: String) throws {
        var exchange = exchange(.sha256)
        let client = ScramClient(mechanism: .sha256, user: "alice", password: "secret")
        let challenge = try #require(try exchange.evaluate(client.first, at: 0).challengeText)
        let final = try #require(client.final(after: challenge)).message
        #expect(final.contains(part))
        let changed = final.replacingOccurrences(of: part, with: instead)
        #expect(try exchange.evaluate(Array(changed.utf8), at: 0).failure != nil)
    }

    // MARK: Credentials

    @Test(arguments: ScramMechanism.allCases) func readsTheTextItWrites(mechanism: ScramMechanism) throws {
        let credential = try #require(
            ScramCredential(password: "p", for: mechanism, salt: [1, 2, 3], iterations: 8192))
        #expect(ScramCredential(credential.text, for: mechanism) == credential)
        let other: ScramMechanism = mechanism == .sha256 ? .sha512 : .sha256
        #expect(ScramCredential(credential.text, for: other) == nil)
    }

    @Test(arguments: [
        "", "salt=AQID", "salt=,stored_key=,server_key=,iterations=4096",
        "salt=AQID,stored_key=%,server_key=%,iterations=1",
    ])
    func refusesTextThatIsNoCredential(text: String) {
        #expect(ScramCredential(text, for: .sha256) == nil)
    }

    @Test(arguments: [4095, 16385, 0, -1]) func refusesTooFewAndTooManyIterations(count: Int) {
        #expect(ScramCredential(password: "p", for: .sha256, salt: [1], iterations: count) == nil)
    }
}
