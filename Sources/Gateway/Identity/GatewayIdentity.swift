import AWSSigning
import Logging
import StreamModel
import TransportSecurity

/// Who may use the port and how much, put together from the settings.
struct GatewayIdentity: Sendable {
    let gate: any RequestGate
    /// Nil: the header `Idempotency-Key` is not looked at.
    let repeats: RequestRepeats?
    let accessLog: AccessLog?
    private let authenticator: Authenticator?
    private let tokens: TokenVerifier?
    private let tls: TLSListener?

    /// Reads the files that the settings name.
    ///
    /// - Throws: `KeySetError` or `AccessLogError`: which file cannot be used, and why.
    init(settings: GatewaySettings, services: GatewayServices, logger: Logger) throws {
        let authentication = settings.authentication
        tls = services.tls
        tokens = try authentication.keySetFile.map { try TokenVerifier(authentication, path: $0) }
        authenticator =
            authentication.demand == .none
            ? nil
            : Authenticator(
                settings: authentication,
                methods: authentication.usableMethods(
                    hasAccessKeys: !services.accessKeys.isEmpty,
                    asksForCertificates: services.tls?.asksForCertificates ?? false),
                sources: .init(
                    passwords: services.passwords, keys: services.state.map { APIKeyStore($0.database) },
                    tokens: tokens,
                    signatures: services.accessKeys.isEmpty ? nil : SignatureCheck(keys: services.accessKeys)),
                logger: logger)
        let limits = settings.rates.isOn ? RateLimits(settings.rates) : nil
        gate =
            authenticator == nil && limits == nil
            ? OpenGate(access: services.access)
            : CheckingGate(authenticator: authenticator, limits: limits, access: services.access)
        let window = settings.idempotency.windowMilliseconds
        repeats =
            window > 0
            ? services.state.map {
                RequestRepeats(
                    settings: settings.idempotency, state: $0, reader: services.reader, logger: logger)
            } : nil
        accessLog = try settings.accessLog.path.map {
            try AccessLog(settings.accessLog, path: $0, logger: logger)
        }
    }

    /// Takes over what the files of certificates and keys hold now.
    func reload(logger: Logger) {
        tls?.reload(named: "ingest", logger: logger)
        switch tokens?.reload() {
        case nil, .unchanged: break
        case .reloaded: logger.info("the keys of tokens were read again")
        case .refused(let reason):
            logger.error("the keys of tokens stay as they were", metadata: ["error": "\(reason)"])
        }
    }

    var samples: [MetricSample] {
        guard let accessLog else { return [] }
        return [
            MetricSample(
                "pinline_gateway_access_log_dropped_total", .counter,
                help: "Lines of the access log that were not written.", value: Double(accessLog.dropped))
        ]
    }

    func shutDown() async {
        await authenticator?.shutDown()
        await repeats?.shutDown()
        accessLog?.finish()
    }
}
