import AWSSigning

/// Checks the signed request by which AWS clients log in: a presigned GET of `kafka-cluster:Connect`.
struct ConnectSignature: Sendable {
    static let action = "kafka-cluster:Connect"
    static let service = "kafka-cluster"
    /// Most seconds that a login may be good for; what AWS's own libraries ask for.
    static let maxExpiry: Int64 = 900

    private let verifier: SignatureVerifier

    init(keys: AccessKeys) {
        verifier = SignatureVerifier(keys: keys, service: Self.service)
    }

    /// - Parameters:
    ///   - host: as it was signed.
    ///   - query: with the action and all `X-Amz-` parameters, and nothing else that is not signed.
    ///   - now: milliseconds since 1970.
    func identity(
        host: String, query: [QueryParameter], at now: Int64
    ) throws(SignatureError) -> (identity: SASLIdentity, region: String) {
        guard query.filter({ $0.name == "Action" }).map(\.value) == [Self.action] else {
            throw SignatureError(.malformed, "the action is not \(Self.action)")
        }
        let request = SignableRequest(method: "GET", query: query, headers: [("host", host)])
        let signer = try verifier.verifyPresigned(request, now: SigningTime(milliseconds: now))
        guard let expiry = signer.expiry, expiry.seconds - signer.signed.seconds <= Self.maxExpiry else {
            throw SignatureError(.malformed, "X-Amz-Expires is more than \(Self.maxExpiry)")
        }
        let identity = SASLIdentity(
            principal: Principal(name: signer.key.userName), expiry: expiry.seconds * 1000)
        return (identity, signer.scope.region)
    }

    /// The access key's id that a query names, whether it is known or not: who is slowed after a failure.
    static func claimedKey(_ query: [QueryParameter]) -> String? {
        query.first { $0.name == "X-Amz-Credential" }?.value.split(separator: "/").first.map(String.init)
    }
}
