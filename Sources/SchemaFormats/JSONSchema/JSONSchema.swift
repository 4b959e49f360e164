import JSONText

/// A schema, ready to check values: schemas within it stand in one table, so that they may contain themselves.
struct JSONSchema: Sendable {
    /// What a value must be; drafts 4 to 2020-12 as far as their words mean the same, the later ones otherwise.
    enum Keyword: Sendable {
        case never
        case reference(Int)
        case type([String])
        case enumeration([JSONTree])
        case multipleOf(JSONTree)
        case maximum(JSONTree, isExclusive: Bool)
        case minimum(JSONTree, isExclusive: Bool)
        case length(ClosedRange<Int>)
        case pattern(TextPattern)
        case items(prefix: [Int], rest: Int?)
        case itemCount(ClosedRange<Int>)
        case uniqueItems
        case contains(Int, count: ClosedRange<Int>)
        case properties(named: [String: Int], matching: [(TextPattern, Int)], others: Int?)
        case propertyCount(ClosedRange<Int>)
        case required([String])
        case propertyNames(Int)
        /// Names that must be there, and schemas that hold, where a name is.
        case dependencies(names: [String: [String]], schemas: [String: Int])
        case all([Int])
        case any([Int])
        case one([Int])
        case not(Int)
        case condition(if: Int, then: Int?, else: Int?)
    }

    var nodes: [[Keyword]]
    var root: Int
}

/// Reads the text of schemas.
struct JSONSchemaReader {
    private struct Place: Hashable {
        var document: Int
        /// The JSON pointer.
        var pointer: String
    }

    private var documents: [JSONTree] = []
    /// Where documents and parts of them with a name of their own are, by URI.
    private var places: [String: Place] = [:]
    private var nodes: [[JSONSchema.Keyword]] = []
    private var known: [Place: Int] = [:]

    static func read(_ root: JSONTree, references: [NamedSchema]) throws(SchemaFormatError) -> JSONSchema {
        var reader = JSONSchemaReader()
        reader.documents = [root]
        for reference in references {
            reader.places[reference.name] = Place(document: reader.documents.count, pointer: "")
            reader.documents.append(try tree(reference.text))
        }
        for document in reader.documents.indices {
            try reader.collectNames(
                reader.documents[document], Place(document: document, pointer: ""), depth: 0)
        }
        let node = try reader.node(at: Place(document: 0, pointer: ""), root, depth: 0)
        return JSONSchema(nodes: reader.nodes, root: node)
    }

    static func tree(_ text: String) throws(SchemaFormatError) -> JSONTree {
        let tree: JSONTree
        do throws(JSONTextError) {
            tree = try JSONTree(Array(text.utf8), maxDepth: 2 * SchemaLimits.maxDepth)
        } catch {
            throw invalid("the schema is no JSON: \(error.message)")
        }
        guard tree.members != nil || tree.bool != nil else {
            throw invalid("a schema is an object, or true or false")
        }
        return tree
    }

    private static func invalid(_ message: String) -> SchemaFormatError {
        SchemaFormatError(.invalidSchema, message)
    }

    // MARK: References

    /// Notes what `$id` and `$anchor` name; they are looked for everywhere, as most readers do.
    private mutating func collectNames(
        _ tree: JSONTree, _ place: Place, depth: Int
    ) throws(SchemaFormatError) {
        guard depth < 2 * SchemaLimits.maxDepth else { throw Self.invalid("schemas are nested too deeply") }
        switch tree {
        case .object(let members):
            for word in ["$id", "id"] {
                if let id = tree[word]?.text, places[id] == nil { places[id] = place }
            }
            if let anchor = tree["$anchor"]?.text {
                places["\(place.document)#\(anchor)"] = place
            }
            for member in members {
                try collectNames(member.value, Self.below(place, member.name), depth: depth + 1)
            }
        case .array(let elements):
            for (number, element) in elements.enumerated() {
                try collectNames(element, Self.below(place, String(number)), depth: depth + 1)
            }
        default: break
        }
    }

    private static func below(_ place: Place, _ name: String) -> Place {
        let part = name.replacing("~", with: "~0").replacing("/", with: "~1")
        return Place(document: place.document, pointer: "\(place.pointer)/\(part)")
    }

    private func place(of reference: String, from place: Place) throws(SchemaFormatError) -> Place {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let uri = String(parts.first ?? "")
        let fragment = parts.count > 1 ? RequestText.percentDecoded(String(parts[1])) : ""
        var target = Place(document: place.document, pointer: "")
        if !uri.isEmpty {
            guard let named = places[uri] ?? places[reference] ?? relative(uri) else {
                throw Self.invalid("$ref: nothing is named \(reference.prefix(200))")
            }
            target = named
        }
        if fragment.isEmpty { return target }
        if fragment.hasPrefix("/") {
            return Place(document: target.document, pointer: target.pointer + fragment)
        }
        guard let anchor = places["\(target.document)#\(fragment)"] ?? places["#\(fragment)"] else {
            throw Self.invalid("$ref: nothing is named \(reference.prefix(200))")
        }
        return anchor
    }

