/// Makes one schema of a file and what it imports.
struct ProtoLinker {
    private enum Symbol {
        case message(Int)
        case enumeration(Int)
    }

    private struct Pending {
        var message: ProtoFile.Message
        var place: Int
        var name: String
        var isProto3: Bool
    }

    private var schema = ProtoSchema()
    private var symbols: [String: Symbol] = [:]
    private var pending: [Pending] = []
    private var seen: Set<String> = []

    static func link(_ text: String, references: [NamedSchema]) throws(SchemaFormatError) -> ProtoSchema {
        let known = Dictionary(references.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
        var linker = ProtoLinker()
        let file = try ProtoParser.parse(text)
        try linker.addImports(of: file, known, depth: 0)
        linker.schema.roots = try linker.declare(file)
        guard !linker.schema.roots.isEmpty else {
            throw SchemaFormatError(.invalidSchema, "the file has no message")
        }
        try linker.resolve()
        return linker.schema
    }

    private mutating func addImports(
        of file: ProtoFile, _ known: [String: String], depth: Int
    ) throws(SchemaFormatError) {
        guard depth < SchemaLimits.maxDepth else {
            throw SchemaFormatError(.invalidSchema, "imports are nested too deeply")
        }
        for name in file.imports where seen.insert(name).inserted {
            guard let text = known[name] ?? ProtoLibrary.files[name] else {
                throw SchemaFormatError(
                    .invalidSchema, "the import \(name.prefix(200)) is no reference of the schema")
            }
            let imported: ProtoFile
            do throws(SchemaFormatError) {
                imported = try ProtoParser.parse(text)
            } catch {
                throw error.within(name)
            }
            try addImports(of: imported, known, depth: depth + 1)
            _ = try declare(imported)
        }
    }

    // MARK: Declaring

    private mutating func declare(_ file: ProtoFile) throws(SchemaFormatError) -> [Int] {
        var places: [Int] = []
        for message in file.messages {
            places.append(try declare(message, in: file.package, file.isProto3))
        }
        for enumeration in file.enums { try declare(enumeration, in: file.package, file.isProto3) }
        return places
    }

    private static func join(_ scope: String, _ name: String) -> String {
        scope.isEmpty ? name : "\(scope).\(name)"
    }

    private mutating func enter(_ name: String, _ symbol: Symbol) throws(SchemaFormatError) {
        guard symbols.updateValue(symbol, forKey: name) == nil else {
            throw SchemaFormatError(.invalidSchema, "\(name.prefix(200)) is defined twice")
        }
        guard symbols.count <= SchemaLimits.maxParts else {
            throw SchemaFormatError(.invalidSchema, "the schema has too many parts")
        }
    }

    private mutating func declare(
        _ message: ProtoFile.Message, in scope: String, _ isProto3: Bool
    ) throws(SchemaFormatError) -> Int {
        let name = Self.join(scope, message.name)
        let place = schema.messages.count
        try enter(name, .message(place))
        schema.messages.append(ProtoMessage(name: name, special: ProtoSpecial.byName[name]))
        pending.append(Pending(message: message, place: place, name: name, isProto3: isProto3))
        for nested in message.messages {
            let below = try declare(nested, in: name, isProto3)
            schema.messages[place].nested.append(below)
        }
        for enumeration in message.enums { try declare(enumeration, in: name, isProto3) }
        return place
    }

    private mutating func declare(
        _ enumeration: ProtoFile.Enumeration, in scope: String, _ isProto3: Bool
    ) throws(SchemaFormatError) {
        let name = Self.join(scope, enumeration.name)
        try enter(name, .enumeration(schema.enums.count))
        guard !isProto3 || enumeration.values.first?.number == 0 else {
            throw SchemaFormatError(.invalidSchema, "the first value of \(name) is not zero")
        }
        schema.enums.append(
            ProtoEnumeration(name: name, values: enumeration.values, isClosed: !isProto3))
    }

    // MARK: Resolving

    private mutating func resolve() throws(SchemaFormatError) {
        for declared in pending {
            do throws(SchemaFormatError) {
                try resolve(declared)
            } catch {
                throw error.within(declared.name)
            }
        }
    }

    private mutating func resolve(_ declared: Pending) throws(SchemaFormatError) {
        var fields: [ProtoField] = []
        var oneofs = declared.message.oneofs.count
        for field in declared.message.fields {
            var resolved = try self.field(field, declared)
            if declared.isProto3, field.label == .optional {
                resolved.oneof = oneofs
                oneofs += 1
            }
            fields.append(resolved)
        }
        fields.sort { $0.number < $1.number }
        var message = schema.messages[declared.place]
        for (place, field) in fields.enumerated() {
            guard message.byNumber.updateValue(place, forKey: field.number) == nil else {
                throw SchemaFormatError(.invalidSchema, "the number \(field.number) is there twice")
            }
            for name in Set([field.name, field.jsonName]) {
                guard message.byName.updateValue(place, forKey: name) == nil else {
                    throw SchemaFormatError(.invalidSchema, "the name \(name.prefix(64)) is there twice")
                }
            }
        }
        message.fields = fields
        if let special = message.special, !special.fits(message) { message.special = nil }
        schema.messages[declared.place] = message
    }

    private func field(
        _ field: ProtoFile.Field, _ declared: Pending
    ) throws(SchemaFormatError) -> ProtoField {
        guard let number = Int32(exactly: field.number), (1...536_870_911).contains(number) else {
            throw SchemaFormatError(.invalidSchema, "\(field.name) has no number from 1 to 536870911")
        }
        var type = try self.type(field.type, from: declared.name)
        if field.isGroup, case .message(let place) = type { type = .group(place) }
        let shape: ProtoField.Shape
        if let key = field.mapKey {
            guard let keyType = ProtoType.scalars[key], ![.double, .float, .bytes].contains(keyType) else {
                throw SchemaFormatError(.invalidSchema, "\(field.name) has keys of type \(key.prefix(40))")
            }
            shape = .map(key: keyType)
        } else if field.label == .repeated {
            let isPackable = type.wire != .bytes && type.wire != .groupStart
            let isPacked = field.options["packed"].map { $0 == .word("true") } ?? declared.isProto3
            shape = .repeated(isPacked: isPackable && isPacked)
        } else {
            shape = .singular
        }
        var jsonName = Self.camelCase(field.name)
        if case .string(let bytes) = field.options["json_name"] {
            jsonName = String(decoding: bytes, as: UTF8.self)
        }
        return ProtoField(
            number: number, name: field.name, jsonName: jsonName, type: type, shape: shape,
            hasPresence: shape == .singular
                && (!declared.isProto3 || type.isMessage || field.oneof != nil || field.label == .optional),
            isRequired: field.label == .required, oneof: field.oneof,
            defaultValue: field.options["default"])
    }

    static func camelCase(_ name: String) -> String {
        var found = ""
        var isUpper = false
        for character in name {
            if character == "_" {
                isUpper = true
            } else {
                found += isUpper ? character.uppercased() : String(character)
                isUpper = false
            }
        }
        return found
    }

    /// A name is looked for in the message itself first, then in what is round it.
    private func type(_ name: String, from scope: String) throws(SchemaFormatError) -> ProtoType {
        if let scalar = ProtoType.scalars[name] { return scalar }
        var candidates: [String] = []
        if name.hasPrefix(".") {
            candidates = [String(name.dropFirst())]
        } else {
            var scope = scope[...]
            while !scope.isEmpty {
                candidates.append("\(scope).\(name)")
                scope = scope.lastIndex(of: ".").map { scope[..<$0] } ?? ""
            }
            candidates.append(name)
        }
        for candidate in candidates {
            switch symbols[candidate] {
            case .message(let place): return .message(place)
            case .enumeration(let place): return .enumeration(place)
            case nil: continue
            }
        }
        throw SchemaFormatError(.invalidSchema, "\(name.prefix(200)) is not defined")
    }
}

extension ProtoSpecial {
    /// Whether a message has the fields that its name promises; one that was written by hand may not.
    fileprivate func fits(_ message: ProtoMessage) -> Bool {
        func has(_ number: Int32, _ types: [ProtoType]) -> Bool {
            message.byNumber[number].map { types.contains(message.fields[$0].type) } ?? false
        }
        switch self {
        case .timestamp, .duration: return has(1, [.int64]) && has(2, [.int32])
        case .fieldMask: return has(1, [.string])
        case .wrapper: return message.fields.count == 1 && !message.fields[0].type.isMessage
        case .structure, .list: return message.fields.count == 1
        case .value:
            return message.fields.count == 6 && has(2, [.double]) && has(3, [.string]) && has(4, [.bool])
        case .any: return true
        }
    }
}
