import AWSSigning
import Testing

@testable import ObjectStore

@Suite struct AWSEnvironmentTests {
    static let files = [
        "/home/u/.aws/credentials": """
        # keys
        [default]
        aws_access_key_id = AKID1
        aws_secret_access_key=s3cr=t

        [work]
        aws_access_key_id = AKID2
        aws_secret_access_key = two
        aws_session_token = token
        """,
        "/home/u/.aws/config": """
        [default]
        region = eu-west-1
        s3 =
          addressing_style = path
        [profile work]
        region=us-east-2
        endpoint_url = http://localhost:9000
        [profile lent]
        role_arn = arn:aws:iam::1:role/x
        """,
        "/other": "[default]\naws_access_key_id=AKID3\naws_secret_access_key=three\n",
    ]

    static func environment(_ values: [String: String]) -> AWSEnvironment {
        AWSEnvironment(values.merging(["HOME": "/home/u"]) { own, _ in own }) { files[$0] }
    }

    @Test func takesTheEnvironmentBeforeTheFiles() throws {
        let environment = Self.environment([
            "AWS_ACCESS_KEY_ID": "AKID0", "AWS_SECRET_ACCESS_KEY": "zero", "AWS_SESSION_TOKEN": "t",
        ])
        #expect(try environment.accessKey() == AccessKey(id: "AKID0", secret: "zero", sessionToken: "t"))
    }

    @Test func takesTheProfileThatIsAskedFor() throws {
        #expect(try Self.environment([:]).accessKey() == AccessKey(id: "AKID1", secret: "s3cr=t"))
        let work = Self.environment(["AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "unused"])
        #expect(try work.accessKey() == AccessKey(id: "AKID2", secret: "two", sessionToken: "token"))
        #expect(work.region == "us-east-2")
        #expect(work.endpoint == "http://localhost:9000")
        #expect(Self.environment([:]).region == "eu-west-1")
        #expect(Self.environment([:]).endpoint == nil)
    }

    @Test func takesTheFileThatIsNamed() throws {
        let environment = Self.environment(["AWS_SHARED_CREDENTIALS_FILE": "/other"])
        #expect(try environment.accessKey().id == "AKID3")
    }

    @Test func theEnvironmentsRegionWins() {
        #expect(Self.environment(["AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"]).region == "a")
        #expect(Self.environment(["AWS_REGION": "", "AWS_DEFAULT_REGION": "b"]).region == "b")
    }

    @Test(arguments: [("none", "there is no access key"), ("lent", "role_arn")])
    func aProfileWithoutAKeySaysWhatIsMissing(profile: String, text: String) {
        let error = #expect(throws: ObjectStoreError.self) {
            try Self.environment(["AWS_PROFILE": profile]).accessKey()
        }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(text) == true)
    }

    @Test func readsTheFileThatAWSHandsOut() throws {
        let folder = TemporaryFolder()
        let path = try folder.file(
            Array("\u{FEFF}User name,Access key ID,Secret access key\nu,AKID9,nine\n".utf8))
        #expect(try S3CredentialSource.csv(path: path).load()?.id == "AKID9")
        let wrong = try folder.file(Array("a,b\n".utf8), "wrong")
        #expect(throws: ObjectStoreError.self) { try S3CredentialSource.csv(path: wrong).load() }
        #expect(throws: ObjectStoreError.self) { try S3CredentialSource.csv(path: "/none").load() }
    }
}
