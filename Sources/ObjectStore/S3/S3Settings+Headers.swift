// The headers that settings add to requests, and what settings must be.
extension S3Settings {
    /// Of requests that make an object.
    var storingHeaders: [(name: String, value: String)] {
        var headers = readingHeaders
        if let cannedACL { headers.append(("X-Amz-Acl", cannedACL)) }
        let name = "X-Amz-Server-Side-Encryption"
        switch encryption {
        case .none, .customer: break
        case .aes256: headers.append((name, "AES256"))
        case .kms(let keyID):
            headers.append((name, "aws:kms"))
            if let keyID { headers.append((name + "-Aws-Kms-Key-Id", keyID)) }
        }
        return headers
    }

    /// Of requests that read an object or store a part of one: a customer's key comes with each.
    var readingHeaders: [(name: String, value: String)] {
        guard case .customer(let key) = encryption else { return [] }
        let name = "X-Amz-Server-Side-Encryption-Customer-"
        return [
            (name + "Algorithm", "AES256"), (name + "Key", S3Digest.base64(key)),
            (name + "Key-Md5", S3Digest.md5(key)),
        ]
    }

    func check() throws(ObjectStoreError) {
        if case .customer(let key) = encryption, key.count != 32 {
            throw ObjectStoreError(.refused, "s3.sse.customer.key must be 256 bits, in base64")
        }
        if !Self.isHeaderText(cannedACL ?? "") || !Self.isHeaderText(region) || region.isEmpty {
            throw ObjectStoreError(
                .refused, "the region and the access control list are plain words: correct them")
        }
        guard partBytes >= Self.minPartBytes else {
            throw ObjectStoreError(.refused, "s3.part.size must be at least \(Self.minPartBytes)")
        }
    }

    private static func isHeaderText(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    }
}
