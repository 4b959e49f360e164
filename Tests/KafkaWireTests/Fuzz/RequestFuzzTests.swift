import Foundation
import KafkaWire
import NIOCore
import Testing

/// Requests that were changed on their way: read or refused, never more.
@Suite struct RequestFuzzTests {
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
        var reader = WireReader(ByteBuffer(bytes: bytes), isFlexible: type.api.isFlexible(version))
        do throws(KafkaWireError) {
            _ = try type.init(&reader, version: version)
            return reader.remaining
        } catch {
            return nil
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
