import Testing

@testable import ServerAssembly

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8082", "127.0.0.1", 8082), ("0.0.0.0:0", "0.0.0.0", 0),
        ("localhost:65535", "localhost", 65535),
        ("[::1]:8082", "::1", 8082), ("[fe80::1%eth0]:80", "fe80::1%eth0", 80), ("8082", "127.0.0.1", 8082),
        ("0", "127.0.0.1", 0),
    ])
    func isReadFromHostAndPort(text: String, host: String, port: Int) {
        #expect(ServerAddress(text) == ServerAddress(host: host, port: port))
    }

    @Test(arguments: [
        "", ":", "localhost", "localhost:", ":8082", "[]:8082", "localhost:65536", "localhost:-1",
        "localhost:+80", "localhost:80 ", "localhost:8o", "http://localhost:80", "::1", "::1:8082", "[::1]",
        "a:b:80",
    ])
    func isRefusedWhereHostOrPortIsUnclear(text: String) {
        #expect(ServerAddress(text) == nil)
    }

    @Test(arguments: ["127.0.0.1:8082", "[::1]:8082", "example.org:0"])
    func isWrittenAsItIsRead(text: String) {
        #expect(ServerAddress(text)?.description == text)
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.10", "localhost", "::1"])
    func isLoopbackWhereOnlyThisMachineReachesIt(host: String) {
        #expect(ServerAddress(host: host, port: 1).isLoopback)
    }

    @Test(arguments: ["0.0.0.0", "::", "10.0.0.1", "example.org", "127.example.org", "localhost.example.org"])
    func isNotLoopbackWhereOthersMayReachIt(host: String) {
        #expect(!ServerAddress(host: host, port: 1).isLoopback)
    }
}

@Suite struct InsecureAddressTests {
    @Test func theDefaultsAreSecure() throws {
        try ServerSettings().validate()
    }

    @Test(arguments: ["ingest", "kafka", "web"])
    func anAddressThatOthersReachIsRefusedUnlessInsecureIsMeant(name: String) throws {
        var settings = ServerSettings()
        try settings.set(name, to: "0.0.0.0:0")
        let error = #expect(throws: SettingsError.self) { try settings.validate() }
        #expect(error?.description.hasPrefix("\(name): 0.0.0.0:0 can be reached") == true)
        #expect(error?.description.contains("--insecure") == true)
        settings.insecure = true
        try settings.validate()
    }
}
