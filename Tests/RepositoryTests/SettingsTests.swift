import Testing

/// A setting stands beside its owner in Sources, as `key` (…, default: …), and in docs/settings.md.
@Suite struct SettingsTests {
    private struct Setting: Equatable {
        let key: String
        let defaultValue: String
    }

    /// Keys and defaults in docs/settings.md.
    private static let documented: [String: String] = {
        var documented: [String: String] = [:]
        for line in Repository.lines(of: "docs/settings.md") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.filter { $0 != "`" } }
            guard cells.count >= 3 else { continue }
            documented[trimmed(cells[0])] = trimmed(cells[1])
        }
        return documented
    }()

    @Test func theListOfKnownKeysIsTheDocumentedOne() {
        // A long call has its key on the next line.
        let list = Repository.lines(of: "Sources/ServerAssembly/SettingKey.swift")
            .map { $0.drop { $0 == " " } }.joined()
        var known: Set<String> = []
        for call in ["text(\"", "address(\"", "flag(\"", "number(\"", "SettingKey(name: \""] {
            for part in list.split(separator: call).dropFirst() {
                known.insert(String(part.prefix { $0 != "\"" }))
            }
        }
        #expect(known.sorted() == Self.documented.keys.sorted())
    }

    @Test func everySettingInSourcesIsDocumentedWithItsDefault() {
        for path in Repository.files where path.hasPrefix("Sources/") && path.hasSuffix(".swift") {
            for line in Repository.lines(of: path) {
                guard let setting = Self.setting(line) else { continue }
                let value = Self.documented[setting.key]
                #expect(value == setting.defaultValue, "\(path): `\(setting.key)`: see docs/settings.md")
            }
        }
    }

    @Test(arguments: [
        ("    /// `log.segment.bytes` (bytes, default: 268435456, at most 2147483647): closed", "268435456"),
        ("    /// - `flush.size` (int, default: 1000): most records.", "1000"),
        ("    /// `log.flush` (default: commit): `commit`, `none`.", "commit"),
        (
            "    /// `log.retention.ms` (milliseconds, default: 604800000 = 7 days; -1: for ever).",
            "604800000"
        ),
    ])
    func readsASettingAndItsDefault(line: String, defaultValue: String) {
        #expect(Self.setting(line[...])?.defaultValue == defaultValue)
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// The key and default of a comment that declares a setting.
    private static func setting(_ line: Substring) -> Setting? {
        let text = line.drop { " /-".contains($0) }
        guard line.contains("/// "), text.hasPrefix("`"), let mark = text.firstRange(of: "default: ")
        else { return nil }
        let key = text.dropFirst().prefix { $0 != "`" }
        guard key.contains("."), text.dropFirst(key.count + 2).hasPrefix(" (") else { return nil }
        let value = text[mark.upperBound...].prefix { !",;)=:".contains($0) }
        return Setting(key: String(key), defaultValue: trimmed(String(value)))
    }
}
