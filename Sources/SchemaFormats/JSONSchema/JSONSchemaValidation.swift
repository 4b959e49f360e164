import JSONText

/// Checks one value.
struct JSONSchemaValidation {
    private let schema: JSONSchema
    /// Schemas may call for each other in endless ways: what a value costs is bounded.
    private var stepsLeft = 2_000_000
    private var path: [String] = []

    init(schema: JSONSchema) {
        self.schema = schema
    }

    /// - Throws: `.unfitValue`, with where in the value the first fault is.
    mutating func check(_ value: JSONTree) throws(SchemaFormatError) {
        if let fault = try fault(of: value, by: schema.root, depth: 0) {
            throw SchemaFormatError(.unfitValue, fault)
        }
    }

    private typealias Fault = String

    /// What is wrong with a value; nil if nothing is.
    private mutating func fault(
        of value: JSONTree, by node: Int, depth: Int
    ) throws(SchemaFormatError) -> Fault? {
        guard depth < 2 * SchemaLimits.maxDepth else {
            throw SchemaFormatError(.unfitValue, "the schema does not come to an end for this value")
        }
        for keyword in schema.nodes[node] {
            try spend(1)
            if let fault = try fault(of: value, by: keyword, depth: depth + 1) { return fault }
        }
        return nil
    }

    private mutating func spend(_ steps: Int) throws(SchemaFormatError) {
        stepsLeft -= steps
        guard stepsLeft > 0 else {
            throw SchemaFormatError(.unfitValue, "the value takes too long to be checked against its schema")
        }
    }

    private func wrong(_ what: String) -> Fault { "#/\(path.joined(separator: "/")): \(what)" }

    private mutating func fault(
        of value: JSONTree, by keyword: JSONSchema.Keyword, depth: Int
    ) throws(SchemaFormatError) -> Fault? {
        switch keyword {
        case .never: return wrong("no value is allowed")
        case .reference(let node): return try fault(of: value, by: node, depth: depth)
        case .type(let names):
            if names.contains(where: { Self.isOf($0, value) }) { return nil }
            return wrong("expected type: \(names.joined(separator: " or ")), found: \(Self.type(of: value))")
        case .enumeration(let values):
            try spend(values.count)
            return values.contains { JSONEquality.areEqual($0, value) }
                ? nil : wrong("the value is none of those in enum")
        case .all(let nodes):
            for node in nodes {
                if let fault = try fault(of: value, by: node, depth: depth) { return fault }
            }
            return nil
        case .any, .one, .not, .condition: return try choice(of: value, by: keyword, depth: depth)
        default: break
        }
        switch value {
        case .number(let text): return Self.numberFault(text, value, keyword).map(wrong)
        case .string(let text): return try stringFault(text, keyword)
        case .array(let elements): return try arrayFault(elements, keyword, depth: depth)
        case .object(let members): return try objectFault(value, members, keyword, depth: depth)
        case .null, .bool: return nil
        }
    }

    private static func isOf(_ type: String, _ value: JSONTree) -> Bool {
        let found = self.type(of: value)
        return found == type || (type == "number" && found == "integer")
    }

    private static func type(of value: JSONTree) -> String {
        switch value {
        case .null: return "null"
        case .bool: return "boolean"
        case .string: return "string"
        case .array: return "array"
        case .object: return "object"
        case .number(let text):
            if Int64(text) != nil { return "integer" }
            guard let number = Double(text), number.isFinite else { return "number" }
            return number.rounded() == number ? "integer" : "number"
        }
    }

    // MARK: Choices

