import AWSSigning
import NIOCore

/// Checks requests that carry Signature Version 4, as AWS clients sign for Kinesis or for API Gateway.
struct SignatureCheck: Sendable {
    /// The services for which a request may be signed.
    static let services = ["kinesis", "execute-api"]

    private let verifiers: [String: SignatureVerifier]

    init(keys: AccessKeys) {
        verifiers = Dictionary(
            uniqueKeysWithValues: Self.services.map { ($0, SignatureVerifier(keys: keys, service: $0)) })
    }

    /// Whose request it is.
    ///
    /// - Parameter now: milliseconds since 1970.
    func signer(of head: HTTPRequestHead, _ body: ByteBuffer, at now: Int64) -> Result<String, SignatureError>
    {
        do throws(SignatureError) {
            return .success(try verified(head, body, SigningTime(milliseconds: now)).key.userName)
        } catch {
            return .failure(error)
        }
    }

    private func verified(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ now: SigningTime
    ) throws(SignatureError) -> SignatureVerifier.Signer {
        let target = head.target
        let mark = target.firstIndex(of: "?")
        guard let query = URIText.parameters(mark.map { target[target.index(after: $0)...] } ?? "") else {
            throw SignatureError(.malformed, "the query of the request cannot be decoded")
        }
        let hash = SigningKey.sha256(Array(body.readableBytesView))
        let request = SignableRequest(
            method: head.method.rawValue, path: String(target[..<(mark ?? target.endIndex)]), query: query,
            headers: head.fields.all, payloadHash: hash)
        if let claimed = request.header("x-amz-content-sha256"), claimed != hash {
            throw SignatureError(.wrongSignature, "x-amz-content-sha256 is not the hash of the body")
        }
        if let text = request.header("authorization"), text.hasPrefix(SigningKey.algorithm) {
            return try verifier(named: text).verifyHeaders(of: request, now: now)
        }
        let credential = query.first { $0.name == "X-Amz-Credential" }?.value ?? ""
        return try verifier(named: credential).verifyPresigned(request, now: now)
    }

    /// The verifier of the service that a credential names; the first one's says what is wrong with another.
    private func verifier(named text: String) throws(SignatureError) -> SignatureVerifier {
        let service = Self.services.first { text.contains("/\($0)/aws4_request") } ?? Self.services[0]
        guard let verifier = verifiers[service] else {
            throw SignatureError(.wrongScope, "signed for another service than \(service)")
        }
        return verifier
    }
}
