// DescribeCluster (key 60), versions 0-1.

/// Asks who the cluster is.
package struct DescribeClusterRequest: KafkaRequest {
    package typealias Response = DescribeClusterResponse
    package static let api = APIKey.describeCluster

    package var includeAuthorizedOperations: Bool
    /// 1 asks for brokers, 2 for controllers.
    package var endpointType: Int8 = 1

    package init(_ reader: inout WireReader, version: Int16) throws(KafkaWireError) {
        includeAuthorizedOperations = try reader.bool()
        if version >= 1 { endpointType = try reader.int8() }
        try reader.skipTaggedFields()
    }
}

package struct DescribeClusterResponse: KafkaResponse {
    package struct Broker: Sendable, Equatable {
        package var id: Int32
        package var host: String
        package var port: Int32

        package init(id: Int32, host: String, port: Int32) {
            self.id = id
            self.host = host
            self.port = port
        }
    }

    package var error = KafkaErrorCode.none
    package var errorMessage: String?
    package var endpointType: Int8 = 1
    package var clusterID: String
    package var controllerID: Int32
    package var brokers: [Broker]
    /// A bit for each `ACLOperation`; the lowest number there is where nobody asked.
    package var authorizedOperations = Int32.min

    package init(clusterID: String, controllerID: Int32, brokers: [Broker]) {
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.brokers = brokers
    }

    package func write(to writer: inout WireWriter, version: Int16) {
        writer.int32(0)
        writer.error(error)
        writer.nullableString(errorMessage)
        if version >= 1 { writer.int8(endpointType) }
        writer.string(clusterID)
        writer.int32(controllerID)
        writer.array(brokers) { writer, broker in
            writer.int32(broker.id)
            writer.string(broker.host)
            writer.int32(broker.port)
            writer.nullableString(nil)
            writer.emptyTaggedFields()
        }
        writer.int32(authorizedOperations)
        writer.emptyTaggedFields()
    }
}
