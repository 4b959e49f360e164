package import NIOCore

/// How requests and answers are written.
package enum KinesisCodec: Sendable, Equatable {
    case json
    case cbor

    package var contentType: String {
        switch self {
        case .json: "application/x-amz-json-1.1"
        case .cbor: "application/x-amz-cbor-1.1"
        }
    }

    /// A body without bytes is an object without members.
    func read(_ body: ByteBuffer) throws(KinesisError) -> WireValue {
        guard body.readableBytes > 0 else { return .object([]) }
        let result = body.withUnsafeReadableBytes { bytes -> Result<WireValue, KinesisError> in
            do throws(KinesisError) {
                return .success(try self == .json ? JSONReader.read(bytes) : CBORReader.read(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    package func write(_ value: OutputValue, to buffer: inout ByteBuffer) {
        switch self {
        case .json: JSONOutput.write(value, to: &buffer)
        case .cbor: CBOROutput.write(value, to: &buffer)
        }
    }

    package func buffer(_ value: OutputValue) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(value, to: &buffer)
        return buffer
    }
}
