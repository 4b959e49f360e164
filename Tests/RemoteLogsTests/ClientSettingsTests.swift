import RemoteLogs
import StreamModel
import Testing

@Suite struct JavaPropertiesTests {
    private static let texts: [(String, [String: String])] = [
        ("a=1\nb=2\n", ["a": "1", "b": "2"]),
        ("a=1\r\nb=2\r\n", ["a": "1", "b": "2"]),
        ("  a  =  1 ", ["a": "1 "]),
        ("a:1\nb 2\nc\t3", ["a": "1", "b": "2", "c": "3"]),
        ("# a=1\n  ! b=2\n\nc=#3", ["c": "#3"]),
        ("a=b=c:d", ["a": "b=c:d"]),
        ("a", ["a": ""]), ("a=", ["a": ""]),
        ("a=1, \\\n    2", ["a": "1, 2"]),
        ("a=1\\\\\nb=2", ["a": "1\\", "b": "2"]),
        ("a=1\\", ["a": "1"]),
        (#"a\=b\ c=\t\u00e9\q"#, ["a=b c": "\té" + "q"]),
        (#"a=\u12"#, ["a": "12"]),
        ("a=1\na=2", ["a": "2"]),
        ("é=ü", ["é": "ü"]),
        ("", [:]),
    ]

    @Test(arguments: texts)
    func areReadAsJavaReadsThem(text: String, entries: [String: String]) {
        #expect(JavaProperties.parse(text) == entries)
    }
}

@Suite struct JAASLoginTests {
    @Test func aLoginOfKafkasDocumentationIsRead() throws {
        let login = try JAASLogin(
            #"org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="a;\"b=";"#
        )
        #expect(login.module == "ScramLoginModule")
        #expect(login.options == ["username": "alice", "password": #"a;"b="#])
    }

    @Test func quotesMayBeSingleOrMissing() throws {
        let login = try JAASLogin("PlainLoginModule required username='alice'\n password = secret ;")
        #expect(login.options == ["username": "alice", "password": "secret"])
    }

    @Test(
        arguments: [
            "", ";", "Module", "Module required", #"Module required username="a""#,
            #"Module required username="a;"#, "Module required username;", "Module required username=;",
        ])
    func whatIsNoLoginIsRefused(text: String) {
        let error = #expect(throws: RemoteLogError.self) { try JAASLogin(text) }
        #expect(error?.code == .invalidSettings)
    }
}

@Suite struct KafkaClientSettingsTests {
    private static let scram = [
        "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": #"x.ScramLoginModule required username="alice" password="secret";"#,
        "ssl.truststore.type": "PEM", "ssl.truststore.location": "/ca.pem",
    ]

    @Test func aJavaClientsFileBecomesSettingsOfLibrdkafka() throws {
        let settings = try KafkaClientSettings(bootstrap: "host:9092", properties: Self.scram)
        #expect(
            settings.entries == [
                "bootstrap.servers": "host:9092", "client.id": "pinline", "security.protocol": "SASL_SSL",
                "sasl.mechanisms": "SCRAM-SHA-512", "sasl.username": "alice", "sasl.password": "secret",
                "ssl.ca.location": "/ca.pem",
            ])
    }

    @Test func theAddressOfTheCommandLineWins() throws {
        let properties = ["bootstrap.servers": "file:1"]
        #expect(try KafkaClientSettings(bootstrap: "flag:2", properties: properties).bootstrap == "flag:2")
        #expect(try KafkaClientSettings(bootstrap: nil, properties: properties).bootstrap == "file:1")
    }

    @Test func aKeystoreInPEMGivesCertificateAndKey() throws {
        let settings = try KafkaClientSettings(
            bootstrap: "host:1",
            properties: [
                "ssl.keystore.type": "pem", "ssl.keystore.location": "/me.pem", "ssl.key.password": "p",
                "ssl.endpoint.identification.algorithm": "",
            ])
        #expect(settings.entries["ssl.certificate.location"] == "/me.pem")
        #expect(settings.entries["ssl.key.location"] == "/me.pem")
        #expect(settings.entries["ssl.key.password"] == "p")
        #expect(settings.entries["ssl.endpoint.identification.algorithm"] == "none")
    }

    @Test func aKeystoreInPKCS12IsTakenAsItIs() throws {
        let settings = try KafkaClientSettings(
            bootstrap: "host:1",
            properties: [
                "ssl.keystore.type": "PKCS12", "ssl.keystore.location": "/me.p12",
                "ssl.keystore.password": "p",
            ])
        #expect(settings.entries["ssl.keystore.location"] == "/me.p12")
        #expect(settings.entries["ssl.keystore.password"] == "p")
        #expect(settings.entries["ssl.key.location"] == nil)
    }

    @Test(arguments: ["JKS", "PKCS12"])
    func aStoreThatIsNotReadIsToldHowToBeTurned(type: String) throws {
        let error = #expect(throws: RemoteLogError.self) {
            try KafkaClientSettings(
                bootstrap: "host:1",
                properties: ["ssl.truststore.location": "/ca", "ssl.truststore.type": type])
        }
        #expect(error?.message.contains("openssl pkcs12 -in") == true)
        #expect(error?.message.contains("keytool") == (type == "JKS"))
    }

    @Test(arguments: [
        [
            "sasl.mechanism": "AWS_MSK_IAM",
            "sasl.jaas.config": "a.b.IAMLoginModule required awsProfileName=pins;",
        ],
        [
            "sasl.mechanism": "OAUTHBEARER",
            "sasl.jaas.config": "a.OAuthBearerLoginModule required awsProfileName=pins;",
            "sasl.login.callback.handler.class":
                "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler",
        ],
    ])
    func aLoginByAnAccessKeyIsAskedFor(properties: [String: String]) throws {
        let all = properties.merging(["security.protocol": "SASL_SSL"]) { $1 }
        let settings = try KafkaClientSettings(bootstrap: "host:1", properties: all)
        #expect(settings.asksForIAM && settings.iamProfile == "pins")
        #expect(settings.entries["sasl.mechanisms"] == "OAUTHBEARER")
    }

    @Test func whatDoesNotConcernTheConnectionIsLeftAlone() throws {
        let settings = try KafkaClientSettings(
            bootstrap: "host:1", properties: ["group.id": "g", "acks": "all", "ssl.protocol": "TLSv1.3"])
        #expect(settings.entries.keys.sorted() == ["bootstrap.servers", "client.id"])
    }

    private static let refused: [[String: String]] = [
        ["ssl.truststore.location": "/ca.jks"],
        ["ssl.truststore.location": "/ca.p12", "ssl.truststore.type": "PKCS12"],
        ["ssl.keystore.location": "/me.jks"],
        ["security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER"],
        ["sasl.something": "1"], ["security.providers": "x"],
        ["security.protocol": "SASL_PLAINTEXT"],
        ["security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN"],
        ["security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.username": "a"],
        ["sasl.jaas.config": "a.Krb5LoginModule required;"],
        ["sasl.jaas.config": "a.PlainLoginModule required username=a;"],
        ["bootstrap.servers": ""],
    ]

    @Test(arguments: refused.indices)
    func whatCannotBeUnderstoodIsRefused(index: Int) {
        let error = #expect(throws: RemoteLogError.self) {
            let properties = Self.refused[index]
            return try KafkaClientSettings(
                bootstrap: properties["bootstrap.servers"] == nil ? "host:1" : nil, properties: properties)
        }
        #expect(error?.code == .invalidSettings)
    }
}
