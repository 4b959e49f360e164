import AWSSigning
import Foundation

/// The token by which a client of Amazon MSK logs in over OAUTHBEARER: a link to `kafka-cluster:Connect`, signed.
///
/// Source: aws-msk-iam-sasl-signer, "How to use".
struct MSKIAMToken: Equatable {
    /// How long a token is good for; what Amazon's own libraries ask for.
    static let lifetimeSeconds = 900

    let text: String
    /// When it ends, in milliseconds since 1970.
    let expiry: Int64

    init(key: AccessKey, region: String, at time: SigningTime) {
        let host = "kafka.\(region).amazonaws.com"
        let request = SignableRequest(
            method: "GET", query: [QueryParameter("Action", "kafka-cluster:Connect")],
            headers: [(name: "host", value: host)])
        let signed = RequestSigner(key: key, region: region, service: "kafka-cluster")
            .presign(request, at: time, expires: Self.lifetimeSeconds)
        var query = signed.query.map { "\(URIText.encode($0.name))=\(URIText.encode($0.value))" }
        // Not signed: for the server's records.
        query.append("User-Agent=pinline")
        let link = "https://\(host)/?\(query.joined(separator: "&"))"
        text = Data(link.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        expiry = (time.seconds + Int64(Self.lifetimeSeconds)) * 1000
    }
}
