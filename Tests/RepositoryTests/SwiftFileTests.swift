import Testing

/// The other checks rest on telling code from text.
@Suite struct SwiftFileTests {
    private func code(_ text: String) -> String { String(decoding: SwiftFile(text).code, as: UTF8.self) }

    @Test(arguments: [
        ("a // try! }", "a          "),
        ("a /* { /* nested */ { */ b", "a                        b"),
        (#"f("try! }") + g"#, "f(        ) + g"),
        (#"f("a \(x { "}" }) b")"#, #"f(    (x {     })   )"#),
        (##"f(#"a " \(b) "#)"##, "f(             )"),
        (##"f(#"a \#(b) "#)"##, "f(      (b)   )"),
        ("\"\"\"\n try! \" {\n\"\"\" + a", "   \n         \n    + a"),
        (##"#/ " { /# + a"##, "          + a"),
        (#"f("\"{", "\\")"#, "f(     ,     )"),
    ])
    func blanksCommentsAndLiteralsButKeepsInterpolatedCode(text: String, expected: String) {
        #expect(code(text) == expected)
    }

    @Test func findsAUseOnlyWhereTheWholeNameStands() {
        let file = SwiftFile("let endDate() = Date()\nDate() // Date()\n")
        #expect(file.uses(of: "Date()").map(file.line(at:)) == [1, 2])
    }

    @Test func countsTheLinesOfAFunctionFromItsKeywordToItsBrace() {
        let file = SwiftFile(
            """
            struct S {
                init(a: () -> Void = { }) {
                    self.init()
                }
                func two(
                    b: Int
                ) -> Int {
                    if b { "}" }
                    return 2
                }
            }
            """)
        #expect(
            file.functions() == [
                FunctionSpan(firstLine: 2, lineCount: 3), FunctionSpan(firstLine: 5, lineCount: 6),
            ])
    }

    @Test func aRequirementOfAProtocolHasNoBody() {
        let file = SwiftFile(
            "protocol P {\n func a() -> Int\n init()\n var x: Int { get }\n func b()\n}\nfunc c() {}\n")
        #expect(file.functions() == [FunctionSpan(firstLine: 7, lineCount: 1)])
    }
}
