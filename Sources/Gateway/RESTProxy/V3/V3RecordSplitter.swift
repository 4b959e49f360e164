import NIOCore

/// Finds where the objects of a body begin and end, however the body is cut into parts; each byte is looked at once.
///
/// Objects follow one another, with or without white space between them; as in the peer they may also stand in one
/// array. Whether an object is valid JSON is for others to find.
struct V3RecordSplitter {
    enum Found: Equatable {
        case object(ByteBuffer)
        /// What is there is no whole object yet.
        case needsMore
        /// Something else than an object.
        case foreign
        /// An object is larger than is allowed.
        case tooLarge
    }

    private let maxBytes: Int
    private var buffer = ByteBuffer()
    /// Bytes of the buffer that were looked at.
    private var scanned = 0
    /// Containers that are open; none between objects.
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isInArray = false
    private var hasBegun = false

    /// - Parameter maxBytes: of one object.
    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// Whether the body may end here.
    var isComplete: Bool { depth == 0 && !isInArray }

    mutating func append(_ part: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = part
        } else {
            buffer.writeImmutableBuffer(part)
        }
    }

    mutating func next() -> Found {
        if depth == 0 {
            switch findStart() {
            case .object?: break
            case .foreign?: return .foreign
            case nil:
                buffer = ByteBuffer()
                return .needsMore
            }
        }
        guard let end = findEnd() else { return buffer.readableBytes > maxBytes ? .tooLarge : .needsMore }
        scanned = 0
        guard end <= maxBytes, let object = buffer.readSlice(length: end) else { return .tooLarge }
        return .object(object)
    }

    private enum Start { case object, foreign }

    /// Moves to where the next object begins; nil if only what stands between objects is left.
    private mutating func findStart() -> Start? {
        while let byte = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) {
            switch byte {
            case 0x20, 0x0A, 0x0D, 0x09: break
            case UInt8(ascii: "{"):
                hasBegun = true
                return .object
            case UInt8(ascii: "[") where !hasBegun:
                hasBegun = true
                isInArray = true
            case UInt8(ascii: ",") where isInArray: break
            case UInt8(ascii: "]") where isInArray: isInArray = false
            default: return .foreign
            }
            buffer.moveReaderIndex(forwardBy: 1)
        }
        return nil
    }

    /// How long the object at the beginning of the buffer is; nil if its end is not there yet.
    private mutating func findEnd() -> Int? {
        var (depth, isInString, isEscaped) = (depth, isInString, isEscaped)
        let end: Int? = buffer.withUnsafeReadableBytes { bytes in
            for place in scanned..<bytes.count {
                let byte = bytes[place]
                if isInString {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = true
                    } else if byte == UInt8(ascii: "\"") {
                        isInString = false
                    }
                    continue
                }
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return place + 1 }
                default: break
                }
            }
            return nil
        }
        (self.depth, self.isInString, self.isEscaped) = (depth, isInString, isEscaped)
        scanned = buffer.readableBytes
        return end
    }
}
