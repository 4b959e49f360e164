import StreamModel

/// Values that a configuration leaves to the environment or to a file: `${env:NAME}`, `${file:PATH:KEY}`.
///
/// They are looked up when a connector starts or is checked, and never stored or shown.
package struct ConfigReferences: Sendable {
    private let providers: Set<ConfigProvider>
    private let environment: @Sendable (String) -> String?
    private let file: @Sendable (String) throws -> String

    /// - Parameters:
    ///   - environment: the value of a variable.
    ///   - file: the text of a file.
    package init(
        providers: Set<ConfigProvider>, environment: @escaping @Sendable (String) -> String?,
        file: @escaping @Sendable (String) throws -> String
    ) {
        self.providers = providers
        self.environment = environment
        self.file = file
    }

    /// The configuration with each reference replaced, and what is wrong with the others, by key.
    func resolve(_ configuration: [String: String]) -> ([String: String], complaints: [String: String]) {
        var resolved = configuration
        var complaints: [String: String] = [:]
        for (key, text) in configuration where text.contains("${") {
            do throws(ConnectError) {
                resolved[key] = try replace(text)
            } catch {
                complaints[key] = error.message
            }
        }
        return (resolved, complaints)
    }

    private func replace(_ text: String) throws(ConnectError) -> String {
        var rest = Substring(text)
        var result = ""
        while let open = rest.firstRange(of: "${"), let close = rest[open.upperBound...].firstIndex(of: "}") {
            result += rest[..<open.lowerBound]
            result += try value(of: rest[open.upperBound..<close]) ?? String(rest[open.lowerBound...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// Nil for what is no reference, which stays as it is.
    private func value(of reference: Substring) throws(ConnectError) -> String? {
        let parts = reference.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let provider = ConfigProvider(rawValue: String(parts[0])) else { return nil }
        guard providers.contains(provider) else {
            throw ConnectError(
                .invalid,
                "${\(reference)} is not looked up: allow it by the server's setting "
                    + "connect.config.providers: \(provider.rawValue)")
        }
        switch provider {
        case .env:
            guard let value = environment(String(parts[1])) else {
                throw ConnectError(.invalid, "the server's environment has no variable \(parts[1])")
            }
            return value
        case .file: return try entry(parts[1])
        }
    }

    private func entry(_ place: Substring) throws(ConnectError) -> String {
        guard let colon = place.lastIndex(of: ":") else {
            throw ConnectError(.invalid, "${file:\(place)} names no key: write ${file:PATH:KEY}")
        }
        let path = String(place[..<colon])
        let key = String(place[place.index(after: colon)...])
        let text: String
        do {
            text = try file(path)
        } catch {
            throw ConnectError(.invalid, "the file \(path) cannot be read: \(error)")
        }
        guard let value = JavaProperties.parse(text)[key] else {
            throw ConnectError(.invalid, "the file \(path) has no key \(key)")
        }
        return value
    }
}
