import NIOCore

/// `GET /openapi.json`: what the ingest port serves, as one document or, with `?api=<name>`, that of one dialect.
struct OpenAPIDialect: Dialect {
    let anchors: Set<String> = ["openapi.json"]
    private let served: Endpoint

    init(_ descriptions: [APIDescription]) {
        served = Endpoint(
            "/openapi.json",
            [
                .get: ClosureHandler { request, exchange in
                    exchange.answer(Self.answer(request, descriptions))
                }
            ])
    }

    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint? {
        path.count == 1 ? served : nil
    }

    private static func answer(
        _ request: GatewayRequest, _ descriptions: [APIDescription]
    ) -> GatewayResponse {
        let wanted = request.query["api"]
        let chosen = descriptions.filter { wanted == nil || $0.name == wanted }
        guard !chosen.isEmpty else {
            let names = descriptions.map(\.name).joined(separator: ", ")
            return RESTProxyError(.notFound, "No such API: api is one of \(names)").response()
        }
        let document = OpenAPIDocument(descriptions: chosen, baseURL: request.baseURL)
        return GatewayResponse(
            status: 200, contentType: "application/json", body: ByteBuffer(bytes: document.bytes))
    }

    func response(to fault: GatewayFault) -> GatewayResponse {
        RESTProxyError(fault).response(headers: fault.responseHeaders)
    }
}
