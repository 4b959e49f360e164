package import Logging
package import NIOCore
import NIOSSL
import Synchronization

/// TLS on a port, with the certificates of its settings; they can be read again while clients are connected.
///
/// A connection keeps the certificates it began with.
package final class TLSListener: Sendable {
    /// What a second look at the files has found.
    package enum Reloading: Equatable, Sendable {
        case unchanged
        /// New connections get what the files hold now.
        case reloaded
        /// The files hold something else that cannot be used: what was used before stays. Told once for each content.
        case refused(TLSError)
    }

    private struct Loaded {
        var files: TLSFiles
        var context: NIOSSLContext
        /// The last failure that was told of.
        var failure: TLSError?
    }

    private let settings: TLSSettings
    private let loaded: Mutex<Loaded>

    /// Reads the PEM files.
    ///
    /// - Throws: which file of which setting cannot be used, and why.
    package init(_ settings: TLSSettings) throws(TLSError) {
        self.settings = settings
        if let contradiction = settings.contradiction { throw TLSError(contradiction) }
        let files = try TLSFiles(settings)
        loaded = Mutex(Loaded(files: files, context: try files.makeContext(settings)))
    }

    /// The handler that ends TLS on a new connection.
    package func makeHandler() -> any ChannelHandler {
        NIOSSLServerHandler(context: loaded.withLock { $0.context })
    }

    /// Who the client is by its certificate, as RFC 2253 writes a name; nil if it has shown none.
    ///
    /// Called on the channel's event loop, after the handshake.
    package func clientName(of channel: any Channel) -> String? {
        guard settings.clientAuthentication != .none,
            let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate(),
            let bytes = try? certificate.toDERBytes()
        else { return nil }
        return DistinguishedName.subject(ofCertificate: bytes)
    }

    package var asksForCertificates: Bool { settings.clientAuthentication != .none }

    /// As `reload()`, and writes down what came of it.
    package func reload(named port: String, logger: Logger) {
        switch reload() {
        case .unchanged: break
        case .reloaded: logger.info("certificates were read again", metadata: ["port": "\(port)"])
        case .refused(let error):
            logger.error(
                "certificates stay as they were", metadata: ["port": "\(port)", "error": "\(error)"])
        }
    }

    /// Looks at the files, and takes over what they hold if that has changed; reads the disk.
    package func reload() -> Reloading {
        do throws(TLSError) {
            let files = try TLSFiles(settings)
            guard files != loaded.withLock({ $0.files }) else {
                loaded.withLock { $0.failure = nil }
                return .unchanged
            }
            let context = try files.makeContext(settings)
            loaded.withLock { $0 = Loaded(files: files, context: context) }
            return .reloaded
        } catch {
            return loaded.withLock { loaded in
                guard loaded.failure != error else { return .unchanged }
                loaded.failure = error
                return .refused(error)
            }
        }
    }
}
