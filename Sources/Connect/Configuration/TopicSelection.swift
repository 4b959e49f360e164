import Foundation
import StreamModel

/// The topics that a connector reads.
struct TopicSelection: Sendable {
    private enum Kind: Sendable {
        case names(Set<String>)
        case pattern(NSRegularExpression)
    }

    private let kind: Kind

    /// Nil if the configuration, which was checked before, names none.
    init?(_ configuration: [String: String]) {
        if let text = configuration["topics.regex"], !text.isEmpty {
            // An alternative that ends early must not hide a longer one.
            guard Self.pattern(text) != nil, let pattern = Self.pattern("\\A(?:\(text))\\z") else {
                return nil
            }
            kind = .pattern(pattern)
        } else {
            let names = ConfigText.items(configuration["topics"] ?? "")
            guard !names.isEmpty else { return nil }
            kind = .names(Set(names))
        }
    }

    /// A regular expression of Java's kind; nil if it is none.
    static func pattern(_ text: String) -> NSRegularExpression? {
        try? NSRegularExpression(pattern: text)
    }

    func accepts(_ topic: TopicName) -> Bool { accepts(topic.rawValue) }

    func accepts(_ topic: String) -> Bool {
        switch kind {
        case .names(let names): return names.contains(topic)
        case .pattern(let pattern):
            let whole = NSRange(location: 0, length: topic.utf16.count)
            return pattern.firstMatch(in: topic, range: whole) != nil
        }
    }
}

/// Texts of configurations.
enum ConfigText {
    /// The parts of a list, without blanks around them; none of an empty text.
    static func items(_ text: String) -> [String] {
        guard !trimmed(text).isEmpty else { return [] }
        return text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) }
    }

    static func trimmed(_ text: String) -> String {
        var scalars = Substring(text).unicodeScalars
        while let first = scalars.first, first.value <= 0x20 { scalars.removeFirst() }
        while let last = scalars.last, last.value <= 0x20 { scalars.removeLast() }
        return String(Substring(scalars))
    }
}
