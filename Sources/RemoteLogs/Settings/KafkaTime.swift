import Foundation

/// Times on a command line.
package enum KafkaTime {
    /// Milliseconds since 1970 of a time such as `2026-01-02T03:04:05`, with or without fraction and zone.
    ///
    /// Without a zone it is UTC, as in Kafka's own tools. Nil if the text is no such time.
    package static func milliseconds(of text: String) -> Int64? {
        let hasZone = text.wholeMatch(of: /.*T.*(Z|[+-][0-9]{2}:?[0-9]{2})/) != nil
        let zoned = hasZone ? text : text + "Z"
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: zoned.contains("."))
        guard let date = try? style.parse(zoned) else { return nil }
        return Int64((date.timeIntervalSince1970 * 1000).rounded())
    }
}
