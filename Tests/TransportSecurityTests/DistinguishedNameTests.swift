import Testing

@testable import TransportSecurity

@Suite struct DistinguishedNameTests {
    private func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        [tag, UInt8(content.count)] + content
    }

    private func name(_ attributes: [(oid: [UInt8], tag: UInt8, text: [UInt8])]) -> String? {
        let bytes = attributes.flatMap { attribute in
            element(
                0x31, element(0x30, element(0x06, attribute.oid) + element(attribute.tag, attribute.text)))
        }
        return DistinguishedName.text(ofName: bytes[...])
    }

    @Test func writesTheLastPartFirst() {
        let text = name([
            ([0x55, 4, 6], 0x13, Array("DE".utf8)), ([0x55, 4, 10], 0x0C, Array("Exämple".utf8)),
            ([0x55, 4, 3], 0x0C, Array("alice".utf8)),
        ])
        #expect(text == "CN=alice,O=Exämple,C=DE")
    }

    @Test func escapesWhatWouldBeRead() {
        #expect(
            name([([0x55, 4, 3], 0x0C, Array(" a,b+\"c\\<>;#d ".utf8))])
                == "CN=\\ a\\,b\\+\\\"c\\\\\\<\\>\\;#d\\ ")
        #expect(name([([0x55, 4, 3], 0x0C, Array("#a".utf8))]) == "CN=\\#a")
    }

    @Test func writesUnknownPartsAsNumbers() {
        let mail: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 1]
        #expect(name([(mail, 0x16, Array("a@b".utf8))]) == "1.2.840.113549.1.9.1=#1603614062")
    }

    @Test func refusesWhatIsNoCertificate() {
        #expect(DistinguishedName.subject(ofCertificate: []) == nil)
        #expect(DistinguishedName.subject(ofCertificate: [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(DistinguishedName.subject(ofCertificate: [UInt8](repeating: 0x30, count: 64)) == nil)
        #expect(DistinguishedName.text(ofName: [0x31, 2, 0x30, 0]) == nil)
    }
}
