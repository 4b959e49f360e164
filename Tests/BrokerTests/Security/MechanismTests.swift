import AWSSigning
import Foundation
import Testing
import TransportSecurity

@testable import Broker

@Suite struct MechanismTests {
    private static let now: Int64 = 1_767_323_045_000
    private static let key = AccessKey(
        id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", userName: "alice")
    private let signature = ConnectSignature(keys: AccessKeys([key]))
    private let random = RandomBytes { [UInt8](repeating: 0xAB, count: $0) }

    // MARK: PLAIN

    @Test(arguments: ScramMechanism.allCases)
    func plainChecksAgainstTheCredentialThatThereIs(mechanism: ScramMechanism) throws {
        var exchange = PlainExchange(
            credentials: KnownCredentials(passwords: ["alice": "secret"], mechanisms: [mechanism]))
        #expect(try exchange.evaluate(Array("\0alice\0secret".utf8), at: 0).principal == "User:alice")
        #expect(try exchange.evaluate(Array("alice\0alice\0secret".utf8), at: 0).principal == "User:alice")
        #expect(try exchange.evaluate(Array("\0alice\0Secret".utf8), at: 0).failure?.claimedName == "alice")
        #expect(try exchange.evaluate(Array("\0bob\0secret".utf8), at: 0).failure?.reason == "unknown user")
    }

    @Test(arguments: [
        "", "alice", "\0alice", "\0\0secret", "\0alice\0", "bob\0alice\0secret", "\0alice\0secret\0",
    ])
    func plainRefuses(message: String) throws {
        var exchange = PlainExchange(credentials: KnownCredentials(passwords: ["alice": "secret"]))
        let failure = try exchange.evaluate(Array(message.utf8), at: 0).failure
        #expect(failure?.message == "Authentication failed: Invalid username or password")
    }

    // MARK: OAUTHBEARER

    /// Made by aws-msk-iam-sasl-signer-python 1.0.2 at 2026-01-02T03:04:05Z.
    private static let link =
        "https://kafka.us-east-1.amazonaws.com/?Action=kafka-cluster%3AConnect&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fkafka-cluster%2Faws4_request"
        + "&X-Amz-Date=20260102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=24ebada2ed545858377591fc84af1a1bff3c40c5e8ab0c1fc85eee156cfb42da"
        + "&User-Agent=aws-msk-iam-sasl-signer-python%2F1.0.2"

    private static func bearer(_ link: String, header: String = "n,,") -> [UInt8] {
        var token = Data(link.utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        while token.hasSuffix("=") { token.removeLast() }
        return Array("\(header)\u{1}auth=Bearer \(token)\u{1}\u{1}".utf8)
    }

    @Test func acceptsTheTokenOfMSKUntilItExpires() throws {
        var exchange = OAuthBearerExchange(signature: signature)
        let expected = SASLIdentity(principal: Principal(name: "alice"), expiry: 1_767_323_945_000)
        #expect(exchange.evaluate(Self.bearer(Self.link), at: Self.now) == .success([], expected))
        var late = OAuthBearerExchange(signature: signature)
        #expect(late.evaluate(Self.bearer(Self.link), at: Self.now + 900_000).challengeText != nil)
    }

    @Test(arguments: [
        ("us-east-1.amazonaws.com", "us-west-2.amazonaws.com"), ("kafka.us-east-1", "sqs.us-east-1"),
        ("amazonaws.com/", "example.com/"), ("https:", "http:"), ("Connect", "Delete"),
        ("24ebada2", "24ebada3"),
        ("Expires=900", "Expires=901"), ("AKIDEXAMPLE", "AKIDOTHER"), ("?", "/"), ("%3A", "%3"),
    ])
    func refusesAChangedTokenAfterTheClientHasReadWhy(part: String, instead: String) {
        var exchange = OAuthBearerExchange(signature: signature)
        let changed = Self.link.replacingOccurrences(of: part, with: instead)
        #expect(changed != Self.link)
        let first = exchange.evaluate(Self.bearer(changed), at: Self.now)
        #expect(first.challengeText == #"{"status":"invalid_token"}"#)
        let second = exchange.evaluate([1], at: Self.now)
        #expect(second.failure?.message.hasSuffix("OAUTHBEARER") == true)
    }

    @Test func refusesWhoWantsToActForAnother() {
        var exchange = OAuthBearerExchange(signature: signature)
        #expect(
            exchange.evaluate(Self.bearer(Self.link, header: "n,a=bob,"), at: Self.now).challengeText != nil)
        var same = OAuthBearerExchange(signature: signature)
        #expect(
            same.evaluate(Self.bearer(Self.link, header: "n,a=alice,"), at: Self.now).principal
                == "User:alice")
    }

    @Test(arguments: [
        "", "n,,", "n,,\u{1}\u{1}", "n,,\u{1}auth=Basic x\u{1}\u{1}", "n,,\u{1}auth=Bearer x\u{1}",
    ])
    func refusesWhatIsNoMessageOfOAuthBearer(text: String) {
        var exchange = OAuthBearerExchange(signature: signature)
        #expect(exchange.evaluate(Array(text.utf8), at: Self.now).failure != nil)
    }

