/// How a record's key or value tells which schema it was written with: a zero, then the schema's id in four bytes.
package enum WireForm {
    package static let headerBytes = 5

    package static func appendHeader(schemaID: Int32, to output: inout [UInt8]) {
        output.append(0)
        let bits = UInt32(bitPattern: schemaID)
        for shift: UInt32 in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    /// The schema's id; nil if the bytes do not begin with one.
    package static func schemaID(of bytes: UnsafeRawBufferPointer) -> Int32? {
        guard bytes.count >= headerBytes, bytes[0] == 0 else { return nil }
        return Int32(bitPattern: (1..<headerBytes).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) })
    }
}
