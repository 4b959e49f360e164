import Foundation

/// What a request shows of who sends it.
enum Credential: Sendable, Hashable {
    case apiKey(String)
    case basic(user: String, password: String)
    case bearer(String)
    /// Signature Version 4, in the header or in the query; nothing of it can be used for another request.
    case signature
    /// Shown when the connection was made.
    case certificate(name: String)
    /// An `Authorization` that is none of these, or cannot be read.
    case unreadable

    /// What a request shows first: a header before the connection's certificate.
    ///
    /// - Parameter methods: what is looked at.
    static func shown(
        by head: HTTPRequestHead, certificate: String?, methods: Set<AuthenticationMethod>
    ) -> Credential? {
        let shown = head.fields["authorization"].map { authorization($0, methods) }
        if let shown, shown != .unreadable { return shown }
        if methods.contains(.apiKey), let key = head.fields["x-api-key"] { return .apiKey(key) }
        if let shown { return shown }
        if methods.contains(.signature), isPresigned(head.target) { return .signature }
        if methods.contains(.certificate), let certificate { return .certificate(name: certificate) }
        return nil
    }

    private static func authorization(_ text: String, _ methods: Set<AuthenticationMethod>) -> Credential {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return .unreadable }
        let value = String(parts[1].drop { $0 == " " })
        switch parts[0].lowercased() {
        case "basic" where methods.contains(.basic): return basic(value) ?? .unreadable
        case "bearer" where methods.contains(.bearer): return .bearer(value)
        case "aws4-hmac-sha256" where methods.contains(.signature): return .signature
        default: return .unreadable
        }
    }

    /// Nil unless the text is base64 of `user:password`.
    private static func basic(_ text: String) -> Credential? {
        guard let bytes = Data(base64Encoded: text), let pair = String(validating: bytes, as: UTF8.self),
            let colon = pair.firstIndex(of: ":"), colon > pair.startIndex
        else { return nil }
        return .basic(user: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]))
    }

    private static func isPresigned(_ target: String) -> Bool {
        guard let mark = target.firstIndex(of: "?") else { return false }
        return target[mark...].contains("X-Amz-Signature=")
    }

    /// Whom the client claims to be, for delays after wrong logins; empty where it claims nothing.
    var claimedName: String {
        switch self {
        case .basic(let user, _): user
        case .certificate(let name): name
        case .apiKey, .bearer, .signature, .unreadable: ""
        }
    }
}
