import KafkaWire
import LogStorage
import StreamModel

// What settings are told, whichever way a client asks for them; does not block.

extension AdministrationHandlers {
    /// The settings of a topic or of the server.
    ///
    /// - Parameter address: where the client is told to connect to.
    func settings(
        of type: Int8, named name: String, _ client: Asker, address: BrokerAddress
    ) throws(AdministrationError) -> [SettingDescription] {
        switch ConfigResourceType(rawValue: type) {
        case .topic:
            guard mayTopic(.describeConfigs, name, client) else { throw .topicAuthorization }
            let name = try TopicNaming.validated(name)
            guard let topic = log.topicDescription(name) else { throw .unknownTopic }
            return SettingDescription.all(of: topic.configuration, logSettings)
        case .broker:
            guard mayCluster(.describeConfigs, client) else { throw .clusterAuthorization }
            return try serverSettings(for: name, address)
        default:
            throw AdministrationError(.invalidRequest, "Unsupported resource type: \(type)")
        }
    }

    /// The empty name asks for what was changed for all brokers at once: here nothing can be.
    private func serverSettings(
        for broker: String, _ address: BrokerAddress
    ) throws(AdministrationError) -> [SettingDescription] {
        guard !broker.isEmpty else { return [] }
        guard Int32(broker) == brokerID else {
            throw AdministrationError(
                .invalidRequest,
                "Unexpected broker id, expected \(brokerID) or empty string, but received \(broker)")
        }
        return SettingDescription.server(
            settings, logSettings, directory: log.directory, address: address)
    }
}
