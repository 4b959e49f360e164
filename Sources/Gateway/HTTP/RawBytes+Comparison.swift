#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension UnsafeRawBufferPointer {
    /// Whether the bytes are this ASCII text; a comparison of memory, unlike `elementsEqual` over a string's UTF-8.
    @inline(__always)
    func isText(_ text: StaticString) -> Bool { hasBytes(text.utf8Start, count: text.utf8CodeUnitCount) }

    @inline(__always)
    func hasBytes(_ start: UnsafePointer<UInt8>?, count: Int) -> Bool {
        guard count == self.count else { return false }
        guard count > 0, let start, let baseAddress else { return true }
        return memcmp(baseAddress, start, count) == 0
    }
}
