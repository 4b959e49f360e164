import KafkaWire
import LogStorage
package import StreamModel

extension LocalAdministration {
    package func settings(
        of resource: ClusterResource, for caller: ClusterCaller
    ) async throws(ClusterError) -> [ClusterSetting] {
        try check(resource)
        let (type, name) = Self.wireName(of: resource)
        return try atOnce { () throws(AdministrationError) in
            try shared.settings(of: type, named: name, Asker(caller), address: address())
        }.map(ClusterSetting.init)
    }

    package func changeSettings(
        of resource: ClusterResource, _ changes: [SettingChange], validateOnly: Bool, by caller: ClusterCaller
    ) async throws(ClusterError) {
        try check(resource)
        let (type, name) = Self.wireName(of: resource)
        let wanted = changes.map(IncrementalAlterConfigsRequest.Config.init)
        try await onThread { () throws(AdministrationError) in
            try ConfigurationTarget(shared: shared, client: Asker(caller)).change(
                type, name, changes.map(\.name), validateOnly: validateOnly
            ) { (current) throws(AdministrationError) in
                try ConfigurationChange.applying(wanted, to: current, shared.logSettings)
            }
        }
    }

    private func check(_ resource: ClusterResource) throws(ClusterError) {
        if case .broker(let id) = resource, id != shared.brokerID {
            throw ClusterError(.notFound, "Broker \(id) cannot be found.")
        }
    }

    private static func wireName(of resource: ClusterResource) -> (type: Int8, name: String) {
        switch resource {
        case .topic(let name): (ConfigResourceType.topic.rawValue, name)
        case .broker(let id): (ConfigResourceType.broker.rawValue, String(id))
        case .allBrokers: (ConfigResourceType.broker.rawValue, "")
        }
    }
}

extension ClusterSetting {
    fileprivate init(_ setting: SettingDescription) {
        self.init(
            name: setting.name, value: setting.value, source: Source(setting.source),
            isReadOnly: setting.isReadOnly,
            synonyms: setting.values.map {
                Synonym(name: $0.name, value: $0.value, source: Source($0.source))
            })
    }
}

extension ClusterSetting.Source {
    fileprivate init(_ source: ConfigSource) {
        self =
            switch source {
            case .unknown: .unknown
            case .dynamicTopic: .dynamicTopic
            case .dynamicBroker: .dynamicBroker
            case .dynamicDefaultBroker: .dynamicDefaultBroker
            case .staticBroker: .staticBroker
            case .defaultValue: .defaultValue
            }
    }
}

extension IncrementalAlterConfigsRequest.Config {
    fileprivate init(_ change: SettingChange) {
        let operation: IncrementalAlterConfigsRequest.Operation =
            switch change.operation {
            case .set: .set
            case .delete: .delete
            case .append: .append
            case .subtract: .subtract
            }
        self.init(name: change.name, operation: operation.rawValue, value: change.value)
    }
}
