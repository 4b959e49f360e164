/// The version of this program.
package enum PinlineVersion {
    package static let text = "0.1.0"
}
