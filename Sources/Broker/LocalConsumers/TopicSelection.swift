import Foundation
import StreamModel

/// What a consumer wants to read: nothing yet, topics, all topics of a pattern, or partitions of its own choice.
enum TopicSelection: Sendable {
    case nothing
    case topics(Set<TopicName>)
    case pattern(TopicExpression)
    case partitions

    /// The topics that the group is told of; nil if it is no member.
    var topics: [TopicName]? {
        switch self {
        case .nothing, .partitions: nil
        case .topics(let names): names.sorted()
        case .pattern(let expression): expression.matched.sorted()
        }
    }

    static let conflict = ConsumerError(
        .illegalState, "Subscription to topics, partitions and pattern are mutually exclusive")
}

/// A regular expression over the whole name of a topic, and the topics that it has matched.
///
/// Topics of the server's own (`__…`) never match.
struct TopicExpression: Sendable {
    /// The longest pattern, in bytes.
    static let maxLength = 1000
    /// A name is given up after so many reports of the engine that it is still searching; each stands for some ten
    /// thousand steps, so that a pattern that explodes costs milliseconds.
    private static let maxReports = 20
    /// After so many names that had to be given up the pattern is tried on no more.
    private static let maxExplosions = 10

    private let expression: NSRegularExpression
    private(set) var matched: Set<TopicName> = []
    private var known: Set<TopicName> = []
    private var explosions = 0

    init(_ pattern: String) throws(ConsumerError) {
        guard pattern.utf8.count <= Self.maxLength else {
            throw ConsumerError(.invalidPattern, "the pattern is longer than \(Self.maxLength) bytes")
        }
        do {
            // By itself first: a bracket too many must not close ours.
            _ = try NSRegularExpression(pattern: pattern)
            expression = try NSRegularExpression(pattern: "^(?:\(pattern))$")
        } catch {
            throw ConsumerError(.invalidPattern, "'\(pattern)' is no regular expression")
        }
    }

    /// Looks at all topics there are; those it has seen before cost nothing.
    ///
    /// - Returns: whether it matches others than before.
    mutating func look(at names: Set<TopicName>) -> Bool {
        let before = matched
        for name in names.subtracting(known) where matches(name.rawValue) { matched.insert(name) }
        known = names
        matched.formIntersection(names)
        return matched != before
    }

    private mutating func matches(_ name: String) -> Bool {
        guard !name.hasPrefix("__"), explosions < Self.maxExplosions else { return false }
        var isMatch = false
        var reports = 0
        expression.enumerateMatches(
            in: name, options: .reportProgress, range: NSRange(location: 0, length: name.utf16.count)
        ) { match, _, stop in
            isMatch = match != nil
            if match == nil { reports += 1 }
            if isMatch || reports > Self.maxReports { stop.pointee = true }
        }
        if reports > Self.maxReports { explosions += 1 }
        return isMatch
    }
}
