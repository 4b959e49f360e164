/// A refusal of the store, and what it means.
struct S3Failure: Equatable {
    var status: Int
    /// Such as `NoSuchBucket`; empty where the answer had no body.
    var code: String
    var message: String
    /// The region that the bucket is in, where the store tells.
    var region: String?

    init(status: Int, code: String, message: String = "", region: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.region = region
    }

    init(_ answer: S3Answer) {
        let error = S3XML(answer.text).flatMap { $0.name == "Error" ? $0 : nil }
        self.init(
            status: answer.status, code: error?["Code"]?.text ?? "", message: error?["Message"]?.text ?? "",
            region: error?["Region"]?.text ?? answer.header("x-amz-bucket-region"))
    }

    private static let passingCodes: Set<String> = [
        "BadDigest", "ConditionalRequestConflict", "InternalError", "OperationAborted", "RequestTimeout",
        "ServiceUnavailable", "SlowDown", "SlowDownRead", "SlowDownWrite", "Throttling",
        "ThrottlingException",
        "TooManyRequests", "ServerBusy", "XMinioServerNotInitialized", "IncompleteBody",
    ]
    private static let endedCredentials: Set<String> = [
        "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired",
    ]

    /// The upload is of no use any more, but another one is.
    private static let endedUploads: Set<String> = ["InvalidPart", "InvalidPartOrder", "NoSuchUpload"]

    /// Whether the same request may succeed in a moment.
    var isPassing: Bool {
        if Self.passingCodes.contains(code) { return true }
        return [408, 429, 500, 502, 503, 504].contains(status) && code != "NotImplemented"
    }

    /// Whether keys that were lent have run out.
    var endsCredentials: Bool { Self.endedCredentials.contains(code) }

    /// Whether the store says that it does not know a header or an action.
    var isUnknownToStore: Bool { status == 501 || code == "NotImplemented" }

    var summary: String {
        let name = code.isEmpty ? "status \(status)" : "\(status) \(code)"
        return message.isEmpty ? name : "\(name): \(message)"
    }

    /// What the caller is told: what happened, and how to put it right.
    func error(_ action: String, _ place: S3Place) -> ObjectStoreError {
        let isFull = status == 507 || code.hasSuffix("StorageFull") || code == "QuotaExceeded"
        let kind: ObjectStoreError.Code =
            isFull ? .full : isPassing || Self.endedUploads.contains(code) ? .unavailable : .refused
        return ObjectStoreError(kind, "cannot \(action): \(advice(place)) (\(summary))")
    }

    private func advice(_ place: S3Place) -> String {
        let key = place.keyID.map { "the access key \($0)" } ?? "a request without an access key"
        switch code {
        case "NoSuchBucket":
            return "there is no bucket '\(place.bucket)' at \(place.address): make it, or correct its name"
        case "InvalidAccessKeyId":
            return "\(place.address) does not know \(key): correct the access key id"
        case "SignatureDoesNotMatch":
            return "the secret of \(key) is wrong: correct the secret access key"
        case "InvalidPart", "InvalidPartOrder", "NoSuchUpload":
            return "the store has dropped the upload meanwhile: try again"
        case "RequestTimeTooSkewed":
            return "the clock of this machine is wrong: set it"
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken":
            return "the session token of \(key) has ended or is wrong: get new credentials"
        case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException":
            return wrongRegion(place)
        default: break
        }
        switch status {
        case 301, 307, 308: return wrongRegion(place)
        case 401, 403:
            return
                "\(key) may not do that in the bucket '\(place.bucket)': give it the right to, or give another key"
        case 404: return "there is no such thing in the bucket '\(place.bucket)' at \(place.address)"
        case 501: return "\(place.address) cannot do that"
        case 507: return "the store is full: make room"
        default:
            return isPassing
                ? "\(place.address) does not serve it now"
                : "\(place.address) refuses the request for the bucket '\(place.bucket)'"
        }
    }

    private func wrongRegion(_ place: S3Place) -> String {
        guard let region, !region.isEmpty, region != place.region else {
            return
                "the bucket '\(place.bucket)' is in another region than \(place.region), or has another endpoint "
                + "than \(place.address): correct the region"
        }
        return
            "the bucket '\(place.bucket)' is in the region \(region), not \(place.region): set the region to "
            + region
    }
}

/// What messages about a bucket name.
struct S3Place: Sendable {
    var bucket: String
    var address: String
    var region: String
    var keyID: String?
}
