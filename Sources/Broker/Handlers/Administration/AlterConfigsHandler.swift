// AlterConfigs (key 33), versions 0-2.
// Unlike Apache Kafka: the settings of the broker cannot be changed while it runs; some topic settings are taken and
// have no effect here (their documentation says so).
import KafkaWire
import LogStorage

struct AlterConfigsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: AlterConfigsRequest, _ client: RequestContext, _ reply: Reply<AlterConfigsResponse>
    ) {
        shared.answer(reply) {
            ConfigurationTarget(shared: shared, client: client.asker).change(
                request.resources, validateOnly: request.validateOnly,
                identity: { ($0.type, $0.name, $0.configs.map(\.name)) },
                configuration: { (resource, _) throws(AdministrationError) in
                    try ConfigurationChange.replacement(resource.configs.map { ($0.name, $0.value) })
                })
        }
    }
}
