/// The certificates of a port: files in PEM form, read again while the server runs.
///
/// The names are those of the Kafka port; the ingest port has the same behind `ingest.`, as in
/// `ingest.ssl.keystore.location`.
package struct TLSSettings: Sendable, Equatable {
    /// Whether a client shows a certificate of its own.
    package enum ClientAuthentication: String, Sendable, CaseIterable {
        case none, requested, required
    }

    /// What stands before each name: nothing, or `ingest.`.
    package var prefix: String

    /// `ssl.keystore.location` (file, default: none): PEM of the certificate, those above it, and the key.
    package var keystore: String?
    /// `ssl.key.location` (file, default: none): PEM of the key, where it is not in the keystore.
    package var privateKey: String?
    /// `ssl.key.password` (default: none, secret): opens an encrypted key.
    package var privateKeyPassword: String?
    /// `ssl.truststore.location` (file, default: none): PEM of those who sign the certificates of clients.
    package var truststore: String?
    /// `ssl.client.auth` (default: none): none, requested or required.
    package var clientAuthentication = ClientAuthentication.none

    package init(prefix: String = "") {
        self.prefix = prefix
    }

    /// Whether there is a certificate.
    package var isOn: Bool { keystore != nil }

    /// What contradicts itself; nil if nothing.
    package var contradiction: String? {
        if clientAuthentication != .none, truststore == nil {
            return "\(prefix)ssl.client.auth: \(clientAuthentication.rawValue) needs "
                + "\(prefix)ssl.truststore.location, a PEM file"
        }
        return nil
    }
}

/// Why a port cannot speak TLS as it is set: which setting or file, and what is wrong with it.
package struct TLSError: Error, Equatable, CustomStringConvertible {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
