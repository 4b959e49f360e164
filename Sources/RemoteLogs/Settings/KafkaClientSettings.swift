/// How to reach a Kafka server, in the names of librdkafka; made from the settings of Kafka's own tools.
package struct KafkaClientSettings: Equatable {
    /// Settings of librdkafka by name.
    package private(set) var entries: [String: String]
    /// How long a request may take.
    package var timeout: Duration
    /// The login is by an access key of AWS: `iam` must be set before connecting.
    package private(set) var asksForIAM = false
    /// The profile whose key it shall be; nil leaves it to the environment.
    package private(set) var iamProfile: String?
    package var iam: IAMIdentity?

    /// The addresses to begin with.
    package var bootstrap: String { entries["bootstrap.servers"] ?? "" }

    package static let defaultTimeout = Duration.seconds(15)

    /// - Parameters:
    ///   - bootstrap: the address; nil takes `bootstrap.servers` of the properties.
    ///   - properties: a client's properties, Java's names or librdkafka's.
    /// - Throws: `invalidSettings` if a property of security is not understood; others that do not concern the
    ///   connection are left alone.
    package init(
        bootstrap: String?, properties: [String: String] = [:], timeout: Duration = Self.defaultTimeout
    ) throws(RemoteLogError) {
        self.timeout = timeout
        entries = ["client.id": "pinline"]
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            try take(name, value, beside: properties)
        }
        if let bootstrap { entries["bootstrap.servers"] = bootstrap }
        guard !self.bootstrap.isEmpty else {
            throw RemoteLogError(
                .invalidSettings,
                "no address: give --bootstrap HOST:PORT, or bootstrap.servers in the properties")
        }
        try checkLogin()
    }

    /// Java's names that are librdkafka's too.
    private static let same: Set<String> = [
        "bootstrap.servers", "client.id", "security.protocol", "sasl.mechanisms", "sasl.username",
        "sasl.password", "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem",
        "ssl.key.location", "ssl.key.pem", "ssl.key.password", "ssl.cipher.suites",
        "enable.ssl.certificate.verification", "broker.address.family", "socket.timeout.ms",
    ]

    /// Java's names with another name in librdkafka.
    private static let renamed = [
        "sasl.mechanism": "sasl.mechanisms", "ssl.truststore.certificates": "ssl.ca.pem",
        "ssl.keystore.certificate.chain": "ssl.certificate.pem", "ssl.keystore.key": "ssl.key.pem",
    ]

    /// Settings of security that change nothing here.
    private static let ignored: Set<String> = [
        "ssl.protocol", "ssl.enabled.protocols", "ssl.provider", "ssl.keymanager.algorithm",
        "ssl.trustmanager.algorithm", "ssl.secure.random.implementation", "ssl.truststore.type",
        "ssl.keystore.type", "ssl.truststore.password", "ssl.keystore.password",
        "sasl.client.callback.handler.class", "sasl.login.connect.timeout.ms",
        "sasl.login.read.timeout.ms",
    ]

    private mutating func take(
        _ name: String, _ value: String, beside all: [String: String]
    ) throws(RemoteLogError) {
        switch name {
        case _ where Self.same.contains(name): entries[name] = value
        case _ where Self.renamed[name] != nil: entries[Self.renamed[name] ?? name] = value
        case "request.timeout.ms": entries["socket.timeout.ms"] = value
        case "sasl.jaas.config": try take(JAASLogin(value))
        case "ssl.endpoint.identification.algorithm":
            entries[name] = value.isEmpty ? "none" : value.lowercased()
        case "sasl.login.callback.handler.class" where value.hasSuffix(".IAMOAuthBearerLoginCallbackHandler"):
            asksForIAM = true
        case "ssl.truststore.location":
            try Self.requirePEM(all["ssl.truststore.type"], path: value)
            entries["ssl.ca.location"] = value
        case "ssl.keystore.location": try takeKeystore(value, beside: all)
        case _ where Self.ignored.contains(name) || name.hasPrefix("sasl.login.refresh."): break
        case _ where name.hasPrefix("ssl.") || name.hasPrefix("sasl.") || name.hasPrefix("security."):
            throw RemoteLogError(
                .invalidSettings, "\(name) is not understood here: take it out of the properties")
        default: break
        }
    }

    private mutating func takeKeystore(
        _ path: String, beside all: [String: String]
    ) throws(RemoteLogError) {
        switch all["ssl.keystore.type"]?.uppercased() {
        case "PEM":
            // A PEM file of Kafka's holds the key and its certificates.
            entries["ssl.certificate.location"] = path
            entries["ssl.key.location"] = path
        case "PKCS12":
            entries["ssl.keystore.location"] = path
            entries["ssl.keystore.password"] = all["ssl.keystore.password"]
        default:
            throw RemoteLogError(
                .invalidSettings,
                "\(path) is taken for a JKS keystore, which is not read here. Turn it into PKCS12 by: keytool "
                    + "-importkeystore -srckeystore \(path) -destkeystore \(path).p12 -deststoretype PKCS12; then set "
                    + "ssl.keystore.location to that file and ssl.keystore.type=PKCS12")
        }
    }

    private static func requirePEM(_ type: String?, path: String) throws(RemoteLogError) {
        let type = type?.uppercased() ?? "JKS"
        guard type != "PEM" else { return }
        let first =
            type == "PKCS12"
            ? ""
            : "keytool -importkeystore -srckeystore \(path) -destkeystore \(path).p12 -deststoretype PKCS12; "
        let store = type == "PKCS12" ? path : "\(path).p12"
        throw RemoteLogError(
            .invalidSettings,
            "\(path) is a \(type) truststore, which is not read here. Turn it into PEM by: \(first)openssl pkcs12 "
                + "-in \(store) -nokeys -out ca.pem; then set ssl.truststore.location=ca.pem and "
                + "ssl.truststore.type=PEM")
    }

    private mutating func take(_ login: JAASLogin) throws(RemoteLogError) {
        switch login.module {
        case "PlainLoginModule", "ScramLoginModule":
            guard let user = login.options["username"], let password = login.options["password"] else {
                throw RemoteLogError(.invalidSettings, "sasl.jaas.config needs username and password")
            }
            entries["sasl.username"] = user
            entries["sasl.password"] = password
        case "IAMLoginModule", "OAuthBearerLoginModule": iamProfile = login.options["awsProfileName"]
        default:
            throw RemoteLogError(
                .invalidSettings,
                "sasl.jaas.config: \(login.module) is not understood here; use PlainLoginModule, ScramLoginModule "
                    + "or IAMLoginModule")
        }
    }

    /// Whether the server asks who it is.
    var usesLogin: Bool { entries["security.protocol"]?.uppercased().hasPrefix("SASL") ?? false }

    private mutating func checkLogin() throws(RemoteLogError) {
        guard usesLogin else { return }
        guard let mechanism = entries["sasl.mechanisms"] else {
            throw RemoteLogError(
                .invalidSettings, "security.protocol asks for a login: name its sasl.mechanism too")
        }
        if mechanism == "AWS_MSK_IAM" || (mechanism == "OAUTHBEARER" && asksForIAM) {
            // The same signature, in the form that librdkafka can send.
            asksForIAM = true
            entries["sasl.mechanisms"] = "OAUTHBEARER"
            return
        }
        asksForIAM = false
        guard ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"].contains(mechanism) else {
            throw RemoteLogError(
                .invalidSettings,
                "sasl.mechanism \(mechanism) is not understood here; use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or "
                    + "AWS_MSK_IAM")
        }
        guard entries["sasl.username"] != nil else {
            throw RemoteLogError(.invalidSettings, "the login lacks a user: set sasl.jaas.config")
        }
    }
}