    private mutating func choice(
        of value: JSONTree, by keyword: JSONSchema.Keyword, depth: Int
    ) throws(SchemaFormatError) -> Fault? {
        switch keyword {
        case .any(let nodes):
            var first: Fault?
            for node in nodes {
                guard let fault = try fault(of: value, by: node, depth: depth) else { return nil }
                first = first ?? fault
            }
            return wrong("the value fits none of anyOf (\(first ?? "there is none"))")
        case .one(let nodes):
            var count = 0
            for node in nodes where try fault(of: value, by: node, depth: depth) == nil { count += 1 }
            return count == 1 ? nil : wrong("the value fits \(count) of oneOf")
        case .not(let node):
            let fits = try fault(of: value, by: node, depth: depth) == nil
            return fits ? wrong("the value fits what it must not") : nil
        case .condition(let condition, let then, let otherwise):
            let holds = try fault(of: value, by: condition, depth: depth) == nil
            guard let node = holds ? then : otherwise else { return nil }
            return try fault(of: value, by: node, depth: depth)
        default: return nil
        }
    }

    // MARK: Numbers and strings

    private static func numberFault(
        _ text: String, _ value: JSONTree, _ keyword: JSONSchema.Keyword
    ) -> String? {
        switch keyword {
        case .multipleOf(let divisor):
            return JSONEquality.isMultiple(value, of: divisor)
                ? nil : "\(text) is not a multiple of \(describe(divisor))"
        case .maximum(let limit, let isExclusive):
            let order = JSONEquality.compare(value, limit)
            return order < 0 || (order == 0 && !isExclusive)
                ? nil : "\(text) is not \(isExclusive ? "less than" : "at most") \(describe(limit))"
        case .minimum(let limit, let isExclusive):
            let order = JSONEquality.compare(value, limit)
            return order > 0 || (order == 0 && !isExclusive)
                ? nil : "\(text) is not \(isExclusive ? "greater than" : "at least") \(describe(limit))"
        default: return nil
        }
    }

    private static func describe(_ value: JSONTree) -> String {
        if case .number(let text) = value { text } else { "a number" }
    }

    private mutating func stringFault(
        _ text: String, _ keyword: JSONSchema.Keyword
    ) throws(SchemaFormatError) -> Fault? {
        switch keyword {
        case .length(let range):
            let count = text.unicodeScalars.count
            return range.contains(count) ? nil : wrong("a length of \(count) is not allowed")
        case .pattern(let pattern):
            return try matches(pattern, text)
                ? nil : wrong("the string does not match the pattern \(pattern.text.prefix(100))")
        default: return nil
        }
    }

    private mutating func matches(_ pattern: TextPattern, _ text: String) throws(SchemaFormatError) -> Bool {
        try spend(text.utf8.count / 8 * (1 + pattern.stepCount / 16))
        return pattern.matches(text)
    }

    // MARK: Arrays

    private mutating func arrayFault(
        _ elements: [JSONTree], _ keyword: JSONSchema.Keyword, depth: Int
    ) throws(SchemaFormatError) -> Fault? {
        switch keyword {
        case .itemCount(let range):
            return range.contains(elements.count) ? nil : wrong("\(elements.count) items are not allowed")
        case .uniqueItems:
            var seen: Set<JSONEquality.Key> = []
            for (place, element) in elements.enumerated() {
                guard seen.insert(JSONEquality.Key(element)).inserted else {
                    return wrong("item \(place) is there twice")
                }
            }
            return nil
        case .items(let prefix, let rest):
            for (place, element) in elements.enumerated() {
                guard let node = place < prefix.count ? prefix[place] : rest else { break }
                if let fault = try fault(of: element, at: String(place), by: node, depth: depth) {
                    return fault
                }
            }
            return nil
        case .contains(let node, let count):
            var found = 0
            for element in elements where try fault(of: element, by: node, depth: depth) == nil {
                found += 1
            }
            return count.contains(found) ? nil : wrong("\(found) items fit contains")
        default: return nil
        }
    }

    private mutating func fault(
        of value: JSONTree, at name: String, by node: Int, depth: Int
    ) throws(SchemaFormatError) -> Fault? {
        path.append(String(name.prefix(64)))
        defer { path.removeLast() }
        return try fault(of: value, by: node, depth: depth)
    }

    // MARK: Objects

