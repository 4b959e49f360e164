/// Why a text is not JSON, or not JSON that is accepted here.
package struct JSONTextError: Error, Equatable {
    /// What is wrong; callers translate it into their dialect.
    package enum Code: Sendable {
        case unexpectedEnd
        case unexpectedByte
        case depthExceeded
        case duplicateMember
        case invalidUTF8
        case invalidEscape
        case controlCharacter
        case invalidNumber
        /// More values than the reader takes into memory.
        case tooManyValues
    }

    package var code: Code
    /// Where the fault is: bytes from the start of the text.
    package var offset: Int

    package init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    /// A sentence for people, with the byte offset.
    package var message: String {
        let what =
            switch code {
            case .unexpectedEnd: "the text ends in the middle of a value"
            case .unexpectedByte: "unexpected character"
            case .depthExceeded: "nested too deeply"
            case .duplicateMember: "a member name occurs twice in one object"
            case .invalidUTF8: "the text is not valid UTF-8"
            case .invalidEscape: "invalid escape sequence"
            case .controlCharacter: "unescaped control character in a string"
            case .invalidNumber: "invalid number"
            case .tooManyValues: "too many values"
            }
        return "\(what) (at byte \(offset))"
    }

    /// The text breaks off or is no JSON at all, in contrast to JSON that breaks a rule of ours.
    package var isSyntax: Bool {
        switch code {
        case .unexpectedEnd, .unexpectedByte, .invalidNumber: true
        case .depthExceeded, .duplicateMember, .invalidUTF8, .invalidEscape, .controlCharacter,
            .tooManyValues:
            false
        }
    }
}
