package import Broker
package import Gateway
package import Kinesis
package import LogStorage
package import Sinks

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
    package var kinesis = KinesisSettings()
    package var broker = BrokerSettings()
    package var security = SecuritySettings()
    package var sink = SinkSettings()

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
        let open = [("ingest", ingest), ("web", web)] + (security.authenticates ? [] : [("kafka", kafka)])
        for (name, address) in open where !address.isLoopback && !insecure {
            let login =
                name == "kafka"
                ? "make clients log in (kafka.security.protocol, sasl.enabled.mechanisms), " : ""
            throw SettingsError(
                "\(name): \(address) can be reached from other machines, and nobody has to log in: "
                    + "listen on 127.0.0.1, \(login)or say --insecure if that is meant")
        }
    }
}
