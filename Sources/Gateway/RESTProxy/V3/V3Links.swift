import JSONText
import NIOCore

/// Makes the addresses and names in answers.
struct V3Links: Sendable {
    private let base: String
    let clusterID: String

    init(_ request: GatewayRequest, clusterID: String) {
        base = request.baseURL + "/v3/clusters"
        self.clusterID = clusterID
    }

    /// Of all clusters.
    var clusters: String { base }

    /// Of something in the cluster; the cluster itself without parts.
    func url(_ parts: String...) -> String {
        ([base, Self.escaped(clusterID)] + parts.map(Self.escaped)).joined(separator: "/")
    }

    /// An address with a query.
    func url(_ part: String, query: [(name: String, value: String)]) -> String {
        url(part) + "?"
            + query.map { "\($0.name)=\(Self.escaped($0.value, plain: Self.queryPlain, space: "+"))" }
            .joined(separator: "&")
    }

    /// A resource name; an empty id leaves the kind alone.
    func name(_ parts: (kind: String, id: String)...) -> String {
        (["crn://", "kafka=\(clusterID)"] + parts.map { $0.id.isEmpty ? $0.kind : "\($0.kind)=\($0.id)" })
            .joined(separator: "/")
    }

    /// What stands in a path as it is (RFC 3986, `pchar`).
    private static let pathPlain = Set("-._~!$'()*,;&=@:+".utf8)
    private static let queryPlain = Set("-._*".utf8)

    private static func escaped(_ text: String) -> String { escaped(text, plain: pathPlain, space: "%20") }

    private static func escaped(_ text: String, plain: Set<UInt8>, space: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): result += space
            default:
                if plain.contains(byte) {
                    result.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
                }
            }
        }
        return result
    }
}

extension JSONWriter {
    /// A resource: its kind, its address and name, then its members.
    mutating func resource(
        _ kind: String, at url: String, named name: String?, _ members: (inout JSONWriter) throws -> Void
    ) rethrows {
        try object { writer in
            writer.member("kind", kind)
            writer.member(
                "metadata",
                object: {
                    $0.member("self", url)
                    $0.member("resource_name", orNull: name)
                })
            try members(&writer)
        }
    }

    /// A link to something related.
    mutating func link(_ name: String, _ url: String) {
        member(name, object: { $0.member("related", url) })
    }
}

extension GatewayResponse {
    static let noContent = GatewayResponse(status: 204)

    /// An answer with a JSON body.
    static func v3(
        _ status: Int = 200, headers: [(name: String, value: String)] = [],
        _ body: (inout JSONWriter) throws -> Void
    ) rethrows -> GatewayResponse {
        GatewayResponse(
            status: status, contentType: V3Dialect.mediaType, headers: headers,
            body: ByteBuffer(bytes: try JSONWriter.bytes(body)))
    }

    /// A list of resources.
    static func v3List<Element>(
        _ kind: String, at url: String, _ elements: [Element],
        _ body: (Element, inout JSONWriter) throws -> Void
    ) rethrows -> GatewayResponse {
        try v3 { writer in
            try writer.object { writer in
                writer.member("kind", kind)
                writer.member(
                    "metadata",
                    object: {
                        $0.member("self", url)
                        $0.member("next", orNull: nil)
                    })
                try writer.member("data", array: { for element in elements { try body(element, &$0) } })
            }
        }
    }
}
