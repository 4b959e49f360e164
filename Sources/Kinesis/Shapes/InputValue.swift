/// A value of a request whose type is right.
enum InputValue: Sendable {
    case string(String)
    case integer(Int64)
    case bool(Bool)
    /// Milliseconds since 1970.
    case time(Int64)
    case bytes([UInt8])
    /// Nil where the request has null.
    case list([InputValue?])
    case map([(key: String, value: String?)])
    case structure(Input)
}

/// The members of a structure of a request, those that are null left out.
struct Input: Sendable {
    private var values: [String: InputValue] = [:]

    subscript(name: String) -> InputValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    func string(_ name: String) -> String? {
        if case .string(let text)? = values[name] { text } else { nil }
    }

    func integer(_ name: String) -> Int64? {
        if case .integer(let number)? = values[name] { number } else { nil }
    }

    func bool(_ name: String) -> Bool? {
        if case .bool(let value)? = values[name] { value } else { nil }
    }

    func time(_ name: String) -> Int64? {
        if case .time(let milliseconds)? = values[name] { milliseconds } else { nil }
    }

    func bytes(_ name: String) -> [UInt8]? {
        if case .bytes(let bytes)? = values[name] { bytes } else { nil }
    }

    func structure(_ name: String) -> Input? {
        if case .structure(let input)? = values[name] { input } else { nil }
    }

    func structures(_ name: String) -> [Input] {
        guard case .list(let elements)? = values[name] else { return [] }
        return elements.compactMap { if case .structure(let input)? = $0 { input } else { nil } }
    }

    func strings(_ name: String) -> [String]? {
        guard case .list(let elements)? = values[name] else { return nil }
        return elements.compactMap { if case .string(let text)? = $0 { text } else { nil } }
    }

    func map(_ name: String) -> [String: String]? {
        guard case .map(let entries)? = values[name] else { return nil }
        return Dictionary(entries.map { ($0.key, $0.value ?? "") }) { _, last in last }
    }
}