    private mutating func objectFault(
        _ value: JSONTree, _ members: [JSONTree.Member], _ keyword: JSONSchema.Keyword, depth: Int
    ) throws(SchemaFormatError) -> Fault? {
        switch keyword {
        case .propertyCount(let range):
            return range.contains(members.count) ? nil : wrong("\(members.count) members are not allowed")
        case .required(let names):
            try spend(names.count * max(1, members.count / 8))
            let missing = names.first { value[$0] == nil }
            return missing.map { wrong("required key [\($0)] not found") }
        case .propertyNames(let node):
            for member in members {
                if let fault = try fault(of: .string(member.name), at: member.name, by: node, depth: depth) {
                    return fault
                }
            }
            return nil
        case .properties(let named, let matching, let others):
            return try propertyFault(members, named, matching, others, depth: depth)
        case .dependencies(let names, let schemas):
            for member in members {
                for needed in names[member.name] ?? [] where value[needed] == nil {
                    return wrong("property [\(needed)] is required by [\(member.name.prefix(64))]")
                }
                if let node = schemas[member.name], let fault = try fault(of: value, by: node, depth: depth) {
                    return fault
                }
            }
            return nil
        default: return nil
        }
    }

    private mutating func propertyFault(
        _ members: [JSONTree.Member], _ named: [String: Int], _ matching: [(TextPattern, Int)],
        _ others: Int?, depth: Int
    ) throws(SchemaFormatError) -> Fault? {
        for member in members {
            var isKnown = false
            if let node = named[member.name] {
                isKnown = true
                if let fault = try fault(of: member.value, at: member.name, by: node, depth: depth) {
                    return fault
                }
            }
            for (pattern, node) in matching where try matches(pattern, member.name) {
                isKnown = true
                if let fault = try fault(of: member.value, at: member.name, by: node, depth: depth) {
                    return fault
                }
            }
            guard !isKnown, let others else { continue }
            guard !schema.nodes[others].contains(where: { if case .never = $0 { true } else { false } })
            else {
                return wrong("extraneous key [\(member.name.prefix(64))] is not permitted")
            }
            if let fault = try fault(of: member.value, at: member.name, by: others, depth: depth) {
                return fault
            }
        }
        return nil
    }
}

/// When JSON values are the same, whatever their spelling.
enum JSONEquality {
    static func areEqual(_ left: JSONTree, _ right: JSONTree) -> Bool {
        Key(left) == Key(right)
    }

    /// Below, at or above zero as `left` is less than, equal to or greater than `right`.
    static func compare(_ left: JSONTree, _ right: JSONTree) -> Int {
        if case .number(let one) = left, case .number(let other) = right, let one = Int64(one),
            let other = Int64(other)
        {
            return one < other ? -1 : one == other ? 0 : 1
        }
        let (one, other) = (left.double ?? .nan, right.double ?? .nan)
        return one < other ? -1 : one == other ? 0 : 1
    }

    static func isMultiple(_ value: JSONTree, of divisor: JSONTree) -> Bool {
        if let value = value.integer, let divisor = divisor.integer, divisor > 0 {
            return value % divisor == 0
        }
        guard let value = value.double, let divisor = divisor.double, divisor > 0, value.isFinite else {
            return false
        }
        // Decimal fractions have no exact double: 0.3 is a multiple of 0.1.
        let quotient = value / divisor
        return (quotient - quotient.rounded()).magnitude <= 1e-9 * max(1, quotient.magnitude * 1e-6)
    }

    /// A value in a form that is equal for equal values.
    enum Key: Hashable {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case string([UInt8])
        case array([Key])
        case object([String: Key])

        /// As deep as the scanner lets values nest.
        init(_ value: JSONTree) {
            switch value {
            case .null: self = .null
            case .bool(let flag): self = .bool(flag)
            case .number(let text):
                if let number = value.integer {
                    self = .integer(number)
                } else {
                    self = .double(Double(text) ?? 0)
                }
            case .string(let text): self = .string(Array(text.utf8))
            case .array(let elements): self = .array(elements.map(Key.init))
            case .object(let members):
                self = .object(
                    Dictionary(
                        members.map { ($0.name, Key($0.value)) }, uniquingKeysWith: { first, _ in first }))
            }
        }
    }
}
