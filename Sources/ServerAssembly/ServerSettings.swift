package import Broker
package import Connect
package import Dashboard
package import Gateway
package import Kinesis
package import LogStorage
package import Pipelines
package import Sinks
package import TransportSecurity

/// Everything that `pinline serve` can be told.
///
/// Later sources win: defaults, the file of `--config`, `PINLINE_…` in the environment, flags.
package struct ServerSettings: Sendable, Equatable {
    /// `data` (folder, default: data): log, bucket, tables and state lie below it.
    package var data = "data"
    /// `ingest` (address, default: 127.0.0.1:8082): REST Proxy and Kinesis clients.
    package var ingest = ServerAddress(host: "127.0.0.1", port: 8082)
    /// `kafka` (address, default: 127.0.0.1:9092): Kafka clients.
    package var kafka = ServerAddress(host: "127.0.0.1", port: 9092)
    /// `web` (address, default: 127.0.0.1:8080): health, metrics, and the pages and interfaces to come.
    package var web = ServerAddress(host: "127.0.0.1", port: 8080)
    /// `pipeline` (folder, default: found as `Pipelines/pinterest`).
    package var pipeline: String?
    /// `insecure` (bool, default: false): listens on other than loopback addresses although nobody must log in.
    package var insecure = false
    /// `logging.level` (trace, debug, info, notice, warning, error, critical; default: info).
    package var loggingLevel = "info"
    package var log = LogSettings()
    package var gateway = GatewaySettings()
    package var consumers = ConsumerSettings()
    package var schemas = SchemaRegistrySettings()
    package var kinesis = KinesisSettings()
    /// `ingest.ssl.keystore.location` and the like: with a certificate the ingest port speaks https.
    package var ingestTLS = TLSSettings(prefix: "ingest.")
    /// What clients of the ingest port begin its address with.
    package var ingestScheme: String { ingestTLS.isOn ? "https" : "http" }
    /// `ssl.reload.interval.ms` (milliseconds, default: 10000; 0: on SIGHUP only): how often certificates and the keys
    /// of tokens are looked at.
    package var reloadIntervalMilliseconds: Int64 = 10_000
    package var broker = BrokerSettings()
    package var security = SecuritySettings()
    package var sink = SinkSettings()
    package var connect = ConnectSettings()
    /// `mounts`: names for buckets, in the settings file only.
    package var mounts: [Mount] = []
    package var stream = StreamSettings()
    package var live = LiveSettings()
    package var liveEvents = LiveEventSettings()

    package init() {}
}

/// A setting that cannot be used.
package struct SettingsError: Error, CustomStringConvertible, Equatable {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension ServerSettings {
    /// Refuses what would put data at risk.
    package func validate() throws(SettingsError) {
        if let contradiction = security.contradiction { throw SettingsError(contradiction) }
        if let contradiction = contradictionOfIngest { throw SettingsError(contradiction) }
        let open =
            [("web", web)] + (ingestAuthenticates ? [] : [("ingest", ingest)])
            + (security.authenticates ? [] : [("kafka", kafka)])
        for (name, address) in open where !address.isLoopback && !insecure {
            let login =
                switch name {
                case "kafka": "make clients log in (kafka.security.protocol, sasl.enabled.mechanisms), "
                case "ingest": "make clients log in (gateway.auth: required), "
                default: ""
                }
            throw SettingsError(
                "\(name): \(address) can be reached from other machines, and nobody has to log in: "
                    + "listen on 127.0.0.1, \(login)or say --insecure if that is meant")
        }
    }

    /// Whether nobody gets in at the ingest port without proving who it is.
    private var ingestAuthenticates: Bool {
        gateway.authentication.demand == .required
            || (ingestTLS.isOn && ingestTLS.clientAuthentication == .required)
    }

    private var contradictionOfIngest: String? {
        if let contradiction = ingestTLS.contradiction { return contradiction }
        if ingestTLS.clientAuthentication != .none, !ingestTLS.isOn {
            return "ingest.ssl.client.auth: clients show certificates only if there is "
                + "ingest.ssl.keystore.location, a PEM file"
        }
        return gateway.authentication.contradiction(
            hasAccessKeys: security.credentialsFile != nil,
            asksForCertificates: ingestTLS.clientAuthentication != .none)
    }
}
