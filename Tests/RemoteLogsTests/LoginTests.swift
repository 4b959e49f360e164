import AWSSigning
import Foundation
import StreamModel
import Testing

@testable import RemoteLogs

@Suite struct ScramClientTests {
    /// The example of RFC 7677, section 3.
    private static let nonce = "rOprNGfwEbeRWgbNEkqO"
    private static let challenge =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    private static let verifier = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

    private func client(_ user: String = "user") -> ScramClient {
        ScramClient(.sha256, user: user, password: "pencil", nonce: Self.nonce)
    }

    @Test func answersAsTheRFCDoes() throws {
        var client = client()
        #expect(client.mechanism == "SCRAM-SHA-256")
        #expect(String(decoding: client.first(), as: UTF8.self) == "n,,n=user,r=\(Self.nonce)")
        let proof = try client.next(Array(Self.challenge.utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            proof
                == "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
        #expect(try client.next(Array(Self.verifier.utf8)) == nil)
    }

    @Test func aServerThatDoesNotKnowThePasswordIsNotTrusted() throws {
        for answer in ["v=AAAA", "e=other-error", ""] {
            var client = client()
            _ = client.first()
            _ = try client.next(Array(Self.challenge.utf8))
            let error = #expect(throws: RemoteLogError.self) { try client.next(Array(answer.utf8)) }
            #expect(error?.code == .loginFailed)
        }
    }

    @Test(arguments: [
        "", "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=0",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=2000000000", "r=rOprNGfwEbeRWgbNEkqOx,s=%%,i=4096",
    ])
    func aChallengeThatMakesNoSenseIsRefused(challenge: String) {
        var client = client()
        _ = client.first()
        let error = #expect(throws: RemoteLogError.self) { try client.next(Array(challenge.utf8)) }
        #expect(error?.code == .loginFailed)
    }

    @Test func aNameIsEscapedAndANonceIsNewEachTime() {
        var client = client("a=b,c")
        #expect(String(decoding: client.first(), as: UTF8.self).contains("n=a=3Db=2Cc,"))
        #expect(ScramClient.freshNonce() != ScramClient.freshNonce())
        #expect(!ScramClient.freshNonce().contains(","))
    }
}

@Suite struct MSKIAMTokenTests {
    private static let time = SigningTime(milliseconds: 1_767_323_045_000)

    private func link(_ token: MSKIAMToken) throws -> String {
        var text = token.text.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return String(decoding: try #require(Data(base64Encoded: text)), as: UTF8.self)
    }

    /// What aws-msk-iam-sasl-signer-python 1.0.2 makes of AWS's example key.
    @Test(arguments: [
        (nil, "24ebada2ed545858377591fc84af1a1bff3c40c5e8ab0c1fc85eee156cfb42da"),
        ("SESSIONTOKENEXAMPLE==", "f7cbe281e7d7465a1131cb171bf57b8118081c7482b09cce20ab1afb15ccbf4b"),
    ])
    func isSignedAsAmazonsOwnLibraryDoes(session: String?, signature: String) throws {
        let key = AccessKey(
            id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: session)
        let token = MSKIAMToken(key: key, region: "us-east-1", at: Self.time)
        #expect(token.expiry == 1_767_323_945_000)
        let link = try link(token)
        #expect(
            link.hasPrefix(
                "https://kafka.us-east-1.amazonaws.com/?Action=kafka-cluster%3AConnect&X-Amz-Algorithm="))
        #expect(link.contains("&X-Amz-Expires=900&X-Amz-SignedHeaders=host&"))
        #expect(link.hasSuffix("&X-Amz-Signature=\(signature)&User-Agent=pinline"))
        #expect(!token.text.contains("="))
    }

    @Test(arguments: [
        ("b-1.pins.a1b2c3.c4.kafka.eu-west-1.amazonaws.com:9098", "eu-west-1"),
        ("localhost:9092,boot-x.c2.kafka-serverless.us-west-2.amazonaws.com:9098", "us-west-2"),
        ("b-1.pins.kafka.cn-north-1.amazonaws.com.cn:9098", "cn-north-1"),
        ("localhost:9092", nil), ("amazonaws.com:1", nil), ("", nil),
    ])
    func theRegionStandsInTheServersName(bootstrap: String, region: String?) {
        #expect(IAMIdentity.region(inNameOf: bootstrap) == region)
    }
}

@Suite struct IAMIdentityTests {
    private static let file = """
        [default]
        aws_access_key_id = AKIADEFAULT
        aws_secret_access_key = d
        # aws_session_token = old
        [profile pins]
        aws_access_key_id=AKIAPINS
        aws_secret_access_key=p=q
        aws_session_token=t
        region = eu-west-1
        [half]
        aws_access_key_id=AKIAHALF
        """
    private static let keys = ["AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "e"]

    @Test func theEnvironmentGoesBeforeTheFile() throws {
        let found = try IAMIdentity(profile: nil, environment: Self.keys, credentials: Self.file)
        #expect(found == IAMIdentity(key: AccessKey(id: "AKIAENV", secret: "e"), region: nil))
    }

    @Test func aProfileThatIsNamedGoesBeforeTheEnvironment() throws {
        let found = try IAMIdentity(profile: "pins", environment: Self.keys, credentials: Self.file)
        let key = AccessKey(id: "AKIAPINS", secret: "p=q", sessionToken: "t")
        #expect(found == IAMIdentity(key: key, region: "eu-west-1"))
    }

    @Test func theDefaultProfileIsTheLastResort() throws {
        let found = try IAMIdentity(
            profile: nil, environment: ["AWS_REGION": "us-west-2"], credentials: Self.file)
        #expect(found == IAMIdentity(key: AccessKey(id: "AKIADEFAULT", secret: "d"), region: "us-west-2"))
    }

    @Test(arguments: ["half", "none"])
    func withoutAKeyItIsToldWhereToPutOne(profile: String) {
        let error = #expect(throws: RemoteLogError.self) {
            try IAMIdentity(profile: profile, environment: [:], credentials: Self.file)
        }
        #expect(error?.code == .invalidSettings)
        #expect(error?.message.contains("[\(profile)]") == true)
    }
}

@Suite struct BrokerAddressListTests {
    @Test(arguments: [
        ("a:1", ["a 1"]), ("a:1, b:2", ["a 1", "b 2"]), ("SASL_SSL://a:1", ["a 1"]), ("a", ["a 9092"]),
        ("[::1]:9093", ["::1 9093"]), ("[::1]", ["::1 9092"]), ("::1", ["::1 9092"]),
        ("a:0,b:65536,c:x,:1,,d:5", ["d 5"]),
    ])
    func anAddressIsHostAndPort(text: String, addresses: [String]) {
        #expect(BrokerAddressList.parse(text).map { "\($0.host) \($0.port)" } == addresses)
    }
}
