import Foundation
import JSONText
import Testing

/// How long a record takes on its way into an object, against scanning first; runs only where real rows are named.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["PINLINE_TIME_JSON"] != nil))
struct CompactTimingTests {
    /// The rows of a file of JSON lines, as they are sent.
    private enum Spelling: String, CaseIterable {
        /// Without blanks or escapes.
        case compact
        /// As Python's `json.dumps` writes by default: blanks after `:` and `,`, and nothing but ASCII.
        case spaced
    }

    private func rows(_ spelling: Spelling) throws -> [[UInt8]] {
        let path = ProcessInfo.processInfo.environment["PINLINE_TIME_JSON"] ?? ""
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return lines.map { line in
            var compact: [UInt8] = []
            _ = Array(line.utf8).withUnsafeBytes { TwoPassCompact.append($0, to: &compact) }
            return spelling == .compact ? compact : Self.spaced(compact)
        }
    }

    private static func spaced(_ compact: [UInt8]) -> [UInt8] {
        var text = ""
        var (isString, isEscaped) = (false, false)
        for scalar in String(decoding: compact, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                text.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
            if !isString, scalar == "," || scalar == ":" { text += " " }
            if scalar == "\"", !isEscaped { isString.toggle() }
            isEscaped = scalar == "\\" && !isEscaped
        }
        return Array(text.utf8)
    }

    /// The least time of many rounds, in nanoseconds for one row.
    private func time(_ rows: [[UInt8]], _ append: (UnsafeRawBufferPointer, inout [UInt8]) -> Void) -> Double
    {
        var best = Double.infinity
        for _ in 0..<30 {
            var output: [UInt8] = []
            output.reserveCapacity(8 << 20)
            let start = ContinuousClock.now
            for row in rows { row.withUnsafeBytes { append($0, &output) } }
            let taken = ContinuousClock.now - start
            best = min(best, Double(taken.components.attoseconds) / 1e9 / Double(rows.count))
        }
        return best
    }

    @Test func tellsTheTimeOfOneRow() throws {
        for spelling in Spelling.allCases {
            let rows = try rows(spelling)
            let bytes = rows.reduce(0) { $0 + $1.count } / max(1, rows.count)
            let two = time(rows) { _ = TwoPassCompact.append($0, to: &$1) }
            var scanner = JSONScanner()
            let one = time(rows) { try? scanner.appendCompact($0, to: &$1) }
            print("\(spelling), \(bytes) bytes: scanning first \(Int(two)) ns, together \(Int(one)) ns")
        }
    }
}
