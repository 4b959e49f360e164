import Broker
import Gateway
import Logging
import ServiceLifecycle
import TransportSecurity
import UnixSignals

/// Looks again at the files of certificates and keys, from time to time and when SIGHUP asks; opens logs anew then.
struct Reloading: Service {
    let gateway: GatewayServer
    let security: BrokerSecurity
    /// 0: only when it is asked to.
    let intervalMilliseconds: Int64
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await watchSignals() }
                if intervalMilliseconds > 0 { group.addTask { await watchFiles() } }
            }
        }
    }

    private func watchSignals() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            logger.info("SIGHUP: logs are opened anew, certificates and keys read again")
            gateway.reopenAccessLog()
            reloadFiles()
        }
    }

    private func watchFiles() async {
        let clock = ContinuousClock()
        while (try? await clock.sleep(for: .milliseconds(intervalMilliseconds))) != nil { reloadFiles() }
    }

    private func reloadFiles() {
        gateway.reloadFiles()
        security.tls?.reload(named: "kafka", logger: logger)
    }
}
