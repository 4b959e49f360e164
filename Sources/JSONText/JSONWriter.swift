/// Writes one JSON text from left to right, with commas where they belong.
///
/// Nothing is looked back at: a value follows another, a member's value follows `key(_:)`. Containers are opened and
/// closed by `object` and `array`, so they always end, or by hand. Keep one writer and `removeAll()` it to save its memory.
package struct JSONWriter: Sendable {
    /// The text so far.
    package private(set) var bytes: [UInt8] = []
    /// A value was written before, so that the next one needs a comma.
    private var needsComma = false

    /// - Parameter reservedBytes: how long the text will be, if it is known.
    package init(reserving reservedBytes: Int = 0) {
        if reservedBytes > 0 { bytes.reserveCapacity(reservedBytes) }
    }

    /// The text of one value as bytes.
    package static func bytes(_ body: (inout JSONWriter) throws -> Void) rethrows -> [UInt8] {
        var writer = JSONWriter()
        try body(&writer)
        return writer.bytes
    }

    /// Forgets the text and keeps its memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    // MARK: Containers

    package mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
        begin(UInt8(ascii: "{"))
        try members(&self)
        end(UInt8(ascii: "}"))
    }

    package mutating func array(_ elements: (inout JSONWriter) throws -> Void) rethrows {
        begin(UInt8(ascii: "["))
        try elements(&self)
        end(UInt8(ascii: "]"))
    }

    /// Opens an object that the caller closes, for those whose errors have a type.
    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    /// Opens an array that the caller closes.
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The name of the member whose value is written next.
    package mutating func key(_ name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    // MARK: Values

    package mutating func string(_ text: String) {
        separate()
        appendQuoted(text)
    }

    package mutating func integer(_ number: some BinaryInteger) {
        separate()
        guard let small = Int64(exactly: number) else {
            return bytes.append(contentsOf: number.description.utf8)
        }
        appendDecimal(small)
    }

    /// A number; one that JSON cannot tell (not finite) becomes null.
    package mutating func double(_ number: Double) {
        guard number.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: number.description.utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    package mutating func null() {
        separate()
        append("null")
    }

    /// A string that holds bytes in base64.
    package mutating func base64(_ data: UnsafeRawBufferPointer) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.encode(data, into: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A value that is JSON already.
    package mutating func json(_ text: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
    }

    /// A value that was read.
    package mutating func tree(_ value: JSONTree) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let text): json(text.utf8)
        case .string(let text): string(text)
        case .array(let elements): array { for element in elements { $0.tree(element) } }
        case .object(let members):
            object {
                for member in members {
                    $0.key(member.name)
                    $0.tree(member.value)
                }
            }
        }
    }

    // MARK: Members

    package mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    package mutating func member(_ name: String, _ number: some BinaryInteger) {
        key(name)
        integer(number)
    }

    package mutating func member(_ name: String, _ number: Double) {
        key(name)
        double(number)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// A member with a text, or with null.
    package mutating func member(_ name: String, orNull text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    package mutating func member(_ name: String, object members: (inout JSONWriter) throws -> Void) rethrows {
        key(name)
        try object(members)
    }

    package mutating func member(_ name: String, array elements: (inout JSONWriter) throws -> Void) rethrows {
        key(name)
        try array(elements)
    }

    /// A member whose value is an array of strings.
    package mutating func member(_ name: String, strings: some Sequence<String>) {
        member(name, array: { for text in strings { $0.string(text) } })
    }

    // MARK: Bytes

    private mutating func append(_ word: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { JSONText.escape(UnsafeRawBufferPointer($0), into: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendDecimal(_ number: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var place = digits.count
            var rest = number.magnitude
            repeat {
                place -= 1
                digits[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                place -= 1
                digits[place] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[place...]))
        }
    }
}
