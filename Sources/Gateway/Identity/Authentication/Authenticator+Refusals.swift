import AWSSigning

/// What a client is told that is not let in.
extension Authenticator {
    enum Refusal {
        case missing
        case unknown
        case wrong(Credential)
        case signature(SignatureError.Code)
    }

    /// How to log in, in words.
    var advice: String {
        let ways = AuthenticationMethod.allCases.filter { methods.contains($0) }.map { method in
            switch method {
            case .apiKey: "an x-api-key header"
            case .basic: "user name and password (Basic)"
            case .bearer: "a bearer token"
            case .certificate: "a client's certificate"
            case .signature: "an AWS signature"
            }
        }
        return "send " + ways.joined(separator: ", or ")
    }

    func fault(_ message: String, _ refusal: Refusal) -> GatewayFault {
        var headers = ["WWW-Authenticate": challenges(refusal)]
        if methods.contains(.signature), let type = errorType(refusal) { headers["x-amzn-ErrorType"] = type }
        return GatewayFault(.unauthenticated, message, headers: headers)
    }

    private func challenges(_ refusal: Refusal) -> String {
        let realm = "realm=\"\(settings.realm.filter { $0 != "\"" && $0 != "\\" })\""
        let all: [String] = AuthenticationMethod.allCases.compactMap { method in
            guard methods.contains(method) else { return nil }
            switch method {
            case .apiKey: return "ApiKey \(realm)"
            case .basic: return "Basic \(realm), charset=\"UTF-8\""
            case .bearer:
                if case .wrong(.bearer) = refusal { return "Bearer \(realm), error=\"invalid_token\"" }
                return "Bearer \(realm)"
            case .signature: return "AWS4-HMAC-SHA256"
            case .certificate: return nil
            }
        }
        return all.isEmpty ? "Certificate \(realm)" : all.joined(separator: ", ")
    }

    /// The name that AWS gives the error.
    private func errorType(_ refusal: Refusal) -> String? {
        switch refusal {
        case .missing: return "MissingAuthenticationTokenException"
        case .unknown: return "IncompleteSignatureException"
        case .wrong: return nil
        case .signature(let code):
            switch code {
            case .malformed: return "IncompleteSignatureException"
            case .unknownAccessKey, .wrongSessionToken: return "UnrecognizedClientException"
            case .wrongScope, .wrongSignature, .notYetValid, .expired: return "InvalidSignatureException"
            }
        }
    }
}
