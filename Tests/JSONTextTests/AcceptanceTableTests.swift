import JSONText
import Testing

/// What RFC 8259 allows and forbids, one text a case.
@Suite struct AcceptanceTableTests {
    private static let valid: [String] = [
        // Values on their own
        "null", "true", "false", "0", "-0", "1", "-1", "10", "1234567890", "0.5", "-0.0", "1.0e1", "1E5",
        "1e+5",
        "1e-05", "0e0", "0E+9", "123456789012345678901234567890", "1e999999", "-1.7976931348623157e308",
        #""""#,
        #""a""#, "[]", "{}",
        // Blanks, in every place
        " null", "null ", "\t\n\r null \t\n\r", "[ ]", "{ }", "[\n]", "[ 1 , 2 ]", #"{ "a" : 1 , "b" : 2 }"#,
        "\n{\r\n\t\"a\"\n:\n[\n1\n]\n}\n",
        // Containers
        "[1]", "[1,2,3]", "[null,true,false]", "[[],{},[[]]]", #"{"a":1}"#, #"{"a":{"b":{"c":[]}}}"#,
        #"{"":0}"#,
        #"{"a":1,"b":2,"A":3}"#, #"[{"a":1},{"a":1}]"#, #"{"a":{"a":{"a":1}}}"#,
        // Strings
        #""\"\\\/\b\f\n\r\t""#, #""\u0000\u001f\u0020\uABCD\uabcd""#, #""\u00e9""#, #""\ud83d\ude00""#,
        #""\ud83d""#, #""\ude00""#, #""\ude00\ud83d""#, #""\ud83dx""#, #""é中😀""#,
        "\"\u{7F}\u{80}\u{FFFF}\u{10FFFF}\"",
        "\"\u{2028}\u{2029}\"", #""/* no comment */ // nor this""#, #""{\"a\":1}""#, #"["\\","\\\""]"#,
        #"{"\u0061":1,"b":2}"#, #"{"\\":1,"\"":2}"#,
    ]

