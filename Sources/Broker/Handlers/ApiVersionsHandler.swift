// ApiVersions (key 18), versions 0-3.
// Unlike Apache Kafka: no tagged fields (features, finalized versions), which librdkafka before 2.2.0 misreads.

import KafkaWire

struct ApiVersionsHandler: RequestHandler {
    private let answer: ApiVersionsResponse

    /// - Parameter apis: what there are handlers for.
    init(apis: [APIKey]) {
        let told = Set(apis).union([.apiVersions]).sorted { $0.rawValue < $1.rawValue }
        answer = ApiVersionsResponse(
            error: .none, versions: told.map { (key: $0.rawValue, versions: $0.advertisedVersions) })
    }

    func handle(
        _ request: ApiVersionsRequest, _ context: RequestContext, _ reply: Reply<ApiVersionsResponse>
    ) {
        let names = [request.clientSoftwareName, request.clientSoftwareVersion].compactMap { $0 }
        guard names.allSatisfy(Self.isSoftwareName) else {
            return reply(ApiVersionsResponse(error: .invalidRequest, versions: []))
        }
        reply(answer)
    }

    /// Letters, digits, `-` and `.`, the latter two not at the ends.
    private static func isSoftwareName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
            && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// What a client that speaks a later version reads, in version 0, to try again with a common one.
    static var unsupportedVersion: ApiVersionsResponse {
        ApiVersionsResponse(
            error: .unsupportedVersion,
            versions: [(key: APIKey.apiVersions.rawValue, versions: APIKey.apiVersions.advertisedVersions)])
    }
}
