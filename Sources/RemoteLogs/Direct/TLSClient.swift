import NIOCore
import NIOSSL

/// TLS by the same settings that librdkafka takes.
enum TLSClient {
    /// What makes the handlers of connections to one host.
    struct Maker: Sendable {
        let context: NIOSSLContext
        /// Nil for an address in numbers, which no certificate is asked for by.
        let serverName: String?

        func make() throws -> NIOSSLClientHandler {
            try NIOSSLClientHandler(context: context, serverHostname: serverName)
        }
    }

    /// Nil where the connection is plain text.
    ///
    /// - Throws: `invalidSettings` if a certificate or key cannot be read.
    static func maker(_ settings: KafkaClientSettings, host: String) throws(RemoteLogError) -> Maker? {
        guard settings.entries["security.protocol"]?.uppercased().hasSuffix("SSL") == true else { return nil }
        do {
            let context = try NIOSSLContext(configuration: try configuration(settings.entries))
            let isNumeric = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            return Maker(context: context, serverName: isNumeric ? nil : host)
        } catch {
            throw RemoteLogError(.invalidSettings, "TLS cannot be set up: \(error)")
        }
    }

    private static func configuration(_ entries: [String: String]) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let path = entries["ssl.ca.location"] { configuration.trustRoots = .file(path) }
        if let pem = entries["ssl.ca.pem"] {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
        }
        if entries["ssl.endpoint.identification.algorithm"] == "none" {
            configuration.certificateVerification = .noHostnameVerification
        }
        if entries["enable.ssl.certificate.verification"] == "false" {
            configuration.certificateVerification = .none
        }
        if let ciphers = entries["ssl.cipher.suites"] { configuration.cipherSuites = ciphers }
        try addIdentity(entries, to: &configuration)
        return configuration
    }

    private static func addIdentity(_ entries: [String: String], to configuration: inout TLSConfiguration)
        throws
    {
        let password = entries["ssl.key.password"].map { Array($0.utf8) }
        if let path = entries["ssl.keystore.location"] {
            let bundle = try NIOSSLPKCS12Bundle(
                file: path, passphrase: entries["ssl.keystore.password"].map { Array($0.utf8) })
            configuration.certificateChain = bundle.certificateChain.map { .certificate($0) }
            configuration.privateKey = .privateKey(bundle.privateKey)
        }
        if let path = entries["ssl.certificate.location"] {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(path).map { .certificate($0) }
        } else if let pem = entries["ssl.certificate.pem"] {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).map {
                .certificate($0)
            }
        }
        if let path = entries["ssl.key.location"] {
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(file: path, format: .pem) { set in set(password ?? []) })
        } else if let pem = entries["ssl.key.pem"] {
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(pem.utf8), format: .pem) { set in set(password ?? []) })
        }
    }
}
