/// Signs requests with an access key, for one region and service.
package struct RequestSigner: Sendable {
    package var key: AccessKey
    package var region: String
    package var service: String

    package init(key: AccessKey, region: String, service: String) {
        self.key = key
        self.region = region
        self.service = service
    }

    /// Adds `X-Amz-Date`, `X-Amz-Security-Token` where the key has one, and `Authorization`; all headers are signed.
    ///
    /// - Parameter request: with its `Host`, and whatever else is to be signed.
    package func sign(_ request: SignableRequest, at time: SigningTime) -> SignableRequest {
        var signed = request
        signed.headers.append(("X-Amz-Date", time.description))
        if let token = key.sessionToken { signed.headers.append(("X-Amz-Security-Token", token)) }
        let names = signed.headerNames
        let scope = scope(at: time)
        let signature = SigningKey.signature(
            secret: key.secret, scope: scope, time: time, canonicalRequest: signed.canonical(signing: names))
        let credential = "\(key.id)/\(scope)"
        signed.headers.append(
            (
                "Authorization",
                "\(SigningKey.algorithm) Credential=\(credential), SignedHeaders=\(names.joined(separator: ";")), "
                    + "Signature=\(signature)"
            ))
        return signed
    }

    /// Adds the query parameters that make a link good for so many seconds; all headers are signed.
    package func presign(
        _ request: SignableRequest, at time: SigningTime, expires seconds: Int
    ) -> SignableRequest {
        var signed = request
        let names = signed.headerNames
        let scope = scope(at: time)
        signed.query += [
            QueryParameter("X-Amz-Algorithm", SigningKey.algorithm),
            QueryParameter("X-Amz-Credential", "\(key.id)/\(scope)"),
            QueryParameter("X-Amz-Date", time.description),
            QueryParameter("X-Amz-Expires", String(seconds)),
            QueryParameter("X-Amz-SignedHeaders", names.joined(separator: ";")),
        ]
        if let token = key.sessionToken { signed.query.append(QueryParameter("X-Amz-Security-Token", token)) }
        let signature = SigningKey.signature(
            secret: key.secret, scope: scope, time: time, canonicalRequest: signed.canonical(signing: names))
        signed.query.append(QueryParameter("X-Amz-Signature", signature))
        return signed
    }

    private func scope(at time: SigningTime) -> CredentialScope {
        CredentialScope(date: time.date, region: region, service: service)
    }
}
