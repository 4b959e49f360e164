/// Checks who signed a request, and that it is unchanged and in time.
package struct SignatureVerifier: Sendable {
    /// Whose request it is.
    package struct Signer: Hashable, Sendable {
        package var key: AccessKey
        package var scope: CredentialScope
        package var signed: SigningTime
        /// When a presigned link ends; nil for a request that was signed by its headers.
        package var expiry: SigningTime?
    }

    /// Most seconds that the signer's clock may differ from this one.
    package static let maxClockSkew: Int64 = 300
    /// Most seconds that a presigned link may be good for.
    package static let maxExpiry: Int64 = 604_800

    private let keys: AccessKeys
    private let service: String
    private let region: String?

    /// - Parameter region: nil for any.
    package init(keys: AccessKeys, service: String, region: String? = nil) {
        self.keys = keys
        self.service = service
        self.region = region
    }

    // MARK: The two forms

    /// Checks a request that carries an `Authorization` header.
    ///
    /// That the body has the hash which `payloadHash` names is the caller's to check.
    package func verifyHeaders(
        of request: SignableRequest, now: SigningTime
    ) throws(SignatureError) -> Signer {
        guard let authorization = request.header("authorization") else {
            throw SignatureError(.malformed, "the request has no Authorization header")
        }
        let parts = try Self.parts(ofAuthorization: authorization)
        guard let time = request.header("x-amz-date").flatMap({ SigningTime($0) }) else {
            throw SignatureError(.malformed, "the request has no X-Amz-Date like 20260102T030405Z")
        }
        let claim = Claim(
            credential: parts.credential, signedHeaders: parts.signedHeaders, signature: parts.signature,
            time: time, token: request.header("x-amz-security-token"))
        for name in request.headerNames where name.hasPrefix("x-amz-") {
            guard claim.headerNames.contains(name) else {
                throw SignatureError(.malformed, "the header \(name) is not signed")
            }
        }
        let (key, scope) = try check(claim, request)
        guard time.seconds - now.seconds <= Self.maxClockSkew else {
            throw SignatureError(.notYetValid, "signed at \(time), which is yet to come: it is \(now)")
        }
        guard now.seconds - time.seconds <= Self.maxClockSkew else {
            throw SignatureError(.expired, "signed at \(time), too long ago: it is \(now)")
        }
        return Signer(key: key, scope: scope, signed: time, expiry: nil)
    }

    /// Checks a request whose signature is among the parameters of its query.
    package func verifyPresigned(
        _ request: SignableRequest, now: SigningTime
    ) throws(SignatureError) -> Signer {
        var request = request
        let claim = try Self.claim(ofQuery: request.query)
        request.query.removeAll { $0.name == "X-Amz-Signature" }
        guard let expires = claim.expires, (1...Self.maxExpiry).contains(expires) else {
            throw SignatureError(
                .malformed, "X-Amz-Expires is no number of seconds from 1 to \(Self.maxExpiry)")
        }
        let (key, scope) = try check(claim, request)
        guard claim.time.seconds - now.seconds <= Self.maxClockSkew else {
            throw SignatureError(.notYetValid, "signed at \(claim.time), which is yet to come: it is \(now)")
        }
        let expiry = SigningTime(seconds: claim.time.seconds + expires)
        guard now < expiry else { throw SignatureError(.expired, "expired at \(expiry): it is \(now)") }
        return Signer(key: key, scope: scope, signed: claim.time, expiry: expiry)
    }

    // MARK: What both share

    /// What a request says of its signature.
    private struct Claim {
        var credential: String
        var signedHeaders: String
        var signature: String
        var time: SigningTime
        var token: String?
        var expires: Int64?

        var headerNames: [String] { signedHeaders.split(separator: ";").map(String.init) }
    }

    private func check(
        _ claim: Claim, _ request: SignableRequest
    ) throws(SignatureError) -> (AccessKey, CredentialScope) {
        let names = claim.headerNames
        guard names.contains("host"), names == Set(names).sorted() else {
            throw SignatureError(.malformed, "the signed headers must be in order, and host among them")
        }
        for name in names where request.header(name) == nil {
            throw SignatureError(.malformed, "the signed header \(name) is not there")
        }
        let parts = claim.credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[4] == CredentialScope.terminator else {
            throw SignatureError(.malformed, "the credential is not id/date/region/service/aws4_request")
        }
        let scope = CredentialScope(date: parts[1], region: parts[2], service: parts[3])
        guard scope.date == claim.time.date, scope.service == service, region ?? scope.region == scope.region
        else { throw SignatureError(.wrongScope, "signed for \(scope), not for \(service)") }
        guard let key = keys[parts[0]] else {
            throw SignatureError(.unknownAccessKey, "the access key \(parts[0].prefix(128)) is not known")
        }
        let expected = SigningKey.signature(
            secret: key.secret, scope: scope, time: claim.time,
            canonicalRequest: request.canonical(signing: names))
        guard SigningKey.equal(expected, claim.signature) else {
            throw SignatureError(.wrongSignature, "the signature does not match: is the secret right?")
        }
        guard SigningKey.equal(claim.token ?? "", key.sessionToken ?? "") else {
            throw SignatureError(.wrongSessionToken, "the session token is not that of the access key")
        }
        return (key, scope)
    }

    private static func claim(ofQuery query: [QueryParameter]) throws(SignatureError) -> Claim {
        var values: [String: String] = [:]
        for parameter in query where parameter.name.hasPrefix("X-Amz-") {
            guard values.updateValue(parameter.value, forKey: parameter.name) == nil else {
                throw SignatureError(.malformed, "\(parameter.name) is there twice")
            }
        }
        func value(_ name: String) throws(SignatureError) -> String {
            guard let value = values[name] else { throw SignatureError(.malformed, "\(name) is missing") }
            return value
        }
        guard try value("X-Amz-Algorithm") == SigningKey.algorithm else {
            throw SignatureError(.malformed, "X-Amz-Algorithm is not \(SigningKey.algorithm)")
        }
        guard let time = SigningTime(try value("X-Amz-Date")) else {
            throw SignatureError(.malformed, "X-Amz-Date is no time like 20260102T030405Z")
        }
        return Claim(
            credential: try value("X-Amz-Credential"), signedHeaders: try value("X-Amz-SignedHeaders"),
            signature: try value("X-Amz-Signature"), time: time, token: values["X-Amz-Security-Token"],
            expires: Int64(try value("X-Amz-Expires")))
    }

    private static func parts(
        ofAuthorization text: String
    ) throws(SignatureError) -> (credential: String, signedHeaders: String, signature: String) {
        guard text.hasPrefix(SigningKey.algorithm + " ") else {
            throw SignatureError(.malformed, "the Authorization header is not \(SigningKey.algorithm)")
        }
        var values: [String: String] = [:]
        for part in text.dropFirst(SigningKey.algorithm.count + 1).split(separator: ",") {
            let part = part.drop { $0 == " " }
            guard let equals = part.firstIndex(of: "="),
                values.updateValue(
                    String(part[part.index(after: equals)...]), forKey: String(part[..<equals])) == nil
            else { throw SignatureError(.malformed, "the Authorization header cannot be read") }
        }
        guard let credential = values["Credential"], let signedHeaders = values["SignedHeaders"],
            let signature = values["Signature"]
        else {
            throw SignatureError(.malformed, "Credential, SignedHeaders or Signature is missing")
        }
        return (credential, signedHeaders, signature)
    }
}
