import Foundation
package import StreamModel

/// Where new topics' ids come from, handed in so that tests can choose them.
package struct TopicIDGenerator: Sendable {
    private let make: @Sendable () -> TopicID

    package init(_ make: @escaping @Sendable () -> TopicID) {
        self.make = make
    }

    func next() -> TopicID { make() }

    /// Random ones, as Kafka's: UUIDs of version 4.
    package static let random = TopicIDGenerator {
        let bytes = UUID().uuid
        return withUnsafeBytes(of: bytes) { bytes in
            TopicID(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
