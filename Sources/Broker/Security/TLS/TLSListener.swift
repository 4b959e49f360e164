import Foundation
import NIOCore
import NIOSSL

/// TLS 1.2 and later on the Kafka port, with the certificate of the settings.
struct TLSListener: Sendable {
    private let context: NIOSSLContext
    private let asksForCertificates: Bool

    /// Reads the PEM files.
    ///
    /// - Throws: which file of which setting cannot be used, and why.
    init(_ settings: SecuritySettings) throws(SecurityError) {
        guard let keystore = settings.keystore else {
            throw SecurityError("ssl.keystore.location: TLS needs a certificate, a PEM file")
        }
        let chain = try Self.certificates("ssl.keystore.location", keystore)
        let key = try Self.privateKey(settings, keystore: keystore)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if let truststore = settings.truststore {
            configuration.trustRoots = .certificates(
                try Self.certificates("ssl.truststore.location", truststore))
        }
        switch settings.clientAuthentication {
        case .none: configuration.certificateVerification = .none
        case .requested: configuration.certificateVerification = .optionalVerification
        // A client has no host name to be checked.
        case .required: configuration.certificateVerification = .noHostnameVerification
        }
        asksForCertificates = settings.clientAuthentication != .none
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw SecurityError(
                "ssl.keystore.location: \(keystore): certificate and key do not go together: \(error)")
        }
    }

    func makeHandler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: context) }

    /// Who the client is by its certificate; nil if it has shown none.
    ///
    /// Called on the channel's event loop.
    func principal(of channel: any Channel) -> Principal? {
        guard asksForCertificates,
            let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate(),
            let bytes = try? certificate.toDERBytes()
        else { return nil }
        return DistinguishedName.subject(ofCertificate: bytes).map { Principal(name: $0) }
    }

    // MARK: Files

    private static func bytes(_ setting: String, _ path: String) throws(SecurityError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw SecurityError("\(setting): \(path) cannot be read: \(error.localizedDescription)")
        }
    }

    private static func certificates(
        _ setting: String, _ path: String
    ) throws(SecurityError) -> [NIOSSLCertificate] {
        let bytes = try bytes(setting, path)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw SecurityError("\(setting): \(path) holds no certificate in PEM form")
        }
        return certificates
    }

    private static func privateKey(
        _ settings: SecuritySettings, keystore: String
    ) throws(SecurityError) -> NIOSSLPrivateKey {
        let setting = settings.privateKey == nil ? "ssl.keystore.location" : "ssl.key.location"
        let path = settings.privateKey ?? keystore
        let bytes = try bytes(setting, path)
        let password = Array((settings.privateKeyPassword ?? "").utf8)
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem) { setPassword in
                setPassword(password)
            }
        } catch {
            throw SecurityError(
                "\(setting): \(path) holds no private key in PEM form that ssl.key.password opens; "
                    + "a key in a file of its own is named by ssl.key.location")
        }
    }
}
