import JSONText
import Testing

@Suite struct MemberNameTests {
    private static let repeated: [String] = [
        #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"":1,"":2}"#, #"{"a":1,"\u0061":2}"#,
        #"{"\u0061":1,"a":2}"#,
        #"{"\u0061":1,"\u0061":2}"#, #"{"\n":1,"\u000a":2}"#, #"{"\/":1,"/":2}"#, #"{"é":1,"\u00e9":2}"#,
        #"{"😀":1,"\ud83d\ude00":2}"#, #"{"x":{"a":1,"a":2}}"#, #"[{"a":1},{"a":1,"a":2}]"#,
        #"{"a":{"b":1},"c":[{"b":2}],"a":3}"#, #"{"a":{"a":{"a":1}},"a":1}"#,
    ]

    @Test(arguments: repeated)
    func aNameThatOccursTwiceIsRefused(text: String) {
        #expect(Array(text.utf8).scanFault?.code == .duplicateMember)
    }

    private static let distinct: [String] = [
        #"{"a":1,"A":2}"#, #"{"a":1,"a ":2}"#, #"{"a":{"a":1},"b":{"a":2}}"#, #"[{"a":1},{"a":2}]"#,
        #"{"\\n":1,"\n":2}"#, #"{"é":1,"e\u0301":2}"#, #"{"a":{"b":1},"b":2}"#, #"{"ab":1,"a":2,"b":3}"#,
        #"{"a\u0000":1,"a":2}"#,
    ]

    @Test(arguments: distinct)
    func namesThatDifferAreAccepted(text: String) throws {
        try Array(text.utf8).scan()
    }

    /// Past 32 names a table takes over.
    @Test(arguments: [2, 31, 32, 33, 34, 64, 500])
    func aRepeatIsFoundAmongAnyNumberOfNames(count: Int) throws {
        let names = (0..<count).map { "\"name-\($0)\":\($0)" }
        try Array("{\(names.joined(separator: ","))}".utf8).scan()
        for repeated in [0, count / 2, count - 1] {
            for again in ["\"name-\(repeated)\":0", "\"n\\u0061me-\(repeated)\":0"] {
                let text = "{\((names + [again]).joined(separator: ","))}"
                #expect(Array(text.utf8).scanFault?.code == .duplicateMember)
            }
        }
    }

    @Test func manyNamesInnerAndOuterAreKeptApart() throws {
        func object(_ prefix: String, _ count: Int, _ value: (Int) -> String) -> String {
            "{" + (0..<count).map { "\"\(prefix)\($0)\":\(value($0))" }.joined(separator: ",") + "}"
        }
        let inner = object("n", 40) { "\($0)" }
        let text = object("n", 40) { _ in inner }
        try Array(text.utf8).scan()
        let twice = text.dropLast() + #","n39":0}"#
        #expect(Array(twice.utf8).scanFault?.code == .duplicateMember)
        let innerTwice = text.dropLast(2) + #","n0":0}}"#
        #expect(Array(innerTwice.utf8).scanFault?.code == .duplicateMember)
        let afterwards = text.dropLast() + #","m":1,"n":2,"m":3}"#
        #expect(Array(afterwards.utf8).scanFault?.code == .duplicateMember)
    }

    /// An outer table that is built again for each inner object would take minutes here.
    @Test(.timeLimit(.minutes(1)))
    func manyLargeObjectsInALargeOneTakeLinearTime() throws {
        let inner = "{" + (0..<40).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        let text = "{" + (0..<40_000).map { "\"k\($0)\":\(inner)" }.joined(separator: ",") + "}"
        try Array(text.utf8).scan()
    }

    @Test func aNameIsComparedWithAWordThroughItsEscapes() throws {
        for (name, isValue) in [
            ("value", true), (#"valu\u0065"#, true), ("values", false), ("Value", false), ("", false),
            (#"v\n"#, false),
        ] {
            let text = Array("{\"\(name)\":0}".utf8)
            try text.withUnsafeBytes { bytes in
                var scanner = JSONScanner(bytes)
                try scanner.beginObject()
                let member = try #require(try scanner.nextMember())
                #expect(scanner.matches(member, "value") == isValue, "\(name)")
            }
        }
    }
}
