import AWSSigning
import Foundation

/// A login by OAUTHBEARER (RFC 7628), with the token of Amazon MSK: base64url of a presigned link.
///
/// As in Apache Kafka a wrong token is answered with a JSON text; the login fails when the client has said that it
/// has read it.
struct OAuthBearerExchange: SASLExchange {
    private let signature: ConnectSignature
    private var refused: SASLFailure?

    init(signature: ConnectSignature) {
        self.signature = signature
    }

    mutating func evaluate(_ message: [UInt8], at now: Int64) -> SASLStep {
        if let refused { return .failure(refused) }
        guard let (token, acting) = Self.token(of: message) else {
            return .failure(.invalidCredentials(.oauthBearer, "the message is not understood"))
        }
        let link = Self.link(of: token)
        do throws(SignatureError) {
            guard let link else { throw SignatureError(.malformed, "the token is not one of Amazon MSK") }
            let (identity, region) = try signature.identity(host: link.host, query: link.query, at: now)
            guard region == link.region else {
                throw SignatureError(.wrongScope, "signed for \(region), but for the host \(link.host)")
            }
            guard acting.isEmpty || acting == identity.principal.name else {
                throw SignatureError(.malformed, "the client asks to act for another user")
            }
            return .success([], identity)
        } catch {
            refused = .invalidCredentials(
                .oauthBearer, error.message,
                claimedName: link.flatMap { ConnectSignature.claimedKey($0.query) })
            return .challenge(Array(#"{"status":"invalid_token"}"#.utf8))
        }
    }

    /// The token of `n,[a=who],^Aauth=Bearer token^A[key=value^A…]^A`, and whom the client wants to act for.
    private static func token(of message: [UInt8]) -> (token: String, acting: String)? {
        guard let text = String(validating: message, as: UTF8.self) else { return nil }
        let fields = text.split(separator: "\u{1}", omittingEmptySubsequences: false)
        guard fields.count >= 4, fields.suffix(2).allSatisfy(\.isEmpty) else { return nil }
        let header = fields[0].split(separator: ",", omittingEmptySubsequences: false)
        guard header.count == 3, header[0] == "n" || header[0] == "y", header[2].isEmpty,
            header[1].isEmpty || header[1].hasPrefix("a=")
        else { return nil }
        let tokens = fields.dropFirst().filter { $0.hasPrefix("auth=") }
        guard tokens.count == 1, let value = tokens.first?.dropFirst(5),
            value.lowercased().hasPrefix("bearer ")
        else { return nil }
        return (String(value.dropFirst(7)), String(header[1].dropFirst(2)))
    }

    private static func link(of token: String) -> (host: String, region: String, query: [QueryParameter])? {
        var text = token.map { $0 == "-" ? "+" : $0 == "_" ? "/" : String($0) }.joined()
        while text.hasSuffix("=") { text.removeLast() }
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        let scheme = "https://"
        guard let bytes = Data(base64Encoded: text), let link = String(validating: bytes, as: UTF8.self),
            link.hasPrefix(scheme), let mark = link.firstIndex(of: "?")
        else { return nil }
        var host = link[..<mark].dropFirst(scheme.count)
        if host.hasSuffix("/") { host = host.dropLast() }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count == 4 || (labels.count == 5 && labels[4] == "cn"), labels[0] == "kafka",
            !labels[1].isEmpty, labels[2] == "amazonaws", labels[3] == "com",
            var query = URIText.parameters(link[link.index(after: mark)...])
        else { return nil }
        // Added once the link was signed.
        query.removeAll { $0.name == "User-Agent" }
        return (String(host), String(labels[1]), query)
    }
}
