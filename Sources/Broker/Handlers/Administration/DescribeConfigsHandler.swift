// DescribeConfigs (key 32), versions 0-4.
// Unlike Apache Kafka: every setting of the broker is read-only, since it is read when the server starts; loggers,
// client metrics and groups have no settings.
import KafkaWire

struct DescribeConfigsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: DescribeConfigsRequest, _ client: RequestContext, _ reply: Reply<DescribeConfigsResponse>
    ) {
        let resources = request.resources.map { resource in
            var answer = DescribeConfigsResponse.Resource(type: resource.type, name: resource.name)
            do throws(AdministrationError) {
                let settings = try shared.settings(
                    of: resource.type, named: resource.name, client.asker, address: client.advertised)
                let wanted = resource.keys.map(Set.init)
                answer.configs = settings.filter { wanted?.contains($0.name) ?? true }.map { setting in
                    setting.config(
                        withSynonyms: request.includeSynonyms, withDocumentation: request.includeDocumentation
                    )
                }
            } catch {
                answer.error = error.code
                answer.errorMessage = error.message
            }
            return answer
        }
        reply(DescribeConfigsResponse(resources: resources))
    }
}
