/// What a `.proto` file declares, by the names that it uses.
struct ProtoFile {
    struct Field {
        enum Label { case none, optional, required, repeated }

        var label = Label.none
        /// The word of a type: a scalar's, or a path.
        var type: String
        var name: String
        var number: Int64
        /// The key's type, of a map.
        var mapKey: String?
        var isGroup = false
        var oneof: Int?
        var options: [String: ProtoToken] = [:]
    }

    struct Message {
        var name: String
        var fields: [Field] = []
        var messages: [Message] = []
        var enums: [Enumeration] = []
        var oneofs: [String] = []
    }

    struct Enumeration {
        var name: String
        var values: [(name: String, number: Int32)] = []
    }

    var isProto3 = false
    var package = ""
    var imports: [String] = []
    var messages: [Message] = []
    var enums: [Enumeration] = []
}

/// Reads a `.proto` file of syntax proto2 or proto3; what does not concern the data is stepped over.
struct ProtoParser {
    private var tokens: ProtoTokens
    private var file = ProtoFile()
    private var partsLeft = SchemaLimits.maxParts

    static func parse(_ text: String) throws(SchemaFormatError) -> ProtoFile {
        var parser = ProtoParser(tokens: try ProtoTokens(text))
        try parser.readFile()
        return parser.file
    }

    private init(tokens: ProtoTokens) {
        self.tokens = tokens
    }

    private mutating func spend() throws(SchemaFormatError) {
        partsLeft -= 1
        guard partsLeft > 0 else { throw tokens.invalid("the file has too many parts") }
    }

    private mutating func readFile() throws(SchemaFormatError) {
        while tokens.next != .end {
            if try tokens.takes(";") { continue }
            let word = try tokens.name()
            switch word {
            case "syntax":
                try tokens.expect("=")
                let syntax = try tokens.text()
                guard syntax == "proto2" || syntax == "proto3" else {
                    throw tokens.invalid("the syntax \(syntax.prefix(20)) is not known")
                }
                file.isProto3 = syntax == "proto3"
                try tokens.expect(";")
            case "edition": throw tokens.invalid("editions are not supported: take proto2 or proto3")
            case "import":
                if try !tokens.takes(word: "public") { _ = try tokens.takes(word: "weak") }
                file.imports.append(try tokens.text())
                try tokens.expect(";")
            case "package":
                file.package = try tokens.path()
                try tokens.expect(";")
            case "option": try tokens.skip(past: ";")
            case "message": file.messages.append(try message(try tokens.name(), depth: 0))
            case "enum": file.enums.append(try enumeration())
            case "service", "extend": try tokens.skip(past: "}")
            default: throw tokens.invalid("\(word.prefix(60)) is not expected here")
            }
        }
    }

    // MARK: Messages

    private mutating func message(
        _ name: String, depth: Int
    ) throws(SchemaFormatError) -> ProtoFile.Message {
        guard depth < SchemaLimits.maxDepth else { throw tokens.invalid("messages are nested too deeply") }
        try spend()
        var message = ProtoFile.Message(name: name)
        try tokens.expect("{")
        while try !tokens.takes("}") {
            if try tokens.takes(";") { continue }
            guard case .word(let word) = tokens.next else {
                try readField(into: &message, oneof: nil, depth: depth)
                continue
            }
            switch word {
            case "message":
                _ = try tokens.take()
                message.messages.append(try self.message(try tokens.name(), depth: depth + 1))
            case "enum":
                _ = try tokens.take()
                message.enums.append(try enumeration())
            case "option", "reserved", "extensions": try tokens.skip(past: ";")
            case "extend": try tokens.skip(past: "}")
            case "oneof":
                _ = try tokens.take()
                try readOneof(into: &message, depth: depth)
            default: try readField(into: &message, oneof: nil, depth: depth)
            }
        }
        return message
    }

    private mutating func readOneof(
        into message: inout ProtoFile.Message, depth: Int
    ) throws(SchemaFormatError) {
        let number = message.oneofs.count
        message.oneofs.append(try tokens.name())
        try tokens.expect("{")
        while try !tokens.takes("}") {
            if try tokens.takes(";") { continue }
            if tokens.next == .word("option") {
                try tokens.skip(past: ";")
            } else {
                try readField(into: &message, oneof: number, depth: depth)
            }
        }
    }

