/// The login in `sasl.jaas.config`: a module's name, a flag and options, ended by a semicolon.
///
/// ```
/// org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="secret";
/// ```
package struct JAASLogin: Equatable {
    /// The class's name without its package.
    package var module: String
    package var options: [String: String]

    /// - Throws: `invalidSettings`.
    package init(_ text: String) throws(RemoteLogError) {
        var words = try Self.words(text)[...]
        guard let name = words.popFirst(), words.popFirst() != nil, words.popLast() == ";" else {
            throw RemoteLogError(
                .invalidSettings,
                #"sasl.jaas.config must read: MODULE required username="…" password="…"; with the semicolon"#)
        }
        module = name.split(separator: ".").last.map(String.init) ?? name
        options = [:]
        while let option = words.popFirst() {
            guard words.popFirst() == "=", let value = words.popFirst() else {
                throw RemoteLogError(.invalidSettings, "sasl.jaas.config: \(option) has no value")
            }
            options[option] = value
        }
    }

    /// Names, quoted values without their quotes, `=` and `;`.
    private static func words(_ text: String) throws(RemoteLogError) -> [String] {
        var words: [String] = []
        var rest = text[...]
        while let character = rest.first {
            if character.isWhitespace {
                rest.removeFirst()
            } else if character == "=" || character == ";" {
                words.append(String(rest.removeFirst()))
            } else if character == "\"" || character == "'" {
                words.append(try quoted(&rest))
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != ";" }
                words.append(String(word))
                rest = rest[word.endIndex...]
            }
        }
        return words
    }

    private static func quoted(_ rest: inout Substring) throws(RemoteLogError) -> String {
        let quote = rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == quote { return value }
            // Whatever follows a backslash stands for itself.
            if character == "\\", let escaped = rest.popFirst() {
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        throw RemoteLogError(.invalidSettings, "sasl.jaas.config: a quote is not closed")
    }
}
