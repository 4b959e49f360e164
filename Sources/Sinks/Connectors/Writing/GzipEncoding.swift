import CCompression

/// Compresses whole contents once they are finished, so that open files cost no compressor each.
enum GzipEncoding {
    private static let pieceBytes = 64 << 10

    /// The content compressed, in the same kind of place.
    static func compress(
        _ content: SpoolContent, level: Int, in folder: SpoolFolder
    ) throws(SpoolError) -> SpoolContent {
        let target = SpoolFile(in: folder)
        var stream = z_stream()
        // 31 asks for the frame of gzip; 8 is the usual use of memory.
        let isReady = deflateInit2_(
            &stream, Int32(level), Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard isReady == Z_OK else { throw SpoolError(description: "zlib refuses to begin: \(isReady)") }
        defer { deflateEnd(&stream) }
        switch content.place {
        case .memory(let bytes):
            let result: Result<Void, SpoolError> = bytes.withUnsafeBytes { piece in
                Result { () throws(SpoolError) in try add(piece, Z_NO_FLUSH, &stream, target) }
            }
            try result.get()
        case .file(let path):
            try SpoolDisk.read(path) { (piece) throws(SpoolError) in
                try add(piece, Z_NO_FLUSH, &stream, target)
            }
        }
        try add(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, &stream, target)
        let compressed = try target.finish()
        if let path = content.path { SpoolDisk.delete(path) }
        return compressed
    }

    private static func add(
        _ piece: UnsafeRawBufferPointer, _ flush: Int32, _ stream: inout z_stream, _ target: SpoolFile
    ) throws(SpoolError) {
        stream.next_in = UnsafeMutablePointer(
            mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(piece.count)
        var output = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            var result = Z_OK
            let made = output.withUnsafeMutableBufferPointer { buffer -> Int in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(buffer.count)
                result = deflate(&stream, flush)
                return buffer.count - Int(stream.avail_out)
            }
            guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
                throw SpoolError(description: "zlib failed: \(result)")
            }
            target.buffer.append(contentsOf: output[..<made])
            try target.spill()
            // Room that was left over means that all input was taken.
            if flush == Z_FINISH ? result == Z_STREAM_END : made < pieceBytes { return }
        }
    }
}
