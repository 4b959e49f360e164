/// How to reach a Kafka server, in the names of librdkafka; made from the settings of Kafka's own tools.
package struct KafkaClientSettings: Equatable {
    /// Settings of librdkafka by name.
    package private(set) var entries: [String: String]
    /// How long a request may take.
    package var timeout: Duration

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
        case "ssl.truststore.location":
            try requirePEM(all["ssl.truststore.type"], of: name)
            entries["ssl.ca.location"] = value
        case "ssl.keystore.location":
            // A PEM file of Kafka's holds the key and its certificates.
            try requirePEM(all["ssl.keystore.type"], of: name)
            entries["ssl.certificate.location"] = value
            entries["ssl.key.location"] = value
        case _ where Self.ignored.contains(name) || name.hasPrefix("sasl.login.refresh."): break
        case _ where name.hasPrefix("ssl.") || name.hasPrefix("sasl.") || name.hasPrefix("security."):
            throw RemoteLogError(
                .invalidSettings, "\(name) is not understood here: take it out of the properties")
        default: break
        }
    }

    private mutating func take(_ login: JAASLogin) throws(RemoteLogError) {
        guard ["PlainLoginModule", "ScramLoginModule"].contains(login.module) else {
            throw RemoteLogError(
                .invalidSettings,
                "sasl.jaas.config: \(login.module) is not understood here; use PlainLoginModule or ScramLoginModule"
            )
        }
        guard let user = login.options["username"], let password = login.options["password"] else {
            throw RemoteLogError(.invalidSettings, "sasl.jaas.config needs username and password")
        }
        entries["sasl.username"] = user
        entries["sasl.password"] = password
    }

    private func requirePEM(_ type: String?, of name: String) throws(RemoteLogError) {
        guard type?.uppercased() == "PEM" else {
            throw RemoteLogError(
                .invalidSettings,
                "\(name) must be a PEM file, with \(name.replacing(".location", with: ".type"))=PEM beside it; "
                    + "keytool and openssl turn JKS and PKCS12 into PEM")
        }
    }

    private func checkLogin() throws(RemoteLogError) {
        let usesLogin = entries["security.protocol"]?.uppercased().hasPrefix("SASL") ?? false
        guard usesLogin else { return }
        guard let mechanism = entries["sasl.mechanisms"] else {
            throw RemoteLogError(
                .invalidSettings, "security.protocol asks for a login: name its sasl.mechanism too")
        }
        guard ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"].contains(mechanism) else {
            throw RemoteLogError(
                .invalidSettings,
                "sasl.mechanism \(mechanism) is not understood here; use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
            )
        }
        guard entries["sasl.username"] != nil else {
            throw RemoteLogError(.invalidSettings, "the login lacks a user: set sasl.jaas.config")
        }
    }
}
