import JSONText
import Testing

@Suite struct PullingTests {
    private func pull<Result>(
        _ text: String, maxDepth: Int = 4, _ body: (inout JSONScanner) throws -> Result
    ) throws -> Result {
        try Array(text.utf8).withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes, maxDepth: maxDepth)
            return try body(&scanner)
        }
    }

    private func fault(_ text: String, _ body: (inout JSONScanner) throws -> Void) -> JSONTextError.Code? {
        do {
            try pull(text, body)
            return nil
        } catch {
            return (error as? JSONTextError)?.code
        }
    }

    @Test(
        arguments: [
            ("{}", .object), ("[", .array), ("\"", .string), ("-", .number), ("0", .number), ("9", .number),
            ("t", .true),
            ("f", .false), ("n", .null), (" \t\r\n{", .object),
        ] as [(String, JSONKind)])
    func theNextKindIsToldByItsFirstByte(text: String, kind: JSONKind) throws {
        let found = try pull(text) { try $0.peekKind() }
        #expect(found == kind)
    }

    @Test func membersAndElementsArePulledInOrderWithTheirBytes() throws {
        let text = #" { "records" : [ {"value":{"a":[1,2]}} , "x" , -1.5e3 ] , "last" : null } "#
        let bytes = Array(text.utf8)
        let seen = try pull(text, maxDepth: 5) { scanner in
            var seen: [String] = []
            func note(_ range: Range<Int>) { seen.append(String(decoding: bytes[range], as: UTF8.self)) }
            try scanner.beginObject()
            note(try #require(try scanner.nextMember()).range)
            try scanner.beginArray()
            while try scanner.nextElement() { note(try scanner.value().range) }
            note(try #require(try scanner.nextMember()).range)
            note(try scanner.value().range)
            #expect(try scanner.nextMember() == nil)
            try scanner.finish()
            return seen
        }
        #expect(seen == ["records", #"{"value":{"a":[1,2]}}"#, #""x""#, "-1.5e3", "last", "null"])
    }

    @Test func emptyContainersHaveNothingToPull() throws {
        try pull("[{} , [ ]]") { scanner in
            try scanner.beginArray()
            #expect(try scanner.nextElement())
            try scanner.beginObject()
            #expect(try scanner.nextMember() == nil)
            #expect(try scanner.nextElement())
            try scanner.beginArray()
            #expect(try !scanner.nextElement())
            #expect(try !scanner.nextElement())
            try scanner.finish()
        }
    }

    @Test func openingSomethingElseIsRefusedAndConsumesNothing() throws {
        #expect(fault("[]") { try $0.beginObject() } == .unexpectedByte)
        #expect(fault("{}") { try $0.beginArray() } == .unexpectedByte)
        #expect(fault("") { try $0.beginArray() } == .unexpectedEnd)
        try pull("[]") { scanner in
            #expect(throws: JSONTextError.self) { try scanner.beginObject() }
            try scanner.beginArray()
        }
    }

    @Test func nestingUpToTheLimitIsAcceptedAndPastItRefused() {
        #expect(fault("[[[[]]]]") { _ = try $0.value() } == nil)
        #expect(fault("[[[[[]]]]]") { _ = try $0.value() } == .depthExceeded)
        #expect(fault(#"{"a":{"a":{"a":{"a":1}}}}"#) { _ = try $0.value() } == nil)
        #expect(fault(#"{"a":[{"a":[[]]}]}"#) { _ = try $0.value() } == .depthExceeded)
        #expect(fault("[[[[1],[2]],[3]],[[[4]]]]") { _ = try $0.value() } == nil)
    }

    @Test func pulledAndSkippedContainersCountTogether() {
        #expect(
            fault("[[[[]]]]") { scanner in
                try scanner.beginArray()
                _ = try scanner.nextElement()
                _ = try scanner.value()
            } == nil)
        #expect(
            fault("[[[[[]]]]]") { scanner in
                try scanner.beginArray()
                _ = try scanner.nextElement()
                _ = try scanner.value()
            } == .depthExceeded)
    }

    @Test func depthIsBoundedWithoutTheStack() {
        let deep = Array(String(repeating: "[", count: 1_000_000).utf8)
        #expect(deep.scanFault?.code == .depthExceeded)
        #expect(throws: JSONTextError.self) { try deep.scan(maxDepth: 900_000) }
        let closed = deep + Array(String(repeating: "]", count: 1_000_000).utf8)
        #expect(throws: Never.self) { try closed.scan(maxDepth: 1_000_000) }
    }

    @Test func aScannerThatFailedWorksOnTheNextText() throws {
        var scanner = JSONScanner(maxDepth: 3)
        for text in [#"{"a":{"a":1,"a":2}}"#, "[[[[1]]]]", "[\"", #"{"a":[{"b"#] {
            Array(text.utf8).withUnsafeBytes { bytes in
                scanner.reset(bytes)
                #expect(throws: JSONTextError.self) { _ = try scanner.value() }
            }
            try Array(#"{"a":{"b":[1]}}"#.utf8).withUnsafeBytes { bytes in
                scanner.reset(bytes)
                #expect(try scanner.value().range == 0..<15)
                try scanner.finish()
            }
        }
    }

    @Test func theEndIsToldWithoutAnError() throws {
        let ends = try pull("1  ") { scanner in
            let before = scanner.isAtEnd()
            _ = try scanner.value()
            return [before, scanner.isAtEnd()]
        }
        #expect(ends == [false, true])
    }

    @Test func faultsAreSortedIntoBrokenTextsAndBrokenRules() {
        let broken: Set<JSONTextError.Code> = [.unexpectedEnd, .unexpectedByte, .invalidNumber]
        let all: [JSONTextError.Code] = [
            .unexpectedEnd, .unexpectedByte, .depthExceeded, .duplicateMember, .invalidUTF8, .invalidEscape,
            .controlCharacter, .invalidNumber,
        ]
        for code in all { #expect(JSONTextError(code, at: 0).isSyntax == broken.contains(code)) }
        #expect(Set(all.map { JSONTextError($0, at: 0).message }).count == all.count)
    }
}
