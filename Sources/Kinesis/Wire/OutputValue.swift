package import NIOCore

/// A value of an answer, before its codec writes it.
package enum OutputValue: Sendable {
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case sequenceNumber(SequenceNumber)
    case bytes(ByteBufferView)
    /// Milliseconds since 1970.
    case time(Int64)
    case list([OutputValue])
    /// In this order, on every codec.
    case object([(String, OutputValue)])
}
