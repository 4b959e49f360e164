import JSONText

/// Where the parts of one record lie in the text of its object; found in one pass, nothing is decoded.
struct V3RecordSpans {
    /// A key or a value.
    struct Content {
        var type: JSONValueSpan?
        var data: JSONValueSpan?
        /// The members that tell of a schema, by name.
        var schemaMembers: [String: JSONValueSpan] = [:]
    }

    struct Header {
        var name: JSONValueSpan?
        var value: JSONValueSpan?
    }

    var id: JSONValueSpan?
    var partition: JSONValueSpan?
    var timestamp: JSONValueSpan?
    var headers: [Header] = []
    var key: Content?
    var value: Content?
    /// What first breaks the form of a record, in words.
    private(set) var fault: String?

    private static let schemaMembers: Set<String> = [
        "schema", "schema_id", "schema_version", "subject", "subject_name_strategy",
    ]

    /// Reads the object that is next in a scanner.
    ///
    /// - Parameter hasID: whether it may have an `id`, as the entries of a batch do.
    /// - Throws: if the text is no JSON; what is wrong otherwise stands in `fault`.
    init(_ scanner: inout JSONScanner, hasID: Bool) throws(JSONTextError) {
        guard try scanner.peekKind() == .object else {
            _ = try scanner.value()
            fault = "a record is no object"
            return
        }
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            if scanner.matches(name, "value") {
                value = try content(&scanner, "value")
            } else if scanner.matches(name, "key") {
                key = try content(&scanner, "key")
            } else if scanner.matches(name, "headers") {
                try readHeaders(&scanner)
            } else if scanner.matches(name, "partition_id") {
                partition = try Self.present(&scanner)
            } else if scanner.matches(name, "timestamp") {
                timestamp = try Self.present(&scanner)
            } else if hasID, scanner.matches(name, "id") {
                id = try scanner.value()
            } else {
                try refuse(name, &scanner)
            }
        }
    }

    /// The next value; nil for null.
    private static func present(_ scanner: inout JSONScanner) throws(JSONTextError) -> JSONValueSpan? {
        let span = try scanner.value()
        return span.kind == .null ? nil : span
    }

    private mutating func content(
        _ scanner: inout JSONScanner, _ what: String
    ) throws(JSONTextError) -> Content? {
        let kind = try scanner.peekKind()
        guard kind == .object else {
            _ = try scanner.value()
            if kind != .null { note("\(what) is no object such as {\"type\": \"JSON\", \"data\": …}") }
            return nil
        }
        var content = Content()
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            if scanner.matches(name, "data") {
                content.data = try Self.present(&scanner)
            } else if scanner.matches(name, "type") {
                content.type = try Self.present(&scanner)
            } else {
                let text = String(decoding: scanner.unescapedName(name), as: UTF8.self)
                guard Self.schemaMembers.contains(text) else {
                    try refuse(name, &scanner)
                    continue
                }
                content.schemaMembers[text] = try Self.present(&scanner)
            }
        }
        return content
    }

    private mutating func readHeaders(_ scanner: inout JSONScanner) throws(JSONTextError) {
        let kind = try scanner.peekKind()
        guard kind == .array else {
            _ = try scanner.value()
            if kind != .null { note("headers is no array") }
            return
        }
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peekKind() == .object else {
                _ = try scanner.value()
                note("a header is no object")
                continue
            }
            var header = Header()
            try scanner.beginObject()
            while let name = try scanner.nextMember() {
                if scanner.matches(name, "name") {
                    header.name = try Self.present(&scanner)
                } else if scanner.matches(name, "value") {
                    header.value = try Self.present(&scanner)
                } else {
                    try refuse(name, &scanner)
                }
            }
            headers.append(header)
        }
    }

    private mutating func refuse(
        _ name: JSONMemberName, _ scanner: inout JSONScanner
    ) throws(JSONTextError) {
        let text = String(decoding: scanner.unescapedName(name).prefix(64), as: UTF8.self)
        _ = try scanner.value()
        note("Unrecognized field: \(text)")
    }

    private mutating func note(_ fault: String) {
        if self.fault == nil { self.fault = fault }
    }
}
