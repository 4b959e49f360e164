/// Reads Java's `.properties` text, in which Kafka's own tools take their settings.
///
/// Source: Java documentation, `java.util.Properties.load`.
package enum JavaProperties {
    /// Later entries of a name replace earlier ones.
    package static func parse(_ text: String) -> [String: String] {
        var entries: [String: String] = [:]
        for line in logicalLines(text) {
            var scanner = line[...]
            let name = readName(&scanner)
            skipSeparator(&scanner)
            entries[name] = unescape(scanner)
        }
        return entries
    }

    /// Lines without blanks before them, comments and line ends; a backslash at its end joins a line to the next.
    private static func logicalLines(_ text: String) -> [[Unicode.Scalar]] {
        var lines: [[Unicode.Scalar]] = []
        var joined: [Unicode.Scalar]?
        // Carriage return and line feed are one character, but two scalars.
        let natural = text.unicodeScalars.split(omittingEmptySubsequences: true) { $0 == "\n" || $0 == "\r" }
        for piece in natural {
            let line = piece.drop { isBlank($0) }
            if joined == nil, line.first == "#" || line.first == "!" || line.isEmpty { continue }
            let slashes = line.reversed().prefix { $0 == "\\" }.count
            let goesOn = slashes % 2 == 1
            let content = (joined ?? []) + line.dropLast(goesOn ? 1 : 0)
            joined = goesOn ? content : nil
            if !goesOn { lines.append(content) }
        }
        if let joined { lines.append(joined) }
        return lines
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{C}"
    }

    private static func readName(_ scanner: inout ArraySlice<Unicode.Scalar>) -> String {
        var end = scanner.startIndex
        while end < scanner.endIndex, scanner[end] != "=", scanner[end] != ":", !isBlank(scanner[end]) {
            end += scanner[end] == "\\" ? 2 : 1
        }
        end = min(end, scanner.endIndex)
        defer { scanner = scanner[end...] }
        return unescape(scanner[..<end])
    }

    private static func skipSeparator(_ scanner: inout ArraySlice<Unicode.Scalar>) {
        scanner = scanner.drop { isBlank($0) }
        guard scanner.first == "=" || scanner.first == ":" else { return }
        scanner = scanner.dropFirst().drop { isBlank($0) }
    }

    private static func unescape(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        var rest = scalars
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let escaped = rest.popFirst() else {
                text.append(scalar)
                continue
            }
            switch escaped {
            case "n": text.append("\n")
            case "r": text.append("\r")
            case "t": text.append("\t")
            case "f": text.append("\u{C}")
            case "u":
                let digits = String(String.UnicodeScalarView(rest.prefix(4)))
                guard digits.unicodeScalars.count == 4, let number = UInt32(digits, radix: 16),
                    let unicode = Unicode.Scalar(number)
                else { continue }
                text.append(unicode)
                rest = rest.dropFirst(4)
            default: text.append(escaped)
            }
        }
        return String(text)
    }
}
