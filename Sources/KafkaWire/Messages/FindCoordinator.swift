// FindCoordinator (key 10), versions 0-4.

/// Asks which broker looks after a group or a transactional id.
package struct FindCoordinatorRequest: KafkaRequest {
    package typealias Response = FindCoordinatorResponse
    package static let api = APIKey.findCoordinator

    /// 0 for groups, 1 for transactional ids.
    package var keyType: Int8 = 0
    /// One before version 4.
    package var coordinatorKeys: [String]

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        coordinatorKeys = version <= 3 ? [try reader.string()] : []
        if version >= 1 { keyType = try reader.int8() }
        if version >= 4 {
            coordinatorKeys = try reader.array { (reader) throws(KafkaWireError) in try reader.string() }
        }
        try reader.skipTaggedFields()
    }
}

package struct FindCoordinatorResponse: KafkaResponse {
    package struct Coordinator: Sendable, Equatable {
        package var key: String
        package var nodeID: Int32
        package var host: String
        package var port: Int32
        package var error: KafkaErrorCode
        package var errorMessage: String?

        package init(
            key: String, nodeID: Int32, host: String, port: Int32, error: KafkaErrorCode = .none,
            errorMessage: String? = nil
        ) {
            self.key = key
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.error = error
            self.errorMessage = errorMessage
        }
    }

    /// One for each key of the request.
    package var coordinators: [Coordinator]

    package init(coordinators: [Coordinator]) {
        self.coordinators = coordinators
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        if version >= 1 { writer.int32(0) }
        if version <= 3 {
            writeOne(to: &writer, version: version)
        } else {
            writer.array(coordinators) { writer, coordinator in
                writer.string(coordinator.key)
                writer.int32(coordinator.nodeID)
                writer.string(coordinator.host)
                writer.int32(coordinator.port)
                writer.error(coordinator.error)
                writer.nullableString(coordinator.errorMessage)
                writer.emptyTaggedFields()
            }
        }
        writer.emptyTaggedFields()
    }

    private func writeOne(to writer: inout WireWriter, version: Int16) {
        let coordinator = coordinators.first
        writer.error(coordinator?.error ?? .invalidRequest)
        if version >= 1 { writer.nullableString(coordinator?.errorMessage) }
        writer.int32(coordinator?.nodeID ?? -1)
        writer.string(coordinator?.host ?? "")
        writer.int32(coordinator?.port ?? -1)
    }
}
