import Testing

@testable import Connect

@Suite struct ConnectorNameTests {
    @Test(arguments: ["a", "me.pin sink", "größe", "a/b"])
    func takesWhatKafkaConnectTakes(name: String) {
        #expect(ConnectorName.complaint(name) == nil)
    }

    @Test(arguments: ["", "a\nb", "\u{7}", String(repeating: "x", count: 250)])
    func refusesEmptyControlledAndLongNames(name: String) {
        #expect(ConnectorName.complaint(name) != nil)
    }
}
