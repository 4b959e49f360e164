import AsyncHTTPClient
import NIOCore
import NIOHTTP1

// Reading an object into a local file, piece by piece; what was cut off is gone on with.
extension S3Store {
    package func get(_ key: ObjectKey, into path: String) async throws(ObjectStoreError) -> ObjectStat? {
        let action = "get \(name(key))"
        var download = Download(path: path)
        var failures = 0
        while true {
            let setback: S3Setback
            do {
                switch try await attempt(&download, key, action) {
                case .whole(let stat): return stat
                case .missing: return nil
                case .changed:
                    download = Download(path: path)
                    setback = .cut(ObjectStoreError(.unavailable, "the object changed while it was read"))
                case .refused(let failure, let retryAfter):
                    setback = .refused(failure, retryAfter: retryAfter)
                }
            } catch let error as ObjectStoreError {
                throw error
            } catch {
                setback = .cut(error)
            }
            failures += 1
            try await client.wait(after: failures, setback, action)
        }
    }

    /// How far a file has come.
    private struct Download {
        let path: String
        var file: LocalFile?
        var offset: Int64 = 0
        var stat: ObjectStat?
    }

    private enum Attempt {
        case whole(ObjectStat)
        case missing
        case changed
        case refused(S3Failure, Int?)
    }

    private func attempt(_ download: inout Download, _ key: ObjectKey, _ action: String) async throws
        -> Attempt
    {
        var request = S3Request("GET", key, headers: settings.readingHeaders)
        let from = download.offset
        if from > 0 {
            request.headers.append(("Range", "bytes=\(from)-"))
            if let tag = download.stat?.etag { request.headers.append(("If-Match", tag)) }
        }
        let response = try await client.send(request)
        let status = Int(response.status.code)
        guard status == (from > 0 ? 206 : 200) else { return try await refusal(response, from, action) }
        let answer = S3Answer(status: status, headers: response.headers, body: ByteBuffer())
        if from == 0 { download.stat = answer.stat }
        let stat = download.stat ?? answer.stat
        let file: LocalFile
        if let open = download.file {
            file = open
        } else {
            let path = download.path
            file = try await thread.store { () throws(ObjectStoreError) in try LocalFile(replacing: path) }
            download.file = file
        }
        for try await piece in response.body {
            try await thread.store { () throws(ObjectStoreError) in try file.write(piece.readableBytesView) }
            download.offset += Int64(piece.readableBytes)
        }
        guard download.offset >= stat.size else { throw HTTPClientError.remoteConnectionClosed }
        return .whole(ObjectStat(size: download.offset, etag: stat.etag, modified: stat.modified))
    }

    private func refusal(_ response: HTTPClientResponse, _ from: Int64, _ action: String) async throws
        -> Attempt
    {
        let body = try await response.body.collect(upTo: S3Client.maxAnswerBytes)
        let answer = S3Answer(status: Int(response.status.code), headers: response.headers, body: body)
        let failure = S3Failure(answer)
        // Also an answer with the whole object to a request for the rest of it.
        if from > 0, [200, 412, 416].contains(answer.status) { return .changed }
        if answer.status == 404, failure.code != "NoSuchBucket" { return .missing }
        guard failure.isPassing || failure.endsCredentials else { throw client.error(answer, action) }
        return .refused(failure, answer.retryAfter)
    }
}
