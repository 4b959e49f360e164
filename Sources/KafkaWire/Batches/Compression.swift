/// How the records of a batch are compressed; the number is the one in the batch's attributes.
package enum Compression: Int16, CaseIterable, Sendable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    case zstd = 4
}
