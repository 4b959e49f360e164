import Kinesis
import NIOCore

/// Takes a request of Kinesis's interface apart, and answers what the service says.
struct KinesisHandler: GatewayHandler {
    let service: KinesisService
    let authentication: KinesisAuthentication?
    let identifiers: RequestIdentifiers

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        let codec = Self.codec(request.head.contentType)
        let identifier = identifiers.next()
        let origin = request.header("origin")
        do throws(KinesisError) {
            let region = try region(of: request)
            guard let action = request.header("x-amz-target").flatMap({ KinesisAction(target: $0) }) else {
                throw KinesisError(.unknownOperation)
            }
            var kinesisRequest = KinesisRequest(
                action: action, codec: codec, body: request.body, region: region)
            let caller = request.caller
            if caller.access != nil { kinesisRequest.allows = { caller.allows($0, on: $1) } }
            service.perform(kinesisRequest) { answer in
                Self.answer(answer, codec, identifier, origin, exchange)
            }
        } catch {
            exchange.answer(KinesisResponse.failure(error, codec, identifier, origin: origin))
        }
    }

    private static func codec(_ contentType: String?) -> KinesisCodec {
        contentType?.lowercased().hasPrefix(KinesisCodec.cbor.contentType) == true ? .cbor : .json
    }

    /// The region that the request was signed for, checked where it must be.
    private func region(of request: GatewayRequest) throws(KinesisError) -> String {
        if let authentication { return try authentication.region(of: request) }
        let usual = service.settings.region
        return SignedRegion.region(of: request, default: usual) ?? usual
    }

    private static func answer(
        _ answer: KinesisAnswer, _ codec: KinesisCodec, _ identifier: RequestIdentifiers.Identifier,
        _ origin: String?, _ exchange: Exchange
    ) {
        switch answer {
        case .done(let body):
            exchange.answer(KinesisResponse.success(body, codec, identifier, origin: origin))
        case .failed(let error):
            exchange.answer(KinesisResponse.failure(error, codec, identifier, origin: origin))
        case .subscription(let subscription):
            exchange.whenClosed { subscription.cancel() }
            exchange.begin(
                status: 200, contentType: "application/vnd.amazon.eventstream",
                headers: KinesisResponse.headers(identifier, origin: origin))
            subscription.start(ExchangeSink(exchange: exchange))
        }
    }
}

/// A subscription's messages as parts of an answer.
private struct ExchangeSink: SubscriptionSink {
    let exchange: Exchange

    var isCongested: Bool { exchange.isCongested }
    func send(_ bytes: ByteBuffer) { exchange.write(bytes) }
    func end() { exchange.end() }
}

/// `OPTIONS /`: what a page in a browser may send.
struct KinesisPreflight: GatewayHandler {
    let identifiers: RequestIdentifiers

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        let origin = request.header("origin")
        var headers = KinesisResponse.headers(identifiers.next(), origin: origin)
        if origin != nil {
            if let asked = request.header("access-control-request-headers") {
                headers.append(("Access-Control-Allow-Headers", asked))
            }
            if let asked = request.header("access-control-request-method") {
                headers.append(("Access-Control-Allow-Methods", asked))
            }
            headers.append(("Access-Control-Max-Age", "172800"))
        }
        exchange.answer(GatewayResponse(status: 200, headers: headers))
    }
}

/// Signed requests other than `POST /`.
struct KinesisDenial: GatewayHandler {
    let identifiers: RequestIdentifiers

    func handle(_ request: GatewayRequest, _ exchange: Exchange) {
        let body = """
            <AccessDeniedException>
              <Message>Unable to determine service/operation name to be authorized</Message>
            </AccessDeniedException>

            """
        let headers = KinesisResponse.headers(identifiers.next(), origin: request.header("origin"))
        exchange.answer(
            GatewayResponse(
                status: 403, contentType: "application/xml", headers: headers, body: ByteBuffer(string: body))
        )
    }
}
