/// The parts of an HTTP request that a signature covers.
package struct SignableRequest: Sendable, Equatable {
    /// How a service makes a path canonical.
    package enum PathForm: Sendable {
        /// Dot segments and repeated slashes go, and what is left is encoded: all services but S3.
        case normalized
        /// The path as it is sent: S3, where names may hold `..` and `//`.
        case verbatim
    }

    package var method: String
    /// As it is sent, percent-encoded.
    package var path: String
    package var query: [QueryParameter]
    /// All headers, or at least those that are signed; a name may come more than once.
    package var headers: [(name: String, value: String)]
    /// The SHA-256 of the body in lower-case hexadecimal, or what stands for it.
    package var payloadHash: String
    package var pathForm: PathForm

    /// The hash of no body.
    package static let emptyPayloadHash = SigningKey.sha256("")
    /// What S3 takes for the hash of a body that is not signed.
    package static let unsignedPayload = "UNSIGNED-PAYLOAD"

    package init(
        method: String, path: String = "/", query: [QueryParameter] = [],
        headers: [(name: String, value: String)], payloadHash: String = Self.emptyPayloadHash,
        pathForm: PathForm = .normalized
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payloadHash = payloadHash
        self.pathForm = pathForm
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.canonical(signing: left.headerNames) == right.canonical(signing: right.headerNames)
    }

    /// The names of all headers, in lower case and order.
    package var headerNames: [String] { Set(headers.map { $0.name.lowercased() }).sorted() }

    /// The values of a header, joined as a signature joins them; nil if there is none.
    package func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }.map { Self.trimmed($0.value) }
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    /// The canonical request.
    ///
    /// - Parameter names: of the headers that are signed, in lower case and order.
    package func canonical(signing names: [String]) -> String {
        let headers = names.map { "\($0):\(header($0) ?? "")\n" }.joined()
        return [
            method, canonicalPath, canonicalQuery, headers, names.joined(separator: ";"), payloadHash,
        ].joined(separator: "\n")
    }

    private var canonicalQuery: String {
        query.map { (URIText.encode($0.name), URIText.encode($0.value)) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    private var canonicalPath: String {
        guard pathForm == .normalized else { return path.isEmpty ? "/" : path }
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        guard !segments.isEmpty else { return "/" }
        let endsInSlash = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
        return "/" + segments.map { URIText.encode($0) }.joined(separator: "/") + (endsInSlash ? "/" : "")
    }

    /// Without blanks at the ends, and with one for each run of them.
    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" }.joined(separator: " ")
    }
}
