import KafkaWire
import StreamModel

/// Checks topic names with Apache Kafka's own words.
enum TopicNaming {
    /// - Throws: `invalidTopic`, saying what is wrong.
    static func validated(_ name: String) throws(AdministrationError) -> TopicName {
        if let topic = TopicName(name) { return topic }
        throw AdministrationError(.invalidTopic, "Topic name is invalid: " + fault(of: name))
    }

    private static func fault(of name: String) -> String {
        if name.isEmpty { return "the empty string is not allowed" }
        if name == "." || name == ".." { return "'\(name)' is not allowed" }
        if name.utf8.count > TopicName.maxLength {
            return "the length of '\(name)' is longer than the max allowed length \(TopicName.maxLength)"
        }
        return "'\(name)' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    }

    /// The names that stand more than once.
    static func repeated(_ names: some Sequence<String>) -> Set<String> {
        var seen: Set<String> = [], twice: Set<String> = []
        for name in names where !seen.insert(name).inserted { twice.insert(name) }
        return twice
    }
}