    /// A name without its folder, where only one has that name.
    private func relative(_ uri: String) -> Place? {
        let found = places.filter { $0.key.hasSuffix("/" + uri) }
        return found.count == 1 ? found.first?.value : nil
    }

    private func tree(at place: Place) throws(SchemaFormatError) -> JSONTree {
        var tree = documents[place.document]
        for part in place.pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
            var next = tree[String(name)]
            if let elements = tree.elements, let number = Int(name), elements.indices.contains(number) {
                next = elements[number]
            }
            guard let next else { throw Self.invalid("$ref: there is no \(place.pointer.prefix(200))") }
            tree = next
        }
        return tree
    }

    // MARK: Schemas

    private mutating func node(
        at place: Place, _ tree: JSONTree, depth: Int
    ) throws(SchemaFormatError) -> Int {
        if let node = known[place] { return node }
        guard depth < SchemaLimits.maxDepth else { throw Self.invalid("schemas are nested too deeply") }
        guard nodes.count < SchemaLimits.maxParts else { throw Self.invalid("the schema has too many parts") }
        let node = nodes.count
        known[place] = node
        nodes.append([])
        switch tree {
        case .bool(let isAllowed): nodes[node] = isAllowed ? [] : [.never]
        case .object: nodes[node] = try keywords(tree, place, depth: depth + 1)
        default: throw Self.invalid("\(place.pointer.prefix(200)) is neither an object nor true nor false")
        }
        return node
    }

    private mutating func sub(
        _ tree: JSONTree, _ name: String, _ place: Place, _ depth: Int
    ) throws(SchemaFormatError) -> Int? {
        guard let value = tree[name] else { return nil }
        return try node(at: Self.below(place, name), value, depth: depth)
    }

    private mutating func list(
        _ tree: JSONTree, _ name: String, _ place: Place, _ depth: Int
    ) throws(SchemaFormatError) -> [Int]? {
        guard let elements = tree[name]?.elements else { return nil }
        var found: [Int] = []
        for (number, element) in elements.enumerated() {
            let below = Self.below(Self.below(place, name), String(number))
            found.append(try node(at: below, element, depth: depth))
        }
        return found
    }

    private mutating func map(
        _ tree: JSONTree, _ name: String, _ place: Place, _ depth: Int
    ) throws(SchemaFormatError) -> [(String, Int)] {
        var found: [(String, Int)] = []
        for member in tree[name]?.members ?? [] {
            let below = Self.below(Self.below(place, name), member.name)
            found.append((member.name, try node(at: below, member.value, depth: depth)))
        }
        return found
    }

    /// Words that mean more than this reader can keep to.
    private static let unsupported = [
        "$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties",
    ]

    private mutating func keywords(
        _ tree: JSONTree, _ place: Place, depth: Int
    ) throws(SchemaFormatError) -> [JSONSchema.Keyword] {
        for word in Self.unsupported where tree[word] != nil && tree[word] != .bool(true) {
            throw Self.invalid("\(word) is not supported: write what is allowed into the schema itself")
        }
        var found: [JSONSchema.Keyword] = []
        if let reference = tree["$ref"]?.text {
            let target = try self.place(of: reference, from: place)
            found.append(.reference(try node(at: target, self.tree(at: target), depth: depth)))
        }
        found += try Self.general(tree) + Self.numbers(tree) + Self.strings(tree)
        found += try arrays(tree, place, depth)
        found += try objects(tree, place, depth)
        found += try combinations(tree, place, depth)
        return found
    }

    private static func general(_ tree: JSONTree) throws(SchemaFormatError) -> [JSONSchema.Keyword] {
        var found: [JSONSchema.Keyword] = []
        if let type = tree["type"] {
            let names = type.text.map { [$0] } ?? (type.elements ?? []).compactMap(\.text)
            let all = ["null", "boolean", "integer", "number", "string", "array", "object"]
            guard !names.isEmpty, names.allSatisfy(all.contains) else {
                throw invalid("type is none of \(all.joined(separator: ", "))")
            }
            found.append(.type(names))
        }
        if let values = tree["enum"]?.elements { found.append(.enumeration(values)) }
        if let value = tree["const"] { found.append(.enumeration([value])) }
        return found
    }

    private static func numbers(_ tree: JSONTree) throws(SchemaFormatError) -> [JSONSchema.Keyword] {
        var found: [JSONSchema.Keyword] = []
        if let divisor = tree["multipleOf"] {
            guard let value = divisor.double, value > 0 else {
                throw invalid("multipleOf is no number above 0")
            }
            found.append(.multipleOf(divisor))
        }
        // In draft 4 the exclusive words are flags of the others.
        if let limit = tree["maximum"] {
            found.append(.maximum(limit, isExclusive: tree["exclusiveMaximum"]?.bool ?? false))
        }
        if let limit = tree["minimum"] {
            found.append(.minimum(limit, isExclusive: tree["exclusiveMinimum"]?.bool ?? false))
        }
        if let limit = tree["exclusiveMaximum"], limit.bool == nil {
            found.append(.maximum(limit, isExclusive: true))
        }
        if let limit = tree["exclusiveMinimum"], limit.bool == nil {
            found.append(.minimum(limit, isExclusive: true))
        }
        for keyword in found {
            if case .maximum(let limit, _) = keyword, limit.double == nil {
                throw invalid("maximum is no number")
            }
            if case .minimum(let limit, _) = keyword, limit.double == nil {
                throw invalid("minimum is no number")
            }
        }
        return found
    }

    /// Nil if neither limit is there.
    private static func range(
        _ tree: JSONTree, _ low: String, _ high: String
    ) throws(SchemaFormatError) -> ClosedRange<Int>? {
        guard tree[low] != nil || tree[high] != nil else { return nil }
        var limits = [0, Int.max]
        for (place, name) in [low, high].enumerated() {
            guard let value = tree[name] else { continue }
            guard let number = value.integer, number >= 0 else {
                throw invalid("\(name) is no number from 0 on")
            }
            limits[place] = Int(number)
        }
        guard limits[0] <= limits[1] else { throw invalid("\(low) is above \(high)") }
        return limits[0]...limits[1]
    }

    private static func strings(_ tree: JSONTree) throws(SchemaFormatError) -> [JSONSchema.Keyword] {
        var found: [JSONSchema.Keyword] = []
        if let range = try range(tree, "minLength", "maxLength") { found.append(.length(range)) }
        if let pattern = tree["pattern"]?.text { found.append(.pattern(try TextPattern(pattern))) }
        return found
    }

    private mutating func arrays(
        _ tree: JSONTree, _ place: Place, _ depth: Int
    ) throws(SchemaFormatError) -> [JSONSchema.Keyword] {
        var found: [JSONSchema.Keyword] = []
        let older = try list(tree, "items", place, depth)
        let prefix = try list(tree, "prefixItems", place, depth) ?? older ?? []
        let rest = try sub(tree, older == nil ? "items" : "additionalItems", place, depth)
        if rest != nil || !prefix.isEmpty { found.append(.items(prefix: prefix, rest: rest)) }
        if let range = try Self.range(tree, "minItems", "maxItems") { found.append(.itemCount(range)) }
        if tree["uniqueItems"]?.bool == true { found.append(.uniqueItems) }
        if let contained = try sub(tree, "contains", place, depth) {
            let range = try Self.range(tree, "minContains", "maxContains")
            let low = tree["minContains"] == nil ? 1 : range?.lowerBound ?? 1
            found.append(.contains(contained, count: low...max(low, range?.upperBound ?? .max)))
        }
        return found
    }

    private mutating func objects(
        _ tree: JSONTree, _ place: Place, _ depth: Int
    ) throws(SchemaFormatError) -> [JSONSchema.Keyword] {
        var found: [JSONSchema.Keyword] = []
        let named = try map(tree, "properties", place, depth)
        var matching: [(TextPattern, Int)] = []
        for (pattern, node) in try map(tree, "patternProperties", place, depth) {
            matching.append((try TextPattern(pattern), node))
        }
        let others = try sub(tree, "additionalProperties", place, depth)
        if !named.isEmpty || !matching.isEmpty || others != nil {
            let named = Dictionary(named, uniquingKeysWith: { first, _ in first })
            found.append(.properties(named: named, matching: matching, others: others))
        }
        if let range = try Self.range(tree, "minProperties", "maxProperties") {
            found.append(.propertyCount(range))
        }
        if let names = tree["required"]?.elements { found.append(.required(names.compactMap(\.text))) }
        if let names = try sub(tree, "propertyNames", place, depth) { found.append(.propertyNames(names)) }
        var needed: [String: [String]] = [:]
        var schemas: [String: Int] = [:]
        for word in ["dependentRequired", "dependencies"] {
            for member in tree[word]?.members ?? [] {
                if let names = member.value.elements { needed[member.name] = names.compactMap(\.text) }
            }
        }
        for word in ["dependentSchemas", "dependencies"] {
            for member in tree[word]?.members ?? [] where member.value.elements == nil {
                let below = Self.below(Self.below(place, word), member.name)
                schemas[member.name] = try node(at: below, member.value, depth: depth)
            }
        }
        if !needed.isEmpty || !schemas.isEmpty {
            found.append(.dependencies(names: needed, schemas: schemas))
        }
        return found
    }

    private mutating func combinations(
        _ tree: JSONTree, _ place: Place, _ depth: Int
    ) throws(SchemaFormatError) -> [JSONSchema.Keyword] {
        var found: [JSONSchema.Keyword] = []
        if let all = try list(tree, "allOf", place, depth) { found.append(.all(all)) }
        if let any = try list(tree, "anyOf", place, depth) { found.append(.any(any)) }
        if let one = try list(tree, "oneOf", place, depth) { found.append(.one(one)) }
        if let not = try sub(tree, "not", place, depth) { found.append(.not(not)) }
        if let condition = try sub(tree, "if", place, depth) {
            found.append(
                .condition(
                    if: condition, then: try sub(tree, "then", place, depth),
                    else: try sub(tree, "else", place, depth)))
        }
        return found
    }
}

/// The fragment of a URI as text.
enum RequestText {
    /// What cannot be decoded is left as it is.
    static func percentDecoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            guard byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
