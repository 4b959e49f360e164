import JSONText

/// What an answer says about the records of its request.
package struct PostingVerdict: Sendable, Equatable {
    /// Records that the server has taken.
    package var acknowledged: Int
    /// What the server says of the others, or of the whole request; nil if all were taken.
    package var complaint: String?

    package init(acknowledged: Int, complaint: String? = nil) {
        self.acknowledged = acknowledged
        self.complaint = complaint
    }

    /// Judges an answer to a request of so many records.
    package init(_ answer: PostedAnswer, of interface: PostingInterface, records: Int) {
        let tree = try? JSONTree(answer.body)
        self =
            switch interface {
            case .kafka: .ofTopic(answer.status, tree, records)
            case .kinesis: .ofStream(answer.status, tree, records)
            }
    }

    /// - Parameter errors: for each record nil if it was taken, else why not.
    private init(errors: [String?], records: Int, called things: String) {
        guard errors.count == records else {
            self.init(acknowledged: 0, complaint: "200 with \(errors.count) \(things) for \(records) records")
            return
        }
        let first = errors.compactMap(\.self).first
        self.init(
            acknowledged: errors.count { $0 == nil },
            complaint: first.map { "200 with a record refused: \($0)" })
    }

    // MARK: Topics

    /// A record is acknowledged only if the status is 200 and its element of `offsets` has an `error_code` that is
    /// null.
    private static func ofTopic(_ status: Int, _ body: JSONTree?, _ records: Int) -> PostingVerdict {
        guard status == 200 else {
            guard let code = body?["error_code"].flatMap(text) else {
                return PostingVerdict(acknowledged: 0, complaint: "\(status) without an error_code")
            }
            let words = body?["message"]?.text.map { ": " + $0 } ?? ""
            return PostingVerdict(acknowledged: 0, complaint: "\(status), error_code \(code)\(words)")
        }
        guard let offsets = body?["offsets"]?.elements else {
            return PostingVerdict(
                acknowledged: 0, complaint: "200 with a body that is no answer to a produce request")
        }
        return PostingVerdict(errors: offsets.map(offsetError), records: records, called: "offsets")
    }

    private static func offsetError(_ offset: JSONTree) -> String? {
        guard let code = offset["error_code"] else { return "no error_code" }
        guard !code.isNull else { return nil }
        let words = offset["error"]?.text.map { ": " + $0 } ?? ""
        return "error_code \(text(code) ?? "")\(words)"
    }

    // MARK: Streams

    /// A record is acknowledged only if the status is 200 and it has a sequence number.
    private static func ofStream(_ status: Int, _ body: JSONTree?, _ records: Int) -> PostingVerdict {
        let error = [body?["__type"]?.text, body?["message"]?.text].compactMap(\.self)
        guard status == 200, error.isEmpty else {
            return PostingVerdict(
                acknowledged: 0, complaint: ([String(status)] + error).joined(separator: ": "))
        }
        if let answers = body?["Records"]?.elements {
            return PostingVerdict(errors: answers.map(streamError), records: records, called: "answers")
        }
        guard records == 1, let body, streamError(body) == nil else {
            return PostingVerdict(acknowledged: 0, complaint: "200 without a sequence number")
        }
        return PostingVerdict(acknowledged: 1)
    }

    private static func streamError(_ answer: JSONTree) -> String? {
        guard answer["SequenceNumber"]?.text?.isEmpty != false else { return nil }
        let words = ["ErrorCode", "ErrorMessage"].compactMap { answer[$0]?.text }
        return words.isEmpty ? "no sequence number" : words.joined(separator: ": ")
    }

    private static func text(_ value: JSONTree) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        default: nil
        }
    }
}
