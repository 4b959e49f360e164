import QueryEngine
import Testing

@testable import Pipelines

/// Generated rows in objects of many sizes, against counts kept while generating.
@Suite struct BatchAtScaleTests {
    private struct Expected {
        var pins: Set<String> = []
        var lines = 0
        var byCountry: [String: Int] = [:]
    }

    /// Pins of which one in ten repeats an earlier line, and one place for each, cut into objects at random.
    private func fill(_ bucket: TemporaryBucket) throws -> Expected {
        var generator = SeededGenerator(state: 3)
        var expected = Expected()
        var pins: [String] = []
        var places: [String] = []
        for number in 0..<30_000 {
            if number > 0, generator.next() % 10 == 0 {
                pins.append(pins[Int(generator.next() % UInt64(pins.count))])
            } else {
                let words = String(repeating: "word\\n \\\"é\\\" ", count: Int(generator.next() % 9))
                pins.append(
                    #"{"index":\#(number),"title":"\#(words)\#(number)","followers":"\#(generator.next() % 900)k","score":\#(number).5}"#
                )
                let country = "Country \(generator.next() % 20) of a rather long name"
                places.append(
                    #"{"ind":\#(number),"country":"\#(country)","timestamp":"2020-01-01 00:00:00"}"#)
                expected.byCountry[country, default: 0] += 1
            }
        }
        expected.pins = Set(pins)
        expected.lines = pins.count
        for (topic, lines) in [("x.pin", pins), ("x.geo", places)] {
            var rest = lines[...]
            var object = 0
            while !rest.isEmpty {
                let count = generator.next() % 3 == 0 ? 1 : Int(generator.next() % 9000)
                try bucket.put(
                    "topics/\(topic)/partition=0/\(object).json",
                    rest.prefix(count).joined(separator: "\n") + (object % 2 == 0 ? "\n" : ""))
                rest = rest.dropFirst(count)
                object += 1
            }
        }
        return expected
    }

    @Test(arguments: [1, 4]) func everyRowIsReadOnceByHoweverManyThreads(_ threads: Int) async throws {
        let bucket = try TemporaryBucket()
        let expected = try fill(bucket)
        var job = SamplePipeline.job(bucket)
        job.settings.threads = threads
        let report = try await job.run()
        let pin = report.quality.tables[0]
        #expect(pin.rowsRead == expected.lines)
        #expect(pin.rows == expected.pins.count)
        #expect(pin.exactRepeats == expected.lines - expected.pins.count)
        #expect(pin.withoutPartner.map(\.rows) == [0])
        let rows = expected.byCountry.sorted { $0.key < $1.key }
            .map { [SQLValue.text($0.key), .integer(Int64($0.value))] }
        #expect(report.answers[0].result.rows == rows)
    }

    @Test func textsWithEscapesArriveAsTheirText() async throws {
        let bucket = try TemporaryBucket()
        _ = try fill(bucket)
        let result = try await SamplePipeline.job(bucket)
            .run(
                sql:
                    "SELECT count(*) FROM pin WHERE title LIKE '%word' || chr(10) || ' \"é\" %' OR title = CAST(ind AS VARCHAR)"
            )
        let all = try await SamplePipeline.job(bucket).run(sql: "SELECT count(*) FROM pin")
        #expect(result.answers[0].result.rows == all.answers[0].result.rows)
    }
}
