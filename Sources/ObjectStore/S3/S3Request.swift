import AWSSigning
import Crypto
import NIOCore
import NIOHTTP1

/// A request to a bucket, not yet signed; it can be sent any number of times.
struct S3Request: Sendable {
    var method: String
    /// Nil for a request about the bucket.
    var key: ObjectKey?
    var query: [QueryParameter] = []
    /// All are signed.
    var headers: [(name: String, value: String)] = []
    var body = ByteBuffer()

    init(
        _ method: String, _ key: ObjectKey?, query: [QueryParameter] = [],
        headers: [(name: String, value: String)] = []
    ) {
        self.method = method
        self.key = key
        self.query = query
        self.headers = headers
    }

    /// The headers that are sent, with a signature unless there is no key to sign with.
    func signedHeaders(
        to endpoint: S3Endpoint, region: String, key accessKey: AccessKey?, at time: SigningTime
    ) -> [(name: String, value: String)] {
        let hash = body.withUnsafeReadableBytes(SigningKey.sha256)
        let request = SignableRequest(
            method: method, path: endpoint.path(of: key), query: query,
            headers: [("Host", endpoint.host), ("X-Amz-Content-Sha256", hash)] + headers, payloadHash: hash,
            pathForm: .verbatim)
        guard let accessKey else { return request.headers }
        return RequestSigner(key: accessKey, region: region, service: "s3").sign(request, at: time).headers
    }

    /// The digest of the body as `Content-MD5` has it.
    var contentMD5: String {
        body.withUnsafeReadableBytes { bytes in
            var hash = Insecure.MD5()
            hash.update(bufferPointer: bytes)
            return S3Digest.base64(hash.finalize())
        }
    }
}

/// What a store answered.
struct S3Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: ByteBuffer
    /// How often the request was sent for it: after the first, an earlier one may have had its effect.
    var attempts = 1

    func header(_ name: String) -> String? { headers.first(name: name) }

    var text: String { String(buffer: body) }

    /// What a successful answer tells of an object.
    var stat: ObjectStat {
        ObjectStat(
            size: header("content-length").flatMap { Int64($0) } ?? 0,
            etag: header("etag"),
            modified: header("last-modified").flatMap(S3Time.httpDate) ?? 0)
    }
}

/// Digests as headers carry them.
enum S3Digest {
    static func md5(_ bytes: [UInt8]) -> String { base64(Insecure.MD5.hash(data: bytes)) }

    static func base64(_ bytes: some Sequence<UInt8>) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = Array(bytes)
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            let left = min(3, bytes.count - at)
            var group: UInt32 = 0
            for place in 0..<3 { group = group << 8 | (place < left ? UInt32(bytes[at + place]) : 0) }
            for place in 0..<4 {
                out.append(
                    place <= left ? letters[Int(group >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
            at += 3
        }
        return String(decoding: out, as: UTF8.self)
    }
}
