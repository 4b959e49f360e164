// DescribeCluster (key 60), versions 0-1.
// Unlike Apache Kafka: there is one broker, which is its own controller; nobody asks a controller's endpoint.
import KafkaWire

struct DescribeClusterHandler: RequestHandler {
    let shared: AdministrationHandlers

    func handle(
        _ request: DescribeClusterRequest, _ client: RequestContext, _ reply: Reply<DescribeClusterResponse>
    ) {
        var response = DescribeClusterResponse(
            clusterID: shared.clusterID, controllerID: shared.brokerID,
            brokers: [
                DescribeClusterResponse.Broker(
                    id: shared.brokerID, host: client.advertised.host, port: client.advertised.port)
            ])
        response.endpointType = request.endpointType
        switch request.endpointType {
        case 1: break
        case 2:
            refuse(.mismatchedEndpointType, "This is an endpoint of brokers, not of controllers.", &response)
        default:
            refuse(.unsupportedEndpointType, "Unsupported endpoint type \(request.endpointType)", &response)
        }
        if request.includeAuthorizedOperations, response.error == .none {
            response.authorizedOperations = authorizedOperations(of: client)
        }
        reply(response)
    }

    private func refuse(
        _ error: KafkaErrorCode, _ message: String, _ response: inout DescribeClusterResponse
    ) {
        response.error = error
        response.errorMessage = message
        response.clusterID = ""
        response.controllerID = -1
        response.brokers = []
    }

    /// None for a client that may not describe the cluster.
    private func authorizedOperations(of client: RequestContext) -> Int32 {
        guard shared.mayCluster(.describe, client.asker) else { return 0 }
        return shared.authorizer.allowedOperations(
            of: client, on: .cluster, named: OpenAuthorizer.clusterName)
    }
}
