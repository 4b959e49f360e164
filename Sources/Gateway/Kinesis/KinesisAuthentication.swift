package import AWSSigning
import Kinesis
import NIOCore
package import StreamModel

/// Checks the signatures of Kinesis's interface (Signature Version 4, in headers or in the query).
package struct KinesisAuthentication: Sendable {
    private let verifier: SignatureVerifier
    private let clock: WallClock

    package init(keys: AccessKeys, clock: WallClock = .system) {
        verifier = SignatureVerifier(keys: keys, service: "kinesis")
        self.clock = clock
    }

    /// The region that the request was signed for.
    ///
    /// - Throws: what Kinesis answers a request that is not signed, or not as it should be.
    func region(of request: GatewayRequest) throws(KinesisError) -> String {
        let hasHeader = request.header("authorization") != nil
        let hasQuery = request.query["X-Amz-Algorithm"] != nil
        guard hasHeader || hasQuery else {
            throw KinesisError(.missingAuthenticationToken, "Missing Authentication Token")
        }
        guard !(hasHeader && hasQuery) else {
            throw KinesisError(
                .invalidSignature,
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
        }
        do throws(SignatureError) {
            let signable = try Self.signable(request)
            let now = SigningTime(milliseconds: clock.milliseconds)
            let signer =
                hasHeader
                ? try verifier.verifyHeaders(of: signable, now: now)
                : try verifier.verifyPresigned(signable, now: now)
            return signer.scope.region
        } catch {
            throw Self.translated(error)
        }
    }

    private static func signable(_ request: GatewayRequest) throws(SignatureError) -> SignableRequest {
        let target = request.head.target
        let mark = target.firstIndex(of: "?")
        guard let query = URIText.parameters(mark.map { target[target.index(after: $0)...] } ?? "") else {
            throw SignatureError(.malformed, "the query cannot be decoded")
        }
        return SignableRequest(
            method: request.head.method.rawValue, path: String(mark.map { target[..<$0] } ?? target[...]),
            query: query, headers: request.head.fields.all, payloadHash: hash(of: request.body))
    }

    private static func hash(of body: ByteBuffer) -> String {
        SigningKey.sha256(Array(body.readableBytesView))
    }

    private static func translated(_ error: SignatureError) -> KinesisError {
        switch error.code {
        case .malformed: KinesisError(.incompleteSignature, error.message)
        case .unknownAccessKey, .wrongSessionToken:
            KinesisError(.unrecognizedClient, "The security token included in the request is invalid.")
        case .wrongScope, .notYetValid, .expired: KinesisError(.invalidSignature, error.message)
        case .wrongSignature:
            KinesisError(
                .invalidSignature,
                "The request signature we calculated does not match the signature you provided. Check your AWS "
                    + "Secret Access Key and signing method. Consult the service documentation for details.")
        }
    }
}

/// The region that a request says it was signed for; nothing is checked.
enum SignedRegion {
    static let algorithmPrefix = "AWS4-HMAC-SHA256"

    /// Nil for a request that is not signed, or not for a region.
    static func region(of request: GatewayRequest, default usual: String) -> String? {
        let credential =
            request.query["X-Amz-Credential"].map { Array($0.utf8) }
            ?? request.header("authorization").flatMap(credential)
        // The id of a key may hold slashes, the rest does not.
        guard let parts = credential?.split(separator: UInt8(ascii: "/")), parts.count >= 5 else {
            return nil
        }
        let region = String(decoding: parts[parts.count - 3], as: UTF8.self)
        return region == usual || StreamAddress.isRegion(region) ? region : nil
    }

    private static let field = Array("Credential=".utf8)

    private static func credential(_ authorization: String) -> [UInt8]? {
        let bytes = Array(authorization.utf8)
        guard bytes.starts(with: algorithmPrefix.utf8) else { return nil }
        var start = algorithmPrefix.utf8.count
        while start + field.count <= bytes.count, !bytes[start...].starts(with: field) { start += 1 }
        let text = bytes.dropFirst(start + field.count)
        return Array(text.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: " ") })
    }
}
