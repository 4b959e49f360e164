import AWSSigning
import Foundation
import Synchronization
import Testing

@testable import ObjectStore

/// A port that takes connections, and answers only what a test gives it.
private final class ScriptedPort: Sendable {
    let heads = Mutex<[String]>([])
    private let descriptor: Int32
    let number: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(descriptor, plain, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, plain, &length) == 0
            }
        }
        self.descriptor = descriptor
        number = UInt16(bigEndian: address.sin_port)
        try #require(result)
    }

    deinit { close(descriptor) }

    /// Takes one connection, and answers the head of each request with the next text.
    func answer(_ answers: [String]) {
        Thread { [descriptor, self] in
            let connection = accept(descriptor, nil, nil)
            defer { close(connection) }
            for answer in answers {
                var head: [UInt8] = []
                var byte: UInt8 = 0
                while !head.ends(with: "\r\n\r\n"), read(connection, &byte, 1) == 1 { head.append(byte) }
                heads.withLock { $0.append(String(decoding: head, as: UTF8.self)) }
                _ = answer.withCString { write(connection, $0, strlen($0)) }
            }
        }.start()
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

@Suite struct S3ConnectionTests {
    @Test func asksAProxyForTheWayToTheStore() async throws {
        let port = try ScriptedPort()
        port.answer(["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])
        var settings = S3Settings(
            bucket: "bucket", endpoint: "http://store.invalid",
            credentials: .key(AccessKey(id: "AKIATEST", secret: "secret")))
        settings.proxy = S3Proxy(host: "127.0.0.1", port: Int(port.number), user: "u", password: "p")
        let store = try S3Store(settings)
        #expect(try await store.get(.named("a")) == Array("hi".utf8))
        let heads = port.heads.withLock { $0.map { $0.lowercased() } }
        #expect(heads.first?.hasPrefix("connect store.invalid:80 http/1.1\r\n") == true)
        #expect(heads.first?.contains("proxy-authorization: basic dtpw\r\n") == true)
        #expect(heads.last?.hasPrefix("get /bucket/a http/1.1\r\n") == true)
        #expect(heads.last?.contains("\r\nhost: store.invalid\r\n") == true)
        #expect(heads.last?.contains("proxy-authorization") == false)
    }

    @Test func aStoreThatNeverAnswersIsGivenUp() async throws {
        let port = try ScriptedPort()
        var settings = S3Settings(
            bucket: "bucket", endpoint: "http://127.0.0.1:\(port.number)",
            credentials: .key(AccessKey(id: "AKIATEST", secret: "secret")))
        settings.timeoutMilliseconds = 100
        settings.retries = 1
        settings.backoffMilliseconds = 1
        let store = try S3Store(settings)
        let error = await #expect(throws: ObjectStoreError.self) { try await store.put([1], as: .named("a")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("no answer in time (2 attempts)") == true, "\(error?.message ?? "")")
    }

    @Test func settingsThatNoRequestCanBeMadeWithAreRefused() {
        var small = S3Settings(bucket: "bucket", credentials: .anonymous)
        small.partBytes = S3Settings.minPartBytes - 1
        #expect(throws: ObjectStoreError.self) { try S3Store(small) }
        var key = S3Settings(bucket: "bucket", credentials: .anonymous)
        key.encryption = .customer(key: [1, 2])
        #expect(throws: ObjectStoreError.self) { try S3Store(key) }
        let region = S3Settings(bucket: "bucket", region: "a\r\nb", credentials: .anonymous)
        #expect(throws: ObjectStoreError.self) { try S3Store(region) }
    }
}
