// DescribeConfigs (key 32), versions 0-4.
// Unlike Apache Kafka: every setting of the broker is read-only, since it is read when the server starts; loggers,
// client metrics and groups have no settings.
import KafkaWire
import LogStorage

struct DescribeConfigsHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: DescribeConfigsRequest, _ client: RequestContext, _ reply: Reply<DescribeConfigsResponse>
    ) {
        let resources = request.resources.map { resource in
            var answer = DescribeConfigsResponse.Resource(type: resource.type, name: resource.name)
            do throws(AdministrationError) {
                let settings = try settings(of: resource, client)
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

    private func settings(
        of resource: DescribeConfigsRequest.Resource, _ client: RequestContext
    ) throws(AdministrationError) -> [SettingDescription] {
        switch ConfigResourceType(rawValue: resource.type) {
        case .topic:
            guard shared.mayTopic(.describeConfigs, resource.name, client) else { throw .topicAuthorization }
            let name = try TopicNaming.validated(resource.name)
            guard let topic = shared.log.topicDescription(name) else { throw .unknownTopic }
            return SettingDescription.all(of: topic.configuration, shared.logSettings)
        case .broker:
            guard shared.mayCluster(.describeConfigs, client) else { throw .clusterAuthorization }
            return try serverSettings(for: resource.name, client)
        default:
            throw AdministrationError(.invalidRequest, "Unsupported resource type: \(resource.type)")
        }
    }

    /// The empty name asks for what was changed for all brokers at once: here nothing can be.
    private func serverSettings(
        for broker: String, _ client: RequestContext
    ) throws(AdministrationError) -> [SettingDescription] {
        guard !broker.isEmpty else { return [] }
        guard Int32(broker) == shared.brokerID else {
            throw AdministrationError(
                .invalidRequest,
                "Unexpected broker id, expected \(shared.brokerID) or empty string, but received \(broker)")
        }
        return SettingDescription.server(
            shared.settings, shared.logSettings, directory: shared.log.directory, address: client.advertised)
    }
}
