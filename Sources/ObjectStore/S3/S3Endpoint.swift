import AWSSigning

/// Where the requests for a bucket go.
struct S3Endpoint: Sendable, Equatable {
    let scheme: String
    /// As the `Host` header has it: with the port where it is not the scheme's own.
    let host: String
    /// Comes before the key; ends in a slash.
    private let base: String

    /// - Throws: `.refused` for an endpoint that is no URL of a host, and for a bucket that no host can have.
    init(_ settings: S3Settings) throws(ObjectStoreError) {
        let bucket = settings.bucket
        guard Self.isBucketName(bucket) else {
            throw ObjectStoreError(
                .refused,
                "'\(bucket)' cannot be the name of a bucket: 3 to 63 lower-case letters, digits, - and .")
        }
        let address = settings.endpoint ?? Self.awsAddress(region: settings.region)
        guard let (scheme, authority, path) = Self.parts(of: address) else {
            throw ObjectStoreError(
                .refused,
                "'\(address)' is no endpoint: give its address like https://s3.eu-west-1.amazonaws.com or "
                    + "http://localhost:9000")
        }
        self.scheme = scheme
        // A certificate for *.host does not cover a bucket with dots, and no bucket is a subdomain of an address.
        let isNumeric = authority.utf8.allSatisfy { $0 <= UInt8(ascii: ":") } || authority.hasPrefix("[")
        if settings.pathStyle || isNumeric || (scheme == "https" && bucket.contains(".")) {
            host = authority
            base = "\(path)/\(bucket)/"
        } else {
            host = "\(bucket).\(authority)"
            base = "\(path)/"
        }
    }

    /// The path of an object, or of the bucket itself, as it is sent.
    func path(of key: ObjectKey?) -> String {
        guard let key else { return base }
        return base + URIText.encode(key.rawValue, keepingSlashes: true)
    }

    /// The whole address of a request.
    func url(of key: ObjectKey?, _ query: [QueryParameter]) -> String {
        let pairs = query.map { "\(URIText.encode($0.name))=\(URIText.encode($0.value))" }
        return "\(scheme)://\(host)\(path(of: key))"
            + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    private static func awsAddress(region: String) -> String {
        "https://s3.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
    }

    /// The scheme, the host with a port that is not its own, and the path without a slash at its end.
    static func parts(of address: String) -> (scheme: String, authority: String, path: String)? {
        guard let colon = address.firstIndex(of: ":"), address[colon...].hasPrefix("://") else { return nil }
        let scheme = address[..<colon].lowercased()
        let rest = address[colon...].dropFirst(3)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash].lowercased()
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        guard scheme == "http" || scheme == "https", isAuthority(authority),
            path.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
            )
        else { return nil }
        let ownPort = scheme == "http" ? ":80" : ":443"
        if authority.hasSuffix(ownPort) { authority.removeLast(ownPort.count) }
        return (scheme, authority, String(path))
    }

    private static func isAuthority(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        // An address of version 6 stands in brackets.
        let isBracketed = text.hasPrefix("[") && text.contains("]")
        guard isBracketed || parts.count <= 2, let first = parts.first, !first.isEmpty else { return false }
        if !isBracketed, parts.count == 2, UInt16(parts[1]) == nil { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._:[]".utf8.contains(byte)
            }
        }
    }

    /// Looser than AWS, which also knows capitals and underscores in old buckets: what stands in a path as it is.
    private static func isBucketName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
