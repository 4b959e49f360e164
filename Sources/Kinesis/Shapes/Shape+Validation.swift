extension Shape {
    /// Longer values are not repeated in a message.
    private static let longestQuoted = 1024

    /// Everything that is wrong with a value, in Kinesis's words, in the order of the shape.
    func faults(of value: InputValue?, at path: String, isRequired: Bool) -> [String] {
        guard let value else {
            return isRequired
                ? ["Value null at '\(path)' failed to satisfy constraint: Member must not be null"] : []
        }
        switch (self, value) {
        case (.string(let constraints), .string(let text)):
            return constraints.faults(of: text, at: path)
        case (.integer(let range), .integer(let number)):
            return Self.faults(of: number, in: range, "value", "'\(number)' ", at: path)
        case (.blob(let maxCount), .bytes(let bytes)):
            return Self.faults(of: bytes.count, in: 0...maxCount, "length", "", at: path)
        case (.list(let element, let count), .list(let elements)):
            return Self.faults(of: elements.count, in: count, "length", "", at: path)
                + elements.enumerated().flatMap { place, part in
                    element.faults(of: part, at: "\(path).\(place + 1).member", isRequired: true)
                }
        case (.map(let key, let constraints, let count), .map(let entries)):
            return Self.mapFaults(entries, key, constraints, count, at: path)
        case (.structure(let members), .structure(let input)):
            return members.flatMap { member in
                member.shape.faults(
                    of: input[member.name], at: path.isEmpty ? member.path : "\(path).\(member.path)",
                    isRequired: member.isRequired)
            }
        default: return []
        }
    }

    static func faults<Number: FixedWidthInteger>(
        of number: Number, in range: ClosedRange<Number>, _ quantity: String, _ quoted: String,
        at path: String
    ) -> [String] {
        guard !range.contains(number) else { return [] }
        let bound =
            number < range.lowerBound
            ? "greater than or equal to \(range.lowerBound)" : "less than or equal to \(range.upperBound)"
        return [
            "Value \(quoted)at '\(path)' failed to satisfy constraint: Member must have \(quantity) \(bound)"
        ]
    }

    private static func mapFaults(
        _ entries: [(key: String, value: String?)], _ key: TextConstraints, _ value: TextConstraints,
        _ count: ClosedRange<Int>, at path: String
    ) -> [String] {
        var faults = Self.faults(of: entries.count, in: count, "length", "", at: path)
        let quoted = "{" + entries.map { "\($0.key)=\($0.value ?? "null")" }.joined(separator: ", ") + "}"
        let start =
            "Value \(quoted.utf8.count <= longestQuoted ? "'\(quoted)' " : "")at '\(path)' failed to satisfy"
        if let lengths = key.count, entries.contains(where: { !lengths.contains($0.key.count) }) {
            faults.append("\(start) constraint: Map keys must satisfy constraint: \(lengths.constraint)")
        }
        if let lengths = value.count, entries.contains(where: { !lengths.contains($0.value?.count ?? 0) }) {
            faults.append("\(start) constraint: Map value must satisfy constraint: \(lengths.constraint)")
        }
        return faults
    }

    /// The one error that tells of all faults; nil if there is none.
    static func error(_ faults: [String]) -> KinesisError? {
        guard !faults.isEmpty else { return nil }
        // So many that the answer would outgrow the request are counted, but not all told.
        let told = faults.prefix(10).joined(separator: "; ")
        return KinesisError(
            .validation, "\(faults.count) validation error\(faults.count == 1 ? "" : "s") detected: \(told)")
    }
}

extension TextConstraints {
    private static let longestQuoted = 1024

    func faults(of text: String, at path: String) -> [String] {
        let quoted = text.utf8.count <= Self.longestQuoted ? "'\(text)' " : ""
        var faults: [String] = []
        if let pattern, !pattern.matches(text) {
            faults.append(
                "Value \(quoted)at '\(path)' failed to satisfy constraint: Member must satisfy regular expression "
                    + "pattern: \(pattern.rawValue)")
        }
        if let count { faults += Shape.faults(of: text.count, in: count, "length", quoted, at: path) }
        if !words.isEmpty, !words.contains(text) {
            faults.append(
                "Value \(quoted)at '\(path)' failed to satisfy constraint: Member must satisfy enum value set: "
                    + "[\(words.joined(separator: ", "))]")
        }
        return faults
    }
}

extension ClosedRange<Int> {
    /// As messages about maps word it.
    fileprivate var constraint: String {
        "[Member must have length less than or equal to \(upperBound), "
            + "Member must have length greater than or equal to \(lowerBound)]"
    }
}
