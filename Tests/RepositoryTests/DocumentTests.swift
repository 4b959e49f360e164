import Foundation
import Testing

@Suite struct DocumentTests {
    private static let documents = Repository.files.filter { $0.hasSuffix(".md") }

    @Test func everyRelativeLinkLeadsToAFile() {
        for document in Self.documents {
            let folder = Repository.root.appendingPathComponent(document).deletingLastPathComponent()
            for link in Self.links(in: Repository.text(of: document)) where !link.contains(":") {
                let parts = link.components(separatedBy: "#")
                let target = parts[0].isEmpty ? document : parts[0]
                let file = parts[0].isEmpty ? Repository.root : folder
                let url = file.appendingPathComponent(target).standardizedFileURL
                #expect(Repository.exists(url.path), "\(document) links to \(link)")
                guard parts.count == 2, url.path.hasSuffix(".md") else { continue }
                let anchors = Self.anchors(in: (try? String(contentsOf: url, encoding: .utf8)) ?? "")
                #expect(anchors.contains(parts[1]), "\(document) links to \(link), which has no such heading")
            }
        }
    }

    @Test func theFirstScreenFitsOneScreen() {
        #expect(Repository.lines(of: "README.md").count <= 45)
    }

    @Test func theChangeLogOpensWithWhatIsUnreleased() {
        #expect(Repository.lines(of: "CHANGELOG.md").first { $0.hasPrefix("## ") } == "## Unreleased")
    }

    /// A setting that no document names is a setting that nobody finds.
    @Test func everyEnvironmentVariableInSourcesIsDocumented() {
        let documented = Self.environmentNames(in: Repository.text(of: "docs/settings.md"))
        for path in Repository.files where path.hasPrefix("Sources/") {
            for name in Self.environmentNames(in: Repository.text(of: path)) where name != "PINLINE_" {
                #expect(documented.contains(name), "\(path) reads \(name); docs/settings.md does not name it")
            }
        }
    }

    @Test func findsLinksButNotInCode() {
        let text = "[a](x.md) `[b](y.md)` ![c](z.png \"t\")\n```\n[d](w.md)\n```\n[e](<v w.md>)"
        #expect(Self.links(in: text) == ["x.md", "z.png", "v w.md"])
    }

    private static func environmentNames(in text: String) -> Set<String> {
        guard text.contains("PINLINE_") else { return [] }
        let parts = text.components(separatedBy: "PINLINE_").dropFirst()
        return Set(
            parts.map { part in
                "PINLINE_" + part.prefix { $0 == "_" || $0.isNumber || ($0.isASCII && $0.isUppercase) }
            })
    }

    /// The targets of `[text](target)` outside code.
    private static func links(in text: String) -> [String] {
        var found: [String] = []
        var isInBlock = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isInBlock.toggle() }
            if isInBlock { continue }
            // Every second part between backticks is code.
            let prose = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "code" }.joined()
            for part in prose.components(separatedBy: "](").dropFirst() {
                let isQuoted = part.hasPrefix("<")
                let target = part.drop { $0 == "<" }.prefix { isQuoted ? $0 != ">" : $0 != ")" && $0 != " " }
                if !target.isEmpty { found.append(String(target)) }
            }
        }
        return found
    }

    /// Headings as a link names them: lower case, without punctuation, `-` for each blank.
    private static func anchors(in text: String) -> Set<String> {
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                let words = heading.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
                let kept = words.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
                return kept.replacingOccurrences(of: " ", with: "-")
            })
    }
}
