import Testing

@testable import Emulation

@Suite struct CSVReaderTests {
    private func records(_ text: String) throws -> [[String]] {
        var reader = CSVReader(Array(text.utf8))
        var records: [[String]] = []
        while let fields = try reader.next() {
            records.append(fields.map { String(decoding: $0, as: UTF8.self) })
        }
        return records
    }

    @Test(
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
            ("\u{FEFF}a,b\n", [["a", "b"]]),
            ("a\n\n\nb\n", [["a"], ["b"]]),
            (",a\n0,x\n", [["", "a"], ["0", "x"]]),
            ("a,\n", [["a", ""]]),
            ("a,", [["a", ""]]),
            ("", []),
        ] as [(String, [[String]])])
    func recordsEndAtLineBreaksOfAnyKind(text: String, expected: [[String]]) throws {
        #expect(try records(text) == expected)
    }

    @Test(
        arguments: [
            (#""a,b",c"#, [["a,b", "c"]]),
            ("\"a\nb\",c\n", [["a\nb", "c"]]),
            ("\"a\r\nb\"", [["a\r\nb"]]),
            (#""say ""hi""",x"#, [[#"say "hi""#, "x"]]),
            (#""",x"#, [["", "x"]]),
            (#"12" frame,x"#, [[#"12" frame"#, "x"]]),
        ] as [(String, [[String]])])
    func quotesKeepCommasLineBreaksAndQuotes(text: String, expected: [[String]]) throws {
        #expect(try records(text) == expected)
    }

    @Test func quoteThatIsNeverClosedNamesItsLine() {
        #expect(throws: CSVReader.Failure(line: 2, message: "a quote is opened and never closed")) {
            try records("a\n\"b\nc\n")
        }
    }

    @Test func textAfterAClosingQuoteIsRefused() {
        #expect(throws: CSVReader.Failure(line: 1, message: "text follows a closing quote")) {
            try records("\"a\"b,c\n")
        }
    }

    @Test func recordKnowsTheLineItBeginsAt() throws {
        var reader = CSVReader(Array("a\n\"b\nb\"\nc\n".utf8))
        var lines: [Int] = []
        while try reader.next() != nil { lines.append(reader.recordLine) }
        #expect(lines == [1, 2, 4])
    }
}