    private static let invalid: [(String, JSONTextError.Code)] = [
        // Nothing, or too much
        ("", .unexpectedEnd), (" ", .unexpectedEnd), ("1 2", .unexpectedByte), ("[] []", .unexpectedByte),
        ("{}x", .unexpectedByte), ("null,", .unexpectedByte), ("\"a\"\"b\"", .unexpectedByte),
        ("]", .unexpectedByte),
        ("}", .unexpectedByte), (",", .unexpectedByte), (":", .unexpectedByte),
        ("\u{FEFF}1", .unexpectedByte),
        ("\0", .unexpectedByte), ("1\0", .unexpectedByte),
        // Words
        ("nul", .unexpectedEnd), ("nulL", .unexpectedByte), ("nullx", .unexpectedByte),
        ("tru", .unexpectedEnd),
        ("True", .unexpectedByte), ("fals", .unexpectedEnd), ("undefined", .unexpectedByte),
        ("NaN", .unexpectedByte),
        ("Infinity", .unexpectedByte), ("-Infinity", .invalidNumber), ("'a'", .unexpectedByte),
        ("a", .unexpectedByte),
        ("[tru]", .unexpectedByte),
        // Numbers
        ("-", .unexpectedEnd), ("+1", .unexpectedByte), ("01", .invalidNumber), ("-01", .invalidNumber),
        ("00", .invalidNumber), ("1.", .unexpectedEnd), ("1.]", .invalidNumber), (".5", .unexpectedByte),
        ("1.e5", .invalidNumber), ("1e", .unexpectedEnd), ("1e+", .unexpectedEnd), ("1e+]", .invalidNumber),
        ("--1", .invalidNumber), ("1-1", .unexpectedByte), ("0x10", .unexpectedByte),
        ("1_000", .unexpectedByte),
        ("1.2.3", .unexpectedByte), ("1e5.5", .unexpectedByte), ("\u{FF11}", .unexpectedByte),
        ("-a", .invalidNumber),
        // Arrays
        ("[", .unexpectedEnd), ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd), ("[,1]", .unexpectedByte),
        ("[1,]", .unexpectedByte), ("[1,,2]", .unexpectedByte), ("[1 2]", .unexpectedByte),
        ("[1:2]", .unexpectedByte),
        ("[1}", .unexpectedByte), ("[[]", .unexpectedEnd), ("[]]", .unexpectedByte), ("[,]", .unexpectedByte),
        ("[1,]x", .unexpectedByte), ("[\u{A0}]", .unexpectedByte), ("[\u{0B}]", .unexpectedByte),
        ("[1/**/]", .unexpectedByte), ("[1]//", .unexpectedByte),
        // Objects
        ("{", .unexpectedEnd), (#"{"a""#, .unexpectedEnd), (#"{"a":"#, .unexpectedEnd),
        (#"{"a":1"#, .unexpectedEnd),
        (#"{"a":1,"#, .unexpectedEnd), (#"{"a":1,}"#, .unexpectedByte), (#"{,"a":1}"#, .unexpectedByte),
        (#"{"a" 1}"#, .unexpectedByte), (#"{"a"::1}"#, .unexpectedByte), (#"{"a":}"#, .unexpectedByte),
        (#"{"a"}"#, .unexpectedByte), (#"{"a","b"}"#, .unexpectedByte), ("{a:1}", .unexpectedByte),
        ("{'a':1}", .unexpectedByte), ("{1:1}", .unexpectedByte), ("{null:1}", .unexpectedByte),
        (#"{"a":1]"#, .unexpectedByte), (#"{"a":1 "b":2}"#, .unexpectedByte),
        (#"{"a":1;"b":2}"#, .unexpectedByte),
        (#"{"a":1,,"b":2}"#, .unexpectedByte), (#"{"a":1}}"#, .unexpectedByte), (#"{:1}"#, .unexpectedByte),
        (#"{[]:1}"#, .unexpectedByte),
        // Strings
        ("\"", .unexpectedEnd), ("\"a", .unexpectedEnd), (#""\"#, .unexpectedEnd), (#""\""#, .unexpectedEnd),
        (#""\a""#, .invalidEscape), (#""\'""#, .invalidEscape), (#""\x41""#, .invalidEscape),
        (#""\U0041""#, .invalidEscape),
        (#""\0""#, .invalidEscape), (#""\u""#, .unexpectedEnd), (#""\u00""#, .unexpectedEnd),
        (#""\u000g""#, .invalidEscape),
        (#""\u00 0""#, .invalidEscape), (#""\u+000""#, .invalidEscape), (#""\ud83d\u""#, .unexpectedEnd),
        ("\"\\\u{E9}\"", .invalidEscape), ("\"\t\"", .controlCharacter), ("\"\n\"", .controlCharacter),
        ("\"a\0b\"", .controlCharacter), ("\"\u{1F}\"", .controlCharacter), ("[\"a\n\"]", .controlCharacter),
        ("\"\\\n\"", .invalidEscape), ("\"\\", .unexpectedEnd),
    ]

    @Test(arguments: valid)
    func isAccepted(text: String) throws {
        let bytes = Array(text.utf8)
        try bytes.scan()
        // What lies behind the text in memory has no say.
        for behind in ["\"", "1", "\\", "}", "]"] { try bytes.scan(followedBy: behind) }
    }

    @Test(arguments: invalid)
    func isRefused(text: String, code: JSONTextError.Code) {
        #expect(Array(text.utf8).scanFault?.code == code)
        for behind in ["\"", "0", "\"}]", "null"] {
            #expect(throws: JSONTextError.self) { try Array(text.utf8).scan(followedBy: behind) }
        }
    }

    @Test(arguments: valid)
    func isRefusedWhenCutShort(text: String) {
        let bytes = Array(text.utf8)
        for length in bytes.indices {
            let cut = Array(bytes[..<length])
            // A number's beginning may be a number; blanks behind a value may be missing.
            if ReferenceJSON.fault(in: cut) == nil { continue }
            #expect(cut.scanFault != nil, "\(length) bytes")
        }
    }

    @Test func theFaultsPlaceIsTold() {
        for (text, offset) in [
            ("[1,]", 3), (#"{"a":1,"a":2}"#, 8), ("\"ab\tc\"", 3), (#"["\x"]"#, 2), ("[01]", 1), ("{}1", 2),
            ("[1", 2),
        ] {
            let fault = Array(text.utf8).scanFault
            #expect(fault?.offset == offset, "\(text)")
            #expect(fault?.message.contains("byte \(offset)") == true, "\(text)")
        }
    }
}

extension [UInt8] {
    /// Scans the bytes as one value, with others behind them in memory.
    func scan(followedBy behind: String = "", maxDepth: Int = 128) throws(JSONTextError) {
        let all = self + Array(behind.utf8)
        var fault: JSONTextError?
        all.withUnsafeBytes { bytes in
            var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: bytes[..<count]), maxDepth: maxDepth)
            do throws(JSONTextError) {
                let value = try scanner.value()
                #expect(value.range.upperBound == scanner.position)
                try scanner.finish()
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
    }

    var scanFault: JSONTextError? {
        do throws(JSONTextError) {
            try scan()
            return nil
        } catch {
            return error
        }
    }
}
