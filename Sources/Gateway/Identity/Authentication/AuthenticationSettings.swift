/// How a client proves who it is.
package enum AuthenticationMethod: String, Sendable, CaseIterable {
    /// The header `x-api-key`; keys of `pinline keys`.
    case apiKey = "api-key"
    /// User name and password; users of `pinline users`.
    case basic
    /// A JSON Web Token of one of the keys of a file.
    case bearer
    /// A certificate, shown when the connection was made.
    case certificate
    /// Signature Version 4, for the services kinesis and execute-api.
    case signature
}

/// Who may use the ingest port, and how it has to prove who it is.
package struct AuthenticationSettings: Sendable, Equatable {
    package enum Demand: String, Sendable, CaseIterable {
        /// Nobody is asked; what clients show is not looked at.
        case none
        /// Who shows nothing is anonymous; what is shown must be right.
        case optional
        /// Who shows nothing is refused.
        case required
    }

    /// `gateway.auth` (default: none): none, optional or required.
    package var demand = Demand.none
    /// `gateway.auth.methods` (list, default: all that are set up): api-key, basic, bearer, certificate, signature.
    package var methods: [AuthenticationMethod]?
    /// `gateway.auth.realm` (default: pinline): what a client is told that it logs in to.
    package var realm = "pinline"
    /// `gateway.auth.cache.ms` (milliseconds, default: 10000): how long a key, password or token that was right is not
    /// checked again; a key that is revoked works on for as long.
    package var cacheMilliseconds: Int64 = 10_000
    /// `gateway.auth.cache.entries` (default: 10000): how many are remembered; past it the oldest are forgotten.
    package var cacheEntries = 10_000
    /// `gateway.auth.failed.delay.ms` (milliseconds, default: 100): delay of the first wrong login.
    package var failedDelayMilliseconds: Int64 = 100
    /// `gateway.auth.max.pending` (default: 1000): logins that are being checked or held back; past it 503.
    package var maxPending = 1000

    /// `gateway.jwt.jwks.file` (file, default: none): JSON Web Key Set of those who sign tokens.
    package var keySetFile: String?
    /// `gateway.jwt.issuer` (default: none): what `iss` of a token must be.
    package var issuer: String?
    /// `gateway.jwt.audience` (default: none): what must be among `aud` of a token.
    package var audience: String?
    /// `gateway.jwt.principal.claim` (default: sub): which claim is the caller's name.
    package var principalClaim = "sub"
    /// `gateway.jwt.clock.skew.ms` (milliseconds, default: 60000): how far an issuer's clock may differ.
    package var clockSkewMilliseconds: Int64 = 60_000

    package init() {}

    /// What contradicts itself; nil if nothing.
    ///
    /// - Parameters:
    ///   - hasAccessKeys: `auth.credentials.file` is set.
    ///   - asksForCertificates: `ingest.ssl.client.auth` is not none.
    package func contradiction(hasAccessKeys: Bool, asksForCertificates: Bool) -> String? {
        guard let methods else { return nil }
        let name = "gateway.auth.methods"
        if demand == .none {
            return "\(name): nobody is asked while gateway.auth is none: set it to required or optional"
        }
        if methods.contains(.bearer), keySetFile == nil {
            return "\(name): bearer needs gateway.jwt.jwks.file, a JSON Web Key Set"
        }
        if methods.contains(.signature), !hasAccessKeys {
            return "\(name): signature needs auth.credentials.file, a CSV of access keys"
        }
        if methods.contains(.certificate), !asksForCertificates {
            return "\(name): certificate needs ingest.ssl.client.auth: requested or required"
        }
        return nil
    }

    /// The methods that can be used with what is set up.
    func usableMethods(hasAccessKeys: Bool, asksForCertificates: Bool) -> Set<AuthenticationMethod> {
        if let methods { return Set(methods) }
        var all: Set<AuthenticationMethod> = [.apiKey, .basic]
        if keySetFile != nil { all.insert(.bearer) }
        if hasAccessKeys { all.insert(.signature) }
        if asksForCertificates { all.insert(.certificate) }
        return all
    }
}
