import Testing

@testable import AWSSigning

@Suite struct AccessKeyTests {
    private func failure(_ text: String) -> String? {
        do { _ = try AccessKeys(csv: text) } catch { return error.message }
        return nil
    }

    @Test func readsTheFileThatAWSHandsOut() throws {
        let keys = try AccessKeys(
            csv:
                "\u{FEFF}User name,Access key ID,Secret access key\r\nalice,AKIA1,ab/cd+ef\r\n\"bob, the\",AKIA2,s2\r\n"
        )
        #expect(keys["AKIA1"] == AccessKey(id: "AKIA1", secret: "ab/cd+ef", userName: "alice"))
        #expect(keys["AKIA2"]?.userName == "bob, the")
        #expect(keys["AKIA3"] == nil)
    }

    @Test func readsOtherOrdersOfColumnsAndLeavesUnknownOnesAlone() throws {
        let keys = try AccessKeys(
            csv:
                "User name,Password,Access key ID,Secret access key,Session token\nalice,,AKIA1,s1,t1\n\n,,AKIA2,s2\n"
        )
        #expect(keys["AKIA1"] == AccessKey(id: "AKIA1", secret: "s1", sessionToken: "t1", userName: "alice"))
        #expect(keys["AKIA2"] == AccessKey(id: "AKIA2", secret: "s2", userName: "AKIA2"))
    }

    @Test func saysWhichLineIsOfNoUse() {
        #expect(failure("")?.contains("empty") == true)
        #expect(failure("a,b\n1,2\n")?.contains("line 1") == true)
        #expect(failure("Access key ID,Secret access key\n")?.contains("no key") == true)
        #expect(failure("Access key ID,Secret access key\nA,s\nB\n")?.contains("line 3") == true)
        #expect(failure("Access key ID,Secret access key\nA,s\nA,t\n")?.contains("line 3") == true)
    }
}

@Suite struct SigningTimeTests {
    @Test(arguments: [
        (Int64(0), "19700101T000000Z"), (1_767_323_045, "20260102T030405Z"),
        (951_782_399, "20000228T235959Z"),
        (951_782_400, "20000229T000000Z"), (-1, "19691231T235959Z"), (253_402_300_799, "99991231T235959Z"),
    ])
    func writesAndReadsTimes(seconds: Int64, text: String) {
        #expect(SigningTime(seconds: seconds).description == text)
        #expect(SigningTime(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "20260230T000000Z", "20250229T000000Z", "20260102 030405Z", "20260102T240000Z", "2026010２T03040Z",
    ])
    func refusesWhatIsNoTime(text: String) {
        #expect(SigningTime(text) == nil)
    }

    @Test func timesOutsideTheCalendarAreMovedToItsEnd() {
        #expect(SigningTime(seconds: .max).description == "99991231T235959Z")
        #expect(SigningTime(seconds: .min).description == "00000101T000000Z")
    }
}

@Suite struct URITextTests {
    @Test func encodesAllButUnreservedCharacters() {
        #expect(URIText.encode("aZ0-._~ /ä+%") == "aZ0-._~%20%2F%C3%A4%2B%25")
        #expect(URIText.encode("a/b c", keepingSlashes: true) == "a/b%20c")
    }

    @Test func decodesWhatIsEncodedAndRefusesWhatIsNot() {
        #expect(URIText.decode("a%20%c3%A4+") == "a ä+")
        #expect(URIText.decode("%") == nil && URIText.decode("%4") == nil && URIText.decode("%zz") == nil)
        #expect(URIText.decode("%ff") == nil)
        #expect(
            URIText.parameters("a=1&&b&c=x=y") == [
                QueryParameter("a", "1"), QueryParameter("b", ""), QueryParameter("c", "x=y"),
            ])
    }
}
