import JSONText

/// What an answer to a produce request says about its records.
package struct ProduceAnswer: Sendable, Equatable {
    /// Records that the server has taken.
    package var acknowledged: Int
    /// What the server says of the others, or of the whole request; nil if all were taken.
    package var complaint: String?

    package init(acknowledged: Int, complaint: String? = nil) {
        self.acknowledged = acknowledged
        self.complaint = complaint
    }

    /// Judges an answer to a request of so many records.
    ///
    /// A record is acknowledged only if the status is 200 and its element of `offsets` has an
    /// `error_code` that is null.
    package init(_ answer: PostedAnswer, records: Int) {
        acknowledged = 0
        guard answer.status == 200 else {
            complaint = ProduceAnswer.complaint(of: answer)
            return
        }
        do throws(JSONTextError) {
            let offsets = try ProduceAnswer.offsets(in: answer.body)
            guard offsets.count == records else {
                complaint = "200 with \(offsets.count) offsets for \(records) records"
                return
            }
            acknowledged = offsets.count { $0 == nil }
            if let first = offsets.compactMap(\.self).first {
                complaint = "200 with a record refused: \(first)"
            }
        } catch {
            complaint = "200 with a body that is no answer to a produce request"
        }
    }

    /// For each record nil if it was taken, else its error.
    private static func offsets(in body: [UInt8]) throws(JSONTextError) -> [String?] {
        let result: Result<[String?], JSONTextError> = body.withUnsafeBytes { bytes in
            do throws(JSONTextError) {
                return .success(try offsets(in: bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func offsets(in body: UnsafeRawBufferPointer) throws(JSONTextError) -> [String?] {
        var scanner = JSONScanner(body)
        var errors: [String?] = []
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            guard scanner.matches(name, "offsets") else {
                _ = try scanner.value()
                continue
            }
            try scanner.beginArray()
            while try scanner.nextElement() { errors.append(try offsetError(&scanner, body)) }
        }
        return errors
    }

    /// Reads one element of `offsets`; its error, or nil if it has none.
    private static func offsetError(
        _ scanner: inout JSONScanner, _ body: UnsafeRawBufferPointer
    ) throws(JSONTextError) -> String? {
        var code: String? = "no error_code"
        var message: String?
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            let isCode = scanner.matches(name, "error_code")
            let isMessage = scanner.matches(name, "error")
            let value = try scanner.value()
            if isCode { code = value.kind == .null ? nil : "error_code " + text(value, body) }
            if isMessage, value.kind != .null { message = text(value, body) }
        }
        return code.map { code in message.map { code + ": " + $0 } ?? code }
    }

    /// Status, error code and message of a refusal, in one line.
    private static func complaint(of answer: PostedAnswer) -> String {
        answer.body.withUnsafeBytes { bytes in
            guard let members = try? JSONMember.all(in: bytes),
                let code = members.first(where: { $0.name == "error_code" })
            else { return "\(answer.status) without an error_code" }
            let message = members.first { $0.name == "message" && $0.kind == .string }
            let number = String(decoding: bytes[code.range], as: UTF8.self)
            let words = message.map {
                ": " + String(decoding: bytes[$0.range].dropFirst().dropLast(), as: UTF8.self)
            }
            return "\(answer.status), error_code \(number)\(words ?? "")"
        }
    }

    private static func text(_ value: JSONValueSpan, _ body: UnsafeRawBufferPointer) -> String {
        String(decoding: body[value.kind == .string ? value.content : value.range], as: UTF8.self)
    }
}
