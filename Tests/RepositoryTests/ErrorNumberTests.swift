import Testing

/// Each dialect has one table of error numbers; in it a number has one meaning, and a meaning one number.
@Suite struct ErrorNumberTests {
    private static let tables = Repository.swiftSources.filter { $0.path.hasSuffix("Errors.swift") }

    @Test func eachNumberOfADialectStandsForOneCase() {
        #expect(!Self.tables.isEmpty, "no table of error numbers was found")
        for table in Self.tables {
            var names: [Int: [String]] = [:]
            for line in table.lines {
                guard let (name, number) = Self.numberedCase(line) else { continue }
                names[number, default: []].append(name)
            }
            #expect(!names.isEmpty, "\(table.path) holds no numbered case")
            for (number, cases) in names where cases.count > 1 {
                Issue.record("\(table.path): \(number) means \(cases.joined(separator: " and "))")
            }
            let all = names.values.flatMap(\.self)
            #expect(Set(all).count == all.count, "\(table.path): a case stands twice")
        }
    }

    /// A number written elsewhere could drift away from the table.
    @Test func noNumberIsWrittenOutsideItsTable() {
        for table in Self.tables {
            let numbers = table.lines.compactMap { Self.numberedCase($0)?.number }.filter { $0 > 9999 }
            // Dialects of one target share numbers, each with a table of its own.
            for file in Repository.swiftSources
            where file.target == table.target && !Self.tables.contains(where: { $0.path == file.path }) {
                for number in numbers {
                    #expect(file.uses(of: String(number)).isEmpty, "\(file.path) writes \(number) itself")
                }
            }
        }
    }

    @Test func readsANumberedCase() throws {
        let read = try #require(Self.numberedCase("        case topicNotFound = 40401"))
        #expect(read.name == "topicNotFound" && read.number == 40401)
        #expect(Self.numberedCase("case .notFound: 404") == nil)
    }

    private static func numberedCase(_ line: Substring) -> (name: String, number: Int)? {
        let words = line.split(separator: " ")
        guard words.count == 4, words[0] == "case", words[2] == "=" else { return nil }
        guard let number = Int(words[3].filter { $0 != "_" }) else { return nil }
        return (String(words[1]), number)
    }
}
