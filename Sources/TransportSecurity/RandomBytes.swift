import Crypto

/// Bytes that nobody can foretell, handed in so that tests can set them.
package struct RandomBytes: Sendable {
    private let make: @Sendable (Int) -> [UInt8]

    package init(_ make: @escaping @Sendable (Int) -> [UInt8]) {
        self.make = make
    }

    package func bytes(_ count: Int) -> [UInt8] { make(count) }

    /// The operating system's generator.
    package static let system = RandomBytes { count in
        SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
    }
}
