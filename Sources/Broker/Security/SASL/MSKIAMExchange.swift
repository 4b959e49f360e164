import AWSSigning
import Foundation
import TransportSecurity

/// A login by AWS_MSK_IAM, the mechanism of the Java library aws-msk-iam-auth: a presigned link, told as JSON.
///
/// Source: aws-msk-iam-auth, "Details", payload version 2020_10_22.
struct MSKIAMExchange: SASLExchange {
    static let version = "2020_10_22"

    private let signature: ConnectSignature
    private let random: RandomBytes

    init(signature: ConnectSignature, random: RandomBytes) {
        self.signature = signature
        self.random = random
    }

    mutating func evaluate(_ message: [UInt8], at now: Int64) -> SASLStep {
        guard let payload = try? JSONDecoder().decode([String: String].self, from: Data(message)),
            payload["version"] == Self.version, let host = payload["host"], !host.isEmpty
        else { return failure("the payload is no JSON object of version \(Self.version)", nil) }
        let query = Self.query(payload)
        do throws(SignatureError) {
            let (identity, _) = try signature.identity(host: host, query: query, at: now)
            let answer = #"{"version":"\#(Self.version)","request-id":"\#(requestID())"}"#
            return .success(Array(answer.utf8), identity)
        } catch {
            return failure(error.message, ConnectSignature.claimedKey(query))
        }
    }

    /// The link's parameters, as they were signed: their names are written small in the payload.
    private static func query(_ payload: [String: String]) -> [QueryParameter] {
        let names = [
            "Action", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
            "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
        ]
        return names.compactMap { name in
            payload[name.lowercased()].map { QueryParameter(name, $0) }
        }
    }

    private func requestID() -> String {
        let digits = random.bytes(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var rest = digits[...]
        return [8, 4, 4, 4, 12].map { count in
            defer { rest = rest.dropFirst(count) }
            return String(rest.prefix(count))
        }.joined(separator: "-")
    }

    private func failure(_ reason: String, _ name: String?) -> SASLStep {
        .failure(.invalidCredentials(.mskIAM, reason, claimedName: name))
    }
}
