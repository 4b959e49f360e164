import AWSSigning
import Logging
import NIOCore
import StreamModel
import Synchronization

// Storing in parts: CreateMultipartUpload, UploadPart for each, CompleteMultipartUpload. The object is seen when it
// is completed, whole. One part is in memory at a time.
extension S3Store {
    /// Most parts of one object.
    static let maxParts: Int64 = 10_000

    func putParts(
        of file: LocalFile, _ size: Int64, _ key: ObjectKey, _ options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        // The condition is met at the end only; what is known to be taken need not be sent.
        if options.ifAbsent, try await stat(key) != nil {
            await dropLeftovers(of: key)
            return .exists
        }
        let upload = try await beginUpload(key, options)
        FaultPoint.pass("s3.after-create")
        await dropLeftovers(of: key, except: upload)
        do {
            let parts = try await putParts(of: file, size, key, upload)
            let outcome = try await complete(upload, parts, size, key, options)
            FaultPoint.pass("s3.after-complete")
            if outcome == .exists { await abort(upload, key) }
            return outcome
        } catch {
            await abort(upload, key)
            throw error
        }
    }

    private func beginUpload(_ key: ObjectKey, _ options: PutOptions) async throws(ObjectStoreError) -> String
    {
        let action = "begin the upload of \(name(key))"
        let request = S3Request("POST", key, query: [QueryParameter("uploads", "")])
        let answer = try await storing(request, options, action)
        guard answer.isSuccess else { throw client.error(answer, action) }
        guard let id = S3XML(answer.text)?["UploadId"]?.text, !id.isEmpty else {
            throw ObjectStoreError(.unavailable, "cannot \(action): the store gave the upload no name")
        }
        return id
    }

    /// The entity tags of the parts, in order.
    private func putParts(
        of file: LocalFile, _ size: Int64, _ key: ObjectKey, _ upload: String
    ) async throws(ObjectStoreError) -> [String] {
        let partBytes = max(Int64(settings.partBytes), (size + Self.maxParts - 1) / Self.maxParts)
        var tags: [String] = []
        var offset: Int64 = 0
        while offset < size {
            let end = min(size, offset + partBytes)
            let query = [
                QueryParameter("partNumber", String(tags.count + 1)), QueryParameter("uploadId", upload),
            ]
            var request = S3Request("PUT", key, query: query, headers: settings.readingHeaders)
            request.body = try await piece(of: file, offset..<end)
            if settings.sendsDigest { request.headers.append(("Content-MD5", request.contentMD5)) }
            let action = "put part \(tags.count + 1) of \(name(key))"
            let answer = try await client.success(of: request, action)
            guard let tag = answer.header("etag") else {
                throw ObjectStoreError(.unavailable, "cannot \(action): the store gave it no entity tag")
            }
            tags.append(tag)
            offset = end
            FaultPoint.pass("s3.after-part")
        }
        return tags
    }

    private func complete(
        _ upload: String, _ parts: [String], _ size: Int64, _ key: ObjectKey, _ options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        let list = parts.enumerated().map { index, tag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(S3XML.escaped(tag))</ETag></Part>"
        }
        let space = "http://s3.amazonaws.com/doc/2006-03-01/"
        var request = S3Request("POST", key, query: [QueryParameter("uploadId", upload)])
        request.headers = settings.readingHeaders
        request.body = ByteBuffer(
            string: "<CompleteMultipartUpload xmlns=\"\(space)\">\(list.joined())</CompleteMultipartUpload>")
        if sendsCondition(options) { request.headers.append(("If-None-Match", "*")) }
        let action = "complete the upload of \(name(key))"
        let answer = try await client.answer(to: request, action, mayFailLate: true)
        if answer.isSuccess, S3XML(answer.text)?.name == "Error" { throw client.error(answer, action) }
        // An attempt whose answer was lost may have completed it.
        if answer.attempts > 1, answer.status == 404, S3Failure(answer).code == "NoSuchUpload",
            try await stat(key)?.size == size
        {
            return .stored
        }
        return try outcome(of: answer, options, action)
    }

    /// Lets the store drop the parts of an upload that is given up, whatever becomes of the surrounding task.
    private func abort(_ upload: String, _ key: ObjectKey) async {
        let request = S3Request("DELETE", key, query: [QueryParameter("uploadId", upload)])
        for _ in 0...max(0, settings.retries) {
            let status = await client.sendUncancelled(request)
            if let status, status == 404 || (200..<300).contains(status) { return }
        }
    }

