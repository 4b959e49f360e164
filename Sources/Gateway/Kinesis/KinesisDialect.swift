import Kinesis
import NIOCore

/// Kinesis's own interface: `POST /` with `X-Amz-Target`.
///
/// Like Kinesis it answers other methods with 403 and XML, but only where they are signed: `GET /` without a signature
/// is REST Proxy's.
struct KinesisDialect: Dialect {
    let anchors: Set<String> = []
    private let endpoint: Endpoint
    private let denying: Endpoint
    private let identifiers: RequestIdentifiers

    init(_ service: KinesisService, authentication: KinesisAuthentication?) {
        identifiers = RequestIdentifiers()
        let handler = KinesisHandler(
            service: service, authentication: authentication, identifiers: identifiers)
        let denial = KinesisDenial(identifiers: identifiers)
        let preflight = KinesisPreflight(identifiers: identifiers)
        endpoint = Endpoint("/", [.post: handler, .options: preflight])
        var handlers: [HTTPMethod: any GatewayHandler] = [:]
        for method in HTTPMethod.allCases { handlers[method] = denial }
        denying = Endpoint("/", handlers)
    }

    func endpoint(_ path: ArraySlice<String>, _ query: QueryItems) -> Endpoint? { nil }

    func root(_ head: HTTPRequestHead) -> Endpoint? {
        switch head.method {
        case .post, .options: endpoint
        default: Self.isSigned(head) ? denying : nil
        }
    }

    private static func isSigned(_ head: HTTPRequestHead) -> Bool {
        head.target.contains("X-Amz-Signature=")
            || head.fields["authorization"]?.hasPrefix(SignedRegion.algorithmPrefix) == true
    }

    func response(to fault: GatewayFault) -> GatewayResponse {
        let error =
            switch fault.kind {
            case .unauthenticated: KinesisError(.missingAuthenticationToken, fault.message)
            case .forbidden: KinesisError(.accessDenied, fault.message)
            case .tooManyRequests: KinesisError(.limitExceeded, fault.message)
            case .malformed(413): KinesisError(.requestTooLarge, fault.message)
            case .malformed, .notFound, .methodNotAllowed: KinesisError(.unknownOperation, fault.message)
            case .unavailable, .internalError: KinesisError(.internalFailure, fault.message)
            }
        var response = KinesisResponse.failure(error, .json, identifiers.next(), origin: nil)
        if case .malformed(let status) = fault.kind { response.status = status }
        if case .unavailable = fault.kind { response.status = 503 }
        response.headers += fault.responseHeaders
        return response
    }
}
