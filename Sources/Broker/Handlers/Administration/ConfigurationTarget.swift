import KafkaWire
import LogStorage
import StreamModel

/// What a resource of AlterConfigs and IncrementalAlterConfigs stands for, and whether the client may change it.
struct ConfigurationTarget {
    let shared: AdministrationHandlers
    let client: Asker

    /// The answers to a request, resource by resource.
    ///
    /// - Parameter configuration: what a topic is to have, from what it has.
    func change<Resource>(
        _ resources: [Resource], validateOnly: Bool,
        identity: (Resource) -> (type: Int8, name: String, keys: [String]),
        configuration: (Resource, TopicConfiguration) throws(AdministrationError) -> TopicConfiguration
    ) -> AlterConfigsResponse {
        let repeated = TopicNaming.repeated(resources.map { Self.label(identity($0)) })
        return AlterConfigsResponse(
            resources: resources.map { resource in
                let (type, name, keys) = identity(resource)
                var answer = AlterConfigsResponse.Resource(
                    error: .none, errorMessage: nil, type: type, name: name)
                do throws(AdministrationError) {
                    guard !repeated.contains(Self.label((type, name, keys))) else {
                        throw AdministrationError(
                            .invalidRequest, "Each resource must appear at most once.")
                    }
                    try change(type, name, keys, validateOnly: validateOnly) {
                        (current) throws(AdministrationError) in try configuration(resource, current)
                    }
                } catch {
                    answer.error = error.code
                    answer.errorMessage = error.message
                }
                return answer
            })
    }

    /// Changes one resource; blocks on the disk.
    func change(
        _ type: Int8, _ name: String, _ keys: [String], validateOnly: Bool,
        configuration: (TopicConfiguration) throws(AdministrationError) -> TopicConfiguration
    ) throws(AdministrationError) {
        while true {
            let topic = try topic(type, name, keys)
            let wanted = try configuration(topic.configuration)
            if validateOnly { return }
            // Another client may have changed it meanwhile.
            if try configure(topic, wanted) { return }
        }
    }

    private static func label(_ identity: (type: Int8, name: String, keys: [String])) -> String {
        "\(identity.type) \(identity.name)"
    }

    /// The topic whose settings are to change; everything else is refused.
    private func topic(
        _ type: Int8, _ name: String, _ keys: [String]
    ) throws(AdministrationError) -> TopicDescription {
        switch ConfigResourceType(rawValue: type) {
        case .topic:
            guard shared.mayTopic(.alterConfigs, name, client) else { throw .topicAuthorization }
            let topic = try TopicNaming.validated(name)
            guard let found = shared.log.topicDescription(topic) else {
                throw AdministrationError(.unknownTopicOrPartition, "The topic '\(name)' does not exist.")
            }
            return found
        case .broker:
            guard shared.mayCluster(.alterConfigs, client) else { throw .clusterAuthorization }
            guard name.isEmpty || Int32(name) == shared.brokerID else {
                throw AdministrationError(
                    .invalidRequest,
                    "Unexpected broker id, expected \(shared.brokerID) or empty string, but received \(name)")
            }
            throw AdministrationError(
                .invalidRequest,
                "Cannot update these configs dynamically: Set(\(keys.joined(separator: ", "))): the server's "
                    + "settings are read when it starts")
        default:
            throw AdministrationError(.invalidRequest, "Unsupported resource type: \(type)")
        }
    }

    /// False if the topic is no longer what it was when it was looked at.
    private func configure(
        _ topic: TopicDescription, _ configuration: TopicConfiguration
    ) throws(AdministrationError) -> Bool {
        do throws(LogStorageError) {
            return try shared.log.configure(topic.name, configuration, replacing: topic.configuration)
        } catch {
            throw AdministrationError(error)
        }
    }
}
