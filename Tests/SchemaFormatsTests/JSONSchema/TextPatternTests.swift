import Testing

@testable import SchemaFormats

@Suite struct TextPatternTests {
    private static let found: [(String, String)] = [
        ("", ""), ("b", "abc"), ("^a.c$", "abc"), ("^(?:a|bc)+$", "abcbca"), ("^[^a-c]*$", "xyz"),
        ("^\\d{3}-\\d{2,}$", "123-45678"), ("^\\w+@\\w+\\.(com|org)$", "a_b@c.org"), ("^a{2,3}$", "aaa"),
        ("^[\\s\\d-]+$", "1 - 2"), ("\\u0041\\x42", "xAB"), ("^(a*)*$", "aaa"), ("^$", ""),
        ("\\bfoo\\b", "a foo b"),
        ("^(|a)b$", "b"), ("^x{0}y?$", "y"), ("a{", "a{"), ("^.$", "é"),
        ("^(a|b|c|d)$", "d"),
        ("^[a-z]+?$", "abc"), ("^\\D\\W\\S$", "a-x"), ("[\\]]", "]"), ("^((a|b){2}c)+$", "abcbac"),
    ]
    private static let missed: [(String, String)] = [
        ("^a$", "ab"), ("^[a-c]$", "d"), ("^a{2,3}$", "aaaa"), ("^a+$", ""), ("^.$", "\n"), ("\\Bfoo", "foo"),
        ("^(a|b)$", "ab"), ("^[^\\d]$", "5"), ("[]", "a"), ("^((a|b){2}c)+$", "abcba"),
    ]

    @Test(arguments: found)
    func isFound(pattern: String, text: String) throws {
        #expect(try TextPattern(pattern).matches(text))
    }

    @Test(arguments: missed)
    func isNotFound(pattern: String, text: String) throws {
        #expect(try !TextPattern(pattern).matches(text))
    }

    @Test(arguments: [
        "(", ")", "[a", "*a", "a**", "(?=a)", "(?<n>a)", "\\1", "\\p{L}", "a{3,2}", "\\", "(a{999}){999}",
    ])
    func isRefused(pattern: String) {
        #expect(Trial.failure { try TextPattern(pattern) } == .invalidSchema)
    }

    /// A matcher that goes back over its steps would take ages.
    @Test func needsNoMoreStepsThanTextAndPatternAreLong() throws {
        #expect(try !TextPattern("^(a|a)*(a|aa)*$").matches(String(repeating: "a", count: 2_000) + "b"))
    }
}
