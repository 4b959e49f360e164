import Foundation
import Testing

@testable import Emulation

/// The rows as JSON: their form, their sizes, and that they never change.
@Suite struct SyntheticRowTests {
    private static let table = SyntheticTable(seed: 100, atLeast: 1)
    private static let pins: [Pin] = stride(from: 0, to: table.rowCount, by: 5).compactMap { row in
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(Pin.self, from: Foundation.Data(text(.pin, row: row)))
    }

    private struct Pin: Decodable, Sendable {
        var uniqueId: String
        var description: String
        var followerCount: String
        var tagList: String
        var imageSrc: String
        var downloaded: Int
    }

    private static func text(_ kind: EmulatedTable, row: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        table.append(kind, row: row, to: &bytes)
        return bytes
    }

    private static func object(_ kind: EmulatedTable, row: Int) throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: Foundation.Data(text(kind, row: row)))
        return try #require(json as? [String: Any])
    }

    @Test func everyRowIsJSONWithTheColumnsOfItsTable() throws {
        #expect(Self.pins.count == (Self.table.rowCount + 4) / 5)
        for kind in EmulatedTable.allCases {
            for row in [0, 1, 5_000, 11_153] {
                let object = try Self.object(kind, row: row)
                #expect(Set(object.keys) == kind.columns)
                #expect(object[kind.keyColumn] as? Int == row)
            }
        }
    }

    @Test func columnsHaveTheOrderOfTheSample() {
        let geo = String(decoding: Self.text(.geo, row: 0), as: UTF8.self)
        let names = geo.split(separator: "\"").filter { geo.contains("\"\($0)\":") }
        #expect(names == ["ind", "timestamp", "latitude", "longitude", "country"])
    }

    @Test func pinsHaveTheSizeOfTheSample() {
        let sizes = stride(from: 0, to: Self.table.rowCount, by: 3).map { Self.text(.pin, row: $0).count }
        let mean = Double(sizes.reduce(0, +)) / Double(sizes.count)
        #expect((700...760).contains(mean))
        #expect(sizes.max() ?? 0 < 2_400)
    }

    @Test func missingValuesAreTheSentinels() throws {
        let row = try #require(
            (0..<Self.table.rowCount).first { Self.table.combination(ofRow: $0) == .storyWithNothing })
        let pin = try Self.object(.pin, row: row)
        #expect(pin["title"] as? String == "No Title Data Available")
        #expect(pin["description"] as? String == "No description available Story format")
        #expect(pin["poster_name"] as? String == "User Info Error")
        #expect(pin["follower_count"] as? String == "User Info Error")
        #expect(pin["tag_list"] as? String == "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e")
        #expect(pin["is_image_or_video"] as? String == "multi-video(story page format)")
        #expect(pin["image_src"] as? String == "Image src error.")
        #expect(pin["downloaded"] as? Int == 0)
    }

    @Test func downloadedIsZeroExactlyWhereTheImageSourceIsMissing() {
        #expect(Self.pins.allSatisfy { ($0.downloaded == 0) == ($0.imageSrc == "Image src error.") })
    }

    @Test func identifiersAreDistinctAndOfVersion4() throws {
        let identifiers = Self.pins.map(\.uniqueId)
        #expect(Set(identifiers).count == identifiers.count)
        let form = try Regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        #expect(try identifiers.allSatisfy { try form.wholeMatch(in: $0) != nil })
    }

    @Test func followerCountsAreWholeNumbersWithAtMostOneUnit() throws {
        let form = try Regex("[0-9]{1,3}k?|[0-9]{1,2}M|User Info Error")
        #expect(try Self.pins.map(\.followerCount).allSatisfy { try form.wholeMatch(in: $0) != nil })
    }

    @Test func imageAddressesBeginWithTheirFileNamesFirstDigits() throws {
        let form = try Regex(
            #"https://i\.pinimg\.com/(videos/thumbnails/)?originals/(..)/(..)/(..)/\2\3\4[0-9a-f]{26}"#
                + #"(\.0000001|-00001)?\.(jpg|png|webp|gif)"#
        )
        let sources = Self.pins.map(\.imageSrc).filter { $0 != "Image src error." }
        #expect(try sources.allSatisfy { try form.wholeMatch(in: $0) != nil })
    }

    @Test func tagsAreNineWithoutBlanksAfterCommasOrRepeats() {
        let lists = Self.pins.map(\.tagList).filter { !$0.hasPrefix("N,o") }
            .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        #expect(Double(lists.count { $0.count == 9 }) / Double(lists.count) > 0.99)
        #expect(lists.allSatisfy { Set($0).count == $0.count && $0.allSatisfy { $0.first != " " } })
    }

    @Test func cutDescriptionsEndInAnEllipsisAndAtMost180Characters() {
        let descriptions = Self.pins.map(\.description)
        let cut = descriptions.count { $0.hasSuffix("…\u{A0}") }
        #expect((0.30...0.44).contains(Double(cut) / Double(descriptions.count)))
        #expect(descriptions.allSatisfy { (3...180).contains($0.unicodeScalars.count) })
    }

    @Test func titlesHoldWhatNaiveCodeTripsOver() {
        let table = SyntheticTable(seed: 100, atLeast: 1)
        let titles = (0..<table.rowCount).map { row in
            var text = TextBuffer()
            let filler = TemplateFiller(
                category: table.category(ofRow: row), poster: table.poster(ofRow: row), seed: 100)
            PinText(filler: filler, seed: 100, row: UInt64(row)).appendTitle(to: &text)
            return text.bytes
        }
        #expect(titles.contains { $0.contains(UInt8(ascii: "\n")) })
        #expect(titles.contains { $0.last == UInt8(ascii: " ") })
        #expect(titles.contains { $0.contains(UInt8(ascii: "\"")) })
        #expect(titles.contains { $0.contains { $0 >= 0xF0 } })
        #expect(
            (0.08...0.13).contains(Double(titles.count { $0.contains { $0 >= 0x80 } }) / Double(titles.count))
        )
    }

    @Test func everyRowOfAPosterSaysTheSameOfIt() throws {
        let poster = try #require(
            (0..<Self.table.rowCount).lazy.map { Self.table.poster(ofRow: $0) }.first { $0.postCount == 12 })
        let rows = (0..<Self.table.rowCount).filter { Self.table.poster(ofRow: $0).number == poster.number }
        let said = try Set(
            rows.map { row in
                let pin = try Self.object(.pin, row: row)
                let geo = try Self.object(.geo, row: row)
                let user = try Self.object(.user, row: row)
                return [
                    pin["poster_name"], pin["follower_count"], geo["latitude"], geo["longitude"],
                    geo["country"],
                    user["first_name"], user["last_name"], user["age"], user["date_joined"],
                ].map { "\($0 ?? "")" }
            })
        #expect(rows.count == 12)
        #expect(said.count == 1)
    }
}
