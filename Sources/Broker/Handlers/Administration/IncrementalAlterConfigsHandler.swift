// IncrementalAlterConfigs (key 44), versions 0-1.
// Unlike Apache Kafka: the settings of the broker and the levels of its loggers cannot be changed while it runs; some
// topic settings are taken and have no effect here (their documentation says so).
import KafkaWire
import LogStorage

struct IncrementalAlterConfigsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: IncrementalAlterConfigsRequest, _ client: RequestContext,
        _ reply: Reply<AlterConfigsResponse>
    ) {
        shared.answer(reply) {
            ConfigurationTarget(shared: shared, client: client.asker).change(
                request.resources, validateOnly: request.validateOnly,
                identity: { ($0.type, $0.name, $0.configs.map(\.name)) },
                configuration: { (resource, current) throws(AdministrationError) in
                    try ConfigurationChange.applying(resource.configs, to: current, shared.logSettings)
                })
        }
    }
}
