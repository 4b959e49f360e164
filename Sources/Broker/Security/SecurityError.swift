/// Why the Kafka port cannot be made safe as it is set: which setting or file, and what is wrong with it.
package struct SecurityError: Error, Equatable, CustomStringConvertible {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