    private mutating func readField(
        into message: inout ProtoFile.Message, oneof: Int?, depth: Int
    ) throws(SchemaFormatError) {
        try spend()
        var label = ProtoFile.Field.Label.none
        if try tokens.takes(word: "repeated") {
            label = .repeated
        } else if try tokens.takes(word: "optional") {
            label = .optional
        } else if try tokens.takes(word: "required") {
            label = .required
        }
        var type = try tokens.path()
        var key: String?
        if type == "map", try tokens.takes("<") {
            key = try tokens.path()
            try tokens.expect(",")
            type = try tokens.path()
            try tokens.expect(">")
        }
        let name = try tokens.name()
        try tokens.expect("=")
        var field = ProtoFile.Field(
            label: label, type: type, name: name, number: try tokens.integer(), mapKey: key, oneof: oneof)
        if try tokens.takes("[") { field.options = try options() }
        if type == "group", tokens.next == .symbol("{") {
            field.isGroup = true
            field.type = name
            field.name = name.lowercased()
            message.messages.append(try self.message(name, depth: depth + 1))
        } else {
            try tokens.expect(";")
        }
        message.fields.append(field)
    }

    /// The options that concern the data: plain names with plain values.
    private mutating func options() throws(SchemaFormatError) -> [String: ProtoToken] {
        var found: [String: ProtoToken] = [:]
        while true {
            guard case .word(let name) = tokens.next else {
                if try skipOption() { return found }
                continue
            }
            _ = try tokens.take()
            guard try tokens.takes("=") else {
                if try skipOption() { return found }
                continue
            }
            if case .string = tokens.next {
                found[name] = .string(try tokens.string())
            } else {
                let isNegative = try tokens.takes("-")
                let value = try tokens.take()
                switch value {
                case .number(let text): found[name] = .number(isNegative ? "-" + text : text)
                case .word(let text): found[name] = .word(isNegative ? "-" + text : text)
                case .symbol("{"): try skipAggregate()
                default: throw tokens.invalid("an option has no value")
                }
            }
            if try tokens.takes("]") { return found }
            try tokens.expect(",")
        }
    }

    private mutating func skipAggregate() throws(SchemaFormatError) {
        var depth = 1
        while depth > 0 {
            switch try tokens.take() {
            case .symbol("{"): depth += 1
            case .symbol("}"): depth -= 1
            case .end: throw tokens.invalid("an option has no end")
            default: break
            }
        }
    }

    /// Steps over an option and what ends it; true if that was the last one.
    private mutating func skipOption() throws(SchemaFormatError) -> Bool {
        var depth = 0
        while true {
            switch try tokens.take() {
            case .symbol("{"), .symbol("("), .symbol("["): depth += 1
            case .symbol("}"), .symbol(")"): depth -= 1
            case .symbol("]"):
                guard depth > 0 else { return true }
                depth -= 1
            case .symbol(",") where depth == 0: return false
            case .end: throw tokens.invalid("an option has no end")
            default: break
            }
        }
    }

    // MARK: Enums

    private mutating func enumeration() throws(SchemaFormatError) -> ProtoFile.Enumeration {
        try spend()
        var found = ProtoFile.Enumeration(name: try tokens.name())
        try tokens.expect("{")
        while try !tokens.takes("}") {
            if try tokens.takes(";") { continue }
            if tokens.next == .word("option") || tokens.next == .word("reserved") {
                let word = try tokens.take()
                // A value may have the name of a statement.
                guard tokens.next == .symbol("=") else {
                    try tokens.skip(past: ";")
                    continue
                }
                try readValue(named: word.text, into: &found)
            } else {
                try readValue(named: try tokens.name(), into: &found)
            }
        }
        guard !found.values.isEmpty else { throw tokens.invalid("the enum \(found.name) has no value") }
        return found
    }

    private mutating func readValue(
        named name: String, into enumeration: inout ProtoFile.Enumeration
    ) throws(SchemaFormatError) {
        try spend()
        try tokens.expect("=")
        guard let number = Int32(exactly: try tokens.integer()) else {
            throw tokens.invalid("the number of \(name) has over 32 bits")
        }
        if try tokens.takes("[") { _ = try options() }
        try tokens.expect(";")
        enumeration.values.append((name, number))
    }
}
