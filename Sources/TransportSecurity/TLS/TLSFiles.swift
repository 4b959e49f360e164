import Foundation
import NIOSSL

/// What the files of a port's certificates hold, and the context that is made of it.
struct TLSFiles: Equatable {
    private var keystore: [UInt8]
    /// Of the key, where it has a file of its own.
    private var privateKey: [UInt8]?
    private var truststore: [UInt8]?

    /// Reads the files.
    ///
    /// - Throws: which file of which setting cannot be read.
    init(_ settings: TLSSettings) throws(TLSError) {
        guard let path = settings.keystore else {
            throw TLSError("\(settings.prefix)ssl.keystore.location: TLS needs a certificate, a PEM file")
        }
        keystore = try Self.bytes("\(settings.prefix)ssl.keystore.location", path)
        if let path = settings.privateKey {
            privateKey = try Self.bytes("\(settings.prefix)ssl.key.location", path)
        }
        if let path = settings.truststore {
            truststore = try Self.bytes("\(settings.prefix)ssl.truststore.location", path)
        }
    }

    private static func bytes(_ setting: String, _ path: String) throws(TLSError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw TLSError("\(setting): \(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// TLS 1.2 and later with what the files hold.
    ///
    /// - Throws: which file of which setting cannot be used, and why.
    func makeContext(_ settings: TLSSettings) throws(TLSError) -> NIOSSLContext {
        let setting = "\(settings.prefix)ssl.keystore.location"
        let path = settings.keystore ?? ""
        let chain = try Self.certificates(setting, path, keystore)
        let key = try makePrivateKey(settings)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if let truststore {
            configuration.trustRoots = .certificates(
                try Self.certificates(
                    "\(settings.prefix)ssl.truststore.location", settings.truststore ?? "", truststore))
        }
        switch settings.clientAuthentication {
        case .none: configuration.certificateVerification = .none
        case .requested: configuration.certificateVerification = .optionalVerification
        // A client has no host name to be checked.
        case .required: configuration.certificateVerification = .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSError("\(setting): \(path): certificate and key do not go together: \(error)")
        }
    }

    private static func certificates(
        _ setting: String, _ path: String, _ bytes: [UInt8]
    ) throws(TLSError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw TLSError("\(setting): \(path) holds no certificate in PEM form")
        }
        return certificates
    }

    private func makePrivateKey(_ settings: TLSSettings) throws(TLSError) -> NIOSSLPrivateKey {
        let password = Array((settings.privateKeyPassword ?? "").utf8)
        do {
            return try NIOSSLPrivateKey(bytes: privateKey ?? keystore, format: .pem) { setPassword in
                setPassword(password)
            }
        } catch {
            let prefix = settings.prefix
            let setting = privateKey == nil ? "\(prefix)ssl.keystore.location" : "\(prefix)ssl.key.location"
            let path = (privateKey == nil ? settings.keystore : settings.privateKey) ?? ""
            throw TLSError(
                "\(setting): \(path) holds no private key in PEM form that \(prefix)ssl.key.password opens; "
                    + "a key in a file of its own is named by \(prefix)ssl.key.location")
        }
    }
}
