/// Why a signature does not hold.
package struct SignatureError: Error, Equatable, Sendable {
    /// What a server answers with; the names of AWS stand beside them.
    package enum Code: Sendable, CaseIterable {
        /// A part is missing, there twice, or cannot be read (`IncompleteSignature`).
        case malformed
        /// No key of that id is known (`InvalidClientTokenId`, `UnrecognizedClientException`).
        case unknownAccessKey
        /// The session token is not the key's (`InvalidClientTokenId`).
        case wrongSessionToken
        /// Signed for another day, region or service (`SignatureDoesNotMatch`).
        case wrongScope
        /// Signed with another secret, or changed since (`SignatureDoesNotMatch`).
        case wrongSignature
        /// Signed later than now (`SignatureDoesNotMatch`, `RequestTimeTooSkewed`).
        case notYetValid
        /// Signed too long ago (`SignatureDoesNotMatch`, `RequestTimeTooSkewed`, `ExpiredToken`).
        case expired
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