    // MARK: AWS_MSK_IAM

    private static func payload(
        key: AccessKey = key, expires: Int = 900, change: (inout [String: String]) -> Void = { _ in }
    ) throws -> [UInt8] {
        let request = SignableRequest(
            method: "GET", query: [QueryParameter("Action", "kafka-cluster:Connect")],
            headers: [("host", "broker.example.net")])
        let signed = RequestSigner(key: key, region: "eu-west-1", service: "kafka-cluster")
            .presign(request, at: SigningTime(milliseconds: now), expires: expires)
        var payload = ["version": "2020_10_22", "host": "broker.example.net", "user-agent": "test"]
        for parameter in signed.query { payload[parameter.name.lowercased()] = parameter.value }
        change(&payload)
        return Array(try JSONEncoder().encode(payload))
    }

    @Test func acceptsThePayloadOfTheJavaLibrary() throws {
        var exchange = MSKIAMExchange(signature: signature, random: random)
        let id = "abababab-abab-abab-abab-abababababab"
        #expect(
            exchange.evaluate(try Self.payload(), at: Self.now)
                == .success(
                    Array(#"{"version":"2020_10_22","request-id":"\#(id)"}"#.utf8),
                    SASLIdentity(principal: Principal(name: "alice"), expiry: Self.now + 900_000)))
    }

    @Test(arguments: [
        ("host", "other.example.net"), ("action", "kafka-cluster:Delete"), ("version", "2021_01_01"),
        ("x-amz-date", "20260102T030406Z"), ("x-amz-credential", "AKIDEXAMPLE"), ("x-amz-expires", "899"),
        ("x-amz-signature", "00"), ("x-amz-signedheaders", ""), ("x-amz-algorithm", "none"),
        ("x-amz-security-token", "made up"),
    ])
    func refusesAPayloadWithAnotherValue(name: String, value: String) throws {
        var exchange = MSKIAMExchange(signature: signature, random: random)
        let changed = try Self.payload { $0[name] = value }
        #expect(exchange.evaluate(changed, at: Self.now).failure != nil)
        let without = try Self.payload { $0[name] = nil }
        #expect((exchange.evaluate(without, at: Self.now).failure == nil) == (name == "x-amz-security-token"))
    }

    @Test func refusesWhatIsTooLongValidOrOver() throws {
        var exchange = MSKIAMExchange(signature: signature, random: random)
        #expect(exchange.evaluate(try Self.payload(expires: 901), at: Self.now).failure != nil)
        #expect(exchange.evaluate(try Self.payload(), at: Self.now + 900_000).failure != nil)
        #expect(exchange.evaluate(try Self.payload(), at: Self.now - 301_000).failure != nil)
        #expect(exchange.evaluate(Array("[1]".utf8), at: Self.now).failure != nil)
        #expect(exchange.evaluate(Array("{\"version\":1}".utf8), at: Self.now).failure != nil)
    }

    @Test func aKeyThatIsLentNeedsItsSessionToken() throws {
        var lent = Self.key
        lent.sessionToken = "token"
        var exchange = MSKIAMExchange(signature: ConnectSignature(keys: AccessKeys([lent])), random: random)
        #expect(exchange.evaluate(try Self.payload(key: lent), at: Self.now).principal == "User:alice")
        #expect(exchange.evaluate(try Self.payload(), at: Self.now).failure != nil)
    }

    // MARK: Anything

    /// Bytes changed at random: never a crash, and never a login.
    @Test(arguments: SASLMechanism.allCases) func survivesChangedBytes(mechanism: SASLMechanism) throws {
        var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((seed >> 33) % UInt64(bound))
        }
        let known = KnownCredentials(passwords: ["alice": "secret"])
        let good: [UInt8] =
            switch mechanism {
            case .plain: Array("\0alice\0secret".utf8)
            case .scramSHA256, .scramSHA512: Array("n,,n=alice,r=abcdef".utf8)
            case .oauthBearer: Self.bearer(Self.link)
            case .mskIAM: try Self.payload()
            }
        for _ in 0..<(mechanism == .plain ? 50 : 500) {
            var bytes = good
            for _ in 0...next(4) {
                switch next(3) {
                case 0 where !bytes.isEmpty: bytes[next(bytes.count)] = UInt8(next(256))
                case 1 where !bytes.isEmpty: bytes.removeSubrange(next(bytes.count)...)
                default: bytes.insert(UInt8(next(256)), at: next(bytes.count + 1))
                }
            }
            var exchange: any SASLExchange =
                switch mechanism {
                case .plain: PlainExchange(credentials: known)
                case .scramSHA256: ScramExchange(.sha256, credentials: known, random: random)
                case .scramSHA512: ScramExchange(.sha512, credentials: known, random: random)
                case .oauthBearer: OAuthBearerExchange(signature: signature)
                case .mskIAM: MSKIAMExchange(signature: signature, random: random)
                }
            let step = try exchange.evaluate(bytes, at: Self.now)
            // What is not signed may change: the user agent, and how base64 and JSON are written.
            if mechanism == .plain, bytes != good { #expect(step.principal == nil) }
            if let principal = step.principal { #expect(principal == "User:alice") }
        }
    }
}