    // MARK: What was left behind

    /// Drops what earlier attempts to store a key have left behind, if nobody else writes such keys.
    ///
    /// They are those of a process that was killed, or of a request whose answer was lost.
    private func dropLeftovers(of key: ObjectKey, except upload: String? = nil) async {
        guard let abandoned = settings.abandonedUploads, abandoned.isOurs(key) else { return }
        await drop(
            S3AbandonedUploads(prefix: key.rawValue, age: 0, isOurs: { $0 == key }), except: upload)
    }

    /// Drops uploads that a process has left behind, the first time it is called.
    ///
    /// Nothing depends on it: what goes wrong, as where the right to list uploads is missing, is only logged.
    func dropAbandonedUploads() async {
        guard let abandoned = settings.abandonedUploads,
            hasCleaned.withLock({ hasCleaned in
                defer { hasCleaned = true }
                return !hasCleaned
            })
        else { return }
        await drop(abandoned)
    }

    private func drop(_ abandoned: S3AbandonedUploads, except upload: String? = nil) async {
        do {
            let count = try await abortUploads(abandoned, except: upload)
            guard count > 0 else { return }
            client.logger.info(
                "abandoned uploads were dropped", metadata: ["bucket": "\(name(nil))", "count": "\(count)"])
        } catch {
            let isFirst = hasComplained.withLock { hasComplained in
                defer { hasComplained = true }
                return !hasComplained
            }
            client.logger.log(
                level: isFirst ? .warning : .debug, "abandoned uploads stay",
                metadata: ["bucket": "\(name(nil))", "reason": "\(error)"])
        }
    }

    /// - Returns: how many there were.
    func abortUploads(
        _ abandoned: S3AbandonedUploads, except own: String? = nil
    ) async throws(ObjectStoreError) -> Int {
        let (prefix, isOurs) = (abandoned.prefix, abandoned.isOurs)
        // Without an age the store's clock, which may be ahead of this one, does not matter.
        let limit = abandoned.age == 0 ? Int64.max : client.now - abandoned.age
        var count = 0
        var marker: (key: String, upload: String)?
        repeat {
            var query = [
                QueryParameter("encoding-type", "url"), QueryParameter("prefix", prefix),
                QueryParameter("uploads", ""),
            ]
            if let marker {
                query.append(QueryParameter("key-marker", marker.key))
                query.append(QueryParameter("upload-id-marker", marker.upload))
            }
            let action = "list the uploads of \(name(nil))\(prefix)"
            let answer = try await client.success(of: S3Request("GET", nil, query: query), action)
            let page = S3UploadPage(answer.text)
            for upload in page.uploads where upload.begun < limit && upload.id != own && isOurs(upload.key) {
                let request = S3Request("DELETE", upload.key, query: [QueryParameter("uploadId", upload.id)])
                let aborted = try await client.answer(to: request, "abort an upload of \(name(upload.key))")
                guard aborted.isSuccess || aborted.status == 404 else {
                    throw client.error(aborted, "abort an upload of \(name(upload.key))")
                }
                count += 1
            }
            let isStuck = page.next.map { $0.key == marker?.key && $0.upload == marker?.upload } ?? false
            marker = isStuck ? nil : page.next
        } while marker != nil
        return count
    }
}

/// One page of the uploads that are under way (ListMultipartUploads).
struct S3UploadPage {
    struct Upload: Equatable {
        var key: ObjectKey
        var id: String
        /// In milliseconds since 1970.
        var begun: Int64
    }

    var uploads: [Upload] = []
    var next: (key: String, upload: String)?

    init(_ text: String) {
        guard let root = S3XML(text) else { return }
        let isEncoded = root["EncodingType"]?.text == "url"
        func name(_ element: S3XML?) -> String? {
            element.map { isEncoded ? S3Page.decoded($0.text) : $0.text }
        }
        for entry in root.all("Upload") {
            // One whose age is unknown may be in use.
            guard let key = name(entry["Key"]).flatMap({ ObjectKey($0) }), let id = entry["UploadId"]?.text,
                let begun = entry["Initiated"].flatMap({ S3Time.iso($0.text) })
            else { continue }
            uploads.append(Upload(key: key, id: id, begun: begun))
        }
        if root["IsTruncated"]?.text == "true", let key = name(root["NextKeyMarker"]), !key.isEmpty {
            next = (key, root["NextUploadIdMarker"]?.text ?? "")
        }
    }
}
