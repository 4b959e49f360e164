import AWSSigning
import Logging
import NIOCore

// Storing whole objects: PutObject. What is larger than a part is stored in parts.
extension S3Store {
    package func put(
        _ content: [UInt8], as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        await dropAbandonedUploads()
        return try await putWhole(ByteBuffer(bytes: content), key, options)
    }

    package func put(
        file path: String, as key: ObjectKey, options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        await dropAbandonedUploads()
        let (file, size) = try await thread.store { () throws(ObjectStoreError) in
            let file = try LocalFile(reading: path)
            return (file, try file.stat().size)
        }
        guard size <= Int64(settings.partBytes) else {
            return try await putParts(of: file, size, key, options)
        }
        return try await putWhole(try await piece(of: file, 0..<size), key, options)
    }

    private func putWhole(
        _ body: ByteBuffer, _ key: ObjectKey, _ options: PutOptions
    ) async throws(ObjectStoreError) -> PutOutcome {
        if options.ifAbsent, settings.conditionalWrites == .lookFirst, try await stat(key) != nil {
            return .exists
        }
        var request = S3Request("PUT", key)
        request.body = body
        if settings.sendsDigest { request.headers.append(("Content-MD5", request.contentMD5)) }
        if sendsCondition(options) { request.headers.append(("If-None-Match", "*")) }
        let action = "put \(name(key))"
        let answer = try await storing(request, options, action)
        return try outcome(of: answer, options, action)
    }

    func sendsCondition(_ options: PutOptions) -> Bool {
        options.ifAbsent && settings.conditionalWrites == .header
    }

    /// The answer to a request that makes an object, sent again without tags where these are refused.
    func storing(
        _ request: S3Request, _ options: PutOptions, _ action: String
    ) async throws(ObjectStoreError) -> S3Answer {
        var tagged = request
        tagged.headers += settings.storingHeaders
        if let type = options.contentType { tagged.headers.append(("Content-Type", type)) }
        guard !options.tags.isEmpty else { return try await client.answer(to: tagged, action) }
        let plain = tagged
        let tags = options.tags.map { "\(URIText.encode($0.0))=\(URIText.encode($0.1))" }
        tagged.headers.append(("X-Amz-Tagging", tags.joined(separator: "&")))
        let answer = try await client.answer(to: tagged, action)
        guard settings.ignoresTaggingErrors, [400, 403, 501].contains(answer.status) else { return answer }
        let second = try await client.answer(to: plain, action)
        if second.isSuccess {
            client.logger.warning(
                "an object was stored without its tags, which the store refused",
                metadata: ["action": "\(action)", "reason": "\(S3Failure(answer).summary)"])
        }
        return second
    }

    /// What became of a request that makes an object.
    func outcome(
        of answer: S3Answer, _ options: PutOptions, _ action: String
    ) throws(ObjectStoreError) -> PutOutcome {
        if answer.isSuccess { return .stored }
        if options.ifAbsent, answer.status == 412 { return .exists }
        if sendsCondition(options), S3Failure(answer).isUnknownToStore {
            throw ObjectStoreError(
                .refused,
                "cannot \(action): \(client.place.address) has no conditional writes "
                    + "(\(S3Failure(answer).summary)): set enable.conditional.writes=false, with one writer only"
            )
        }
        throw client.error(answer, action)
    }

    /// Bytes of a local file.
    func piece(of file: LocalFile, _ range: Range<Int64>) async throws(ObjectStoreError) -> ByteBuffer {
        let count = Int(range.upperBound - range.lowerBound)
        let bytes = try await thread.store { () throws(ObjectStoreError) in
            try file.read(at: range.lowerBound, count: count)
        }
        guard bytes.count == count else {
            throw ObjectStoreError(.unavailable, "\(file.path) became shorter while it was stored")
        }
        return ByteBuffer(bytes: bytes)
    }
}
