import Foundation
import KafkaWire
import NIOCore
import Testing

/// Requests that were changed on their way: read or refused, never more.
@Suite struct RequestFuzzTests {
    /// The memory that reading a request may take: for each of its bytes, and besides.
    private static let memoryPerByte = 96
    private static let memoryAtLeast = 32 << 10

    /// A request as a client sent it, its head included.
    private struct Captured {
        let type: (any KafkaRequest.Type)?
        let api: APIKey
        let version: Int16
        let bytes: [UInt8]
        let bodyStart: Int
    }

    private static func captured() throws -> [Captured] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Fixtures/requests.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let digits = Array(line.split(separator: " ")[3].utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
            var buffer = ByteBuffer(bytes: bytes)
            let header = try RequestHeader(&buffer)
            let api = try #require(APIKey(rawValue: header.apiKey))
            return Captured(
                type: RequestDecoders.all.first { $0.api == api }, api: api, version: header.apiVersion,
                bytes: bytes, bodyStart: bytes.count - buffer.readableBytes)
        }
    }

    /// Reads a body; nothing but an error of the right type may come of it.
    ///
    /// - Returns: the bytes left over, or nil if it was refused.
    @discardableResult
    private func decode(_ type: any KafkaRequest.Type, _ version: Int16, _ bytes: ArraySlice<UInt8>) -> Int? {
        let buffer = ByteBuffer(bytes: bytes)
        var rest: Int?
        let peak = AllocationPeak.bytes {
            var reader = WireReader(buffer, isFlexible: type.api.isFlexible(version))
            do throws(KafkaWireError) {
                _ = try type.init(&reader, version: version)
                rest = reader.remaining
            } catch {
                rest = nil
            }
        }
        if let peak {
            #expect(
                peak <= Self.memoryAtLeast + Self.memoryPerByte * bytes.count,
                "\(type.api) version \(version) took \(peak) bytes of memory for \(bytes.count): \(bytes.prefix(64))"
            )
        }
        return rest
    }

    /// The dearest request there can be: lists of the least elements, as long as the bytes allow.
    @Test func longListsTakeNoMoreMemoryThanTheirBytesAllow() {
        for type in RequestDecoders.all {
            for version in type.api.versions {
                for zeros in 0..<12 {
                    for step in [1, 2, 3, 5, 8] {
                        let head = [UInt8](repeating: 0, count: zeros)
                        let count: [UInt8] =
                            type.api.isFlexible(version) ? [0x81, 0x10] : [0, 0, 0x08, 0]
                        var tail = [UInt8](repeating: 0, count: 4 << 10)
                        for place in stride(from: 0, to: tail.count, by: step) { tail[place] = 1 }
                        decode(type, version, (head + count + tail)[...])
                    }
                }
            }
        }
    }

    @Test func requestsOfClientsAreReadToTheirLastByte() throws {
        for request in try Self.captured() where request.api.versions.contains(request.version) {
            guard let type = request.type else { continue }
            let rest = decode(type, request.version, request.bytes[request.bodyStart...])
            #expect(rest == 0, "\(request.api) version \(request.version)")
        }
    }

    @Test func requestsCutShortAreRefused() throws {
        for request in try Self.captured() where request.api.versions.contains(request.version) {
            guard let type = request.type else { continue }
            for end in request.bodyStart..<request.bytes.count {
                let rest = decode(type, request.version, request.bytes[request.bodyStart..<end])
                #expect(rest == nil, "\(request.api) version \(request.version), \(end) bytes")
            }
        }
    }

    @Test func changedRequestsAreReadOrRefused() throws {
        let captured = try Self.captured()
        FuzzRun(iterations: 40_000).forEachSeed { _, chance in
            guard let request = captured.randomElement(using: &chance) else { return }
            var bytes = request.bytes
            Mutation.mutate(&bytes, &chance)
            var buffer = ByteBuffer(bytes: bytes)
            _ = try? RequestHeader(&buffer)
            guard let type = request.type, bytes.count >= request.bodyStart else { return }
            let versions = Array(type.api.versions)
            let isSame = chance.next() % 4 > 0 && type.api.versions.contains(request.version)
            let version = isSame ? request.version : versions.randomElement(using: &chance) ?? 0
            decode(type, version, bytes[request.bodyStart...])
        }
    }

    @Test func bytesThatLookLikeMessagesAreReadOrRefused() {
        FuzzRun(iterations: 40_000).forEachSeed { seed, chance in
            let type = RequestDecoders.all[Int(seed % UInt64(RequestDecoders.all.count))]
            let bytes = Mutation.message(&chance)
            for version in type.api.versions { decode(type, version, bytes[...]) }
            var buffer = ByteBuffer(bytes: bytes)
            _ = try? RequestHeader(&buffer)
        }
    }

    /// Counts and lengths of 2^31 with nothing behind them.
    @Test func countsThatLieAreRefusedBeforeMemoryIsTaken() {
        for type in RequestDecoders.all {
            for version in type.api.versions {
                for lie in [[0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]] as [[UInt8]] {
                    for zeros in 0..<40 {
                        let bytes = [UInt8](repeating: 0, count: zeros) + lie + [0, 0, 0, 0]
                        decode(type, version, bytes[...])
                    }
                }
            }
        }
    }
}
