import StreamModel
import Testing

@testable import LogStorage

/// What a reader sees that keeps to one topic, when another gets its name.
@Suite struct RecreatedTopicTests {
    @Test func aTopicMadeAnewHasAnotherIDAlsoAfterARestart() async throws {
        let fixture = LogFixture()
        var ids: [TopicID] = []
        for _ in 0..<2 {
            try await fixture.withLog { log throws in
                if log.topicID(of: .pins) != nil { try log.deleteTopic(.pins) }
                #expect(log.topicID(of: .pins) == nil)
                _ = await log.send("1")
                ids.append(try #require(log.topicID(of: .pins)))
            }
            try await fixture.withLog { #expect($0.topicID(of: .pins) == ids.last) }
        }
        #expect(Set(ids).count == 2)
    }

    @Test func theOneBeforeIsNotReadOutOfTheNew() async throws {
        try await LogFixture().withLog { log throws in
            _ = await log.send("old", "old")
            let old = try #require(log.topicID(of: .pins))
            try log.deleteTopic(.pins)
            _ = await log.send("new")
            let new = try #require(log.topicID(of: .pins))
            #expect(throws: LogStorageError.self) { try log.range(of: .zero, in: old) }
            #expect(throws: LogStorageError.self) {
                try log.read(.zero, in: old, from: Offset(0), maxBytes: 100) { _ in }
            }
            #expect(try log.range(of: .zero, in: new).end == Offset(1))
            var values: [String] = []
            _ = try log.read(.zero, in: new, from: Offset(0), maxBytes: 100) { record in
                values.append(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "")
            }
            #expect(values == ["new"])
        }
    }

    @Test func whatIsPassedOnMayBeLargerThanTheLimitForOthers() async throws {
        try await LogFixture { $0.maxMessageBytes = 100 }.withLog { log throws in
            let large = RecordList([String(repeating: "x", count: 200)])
            #expect(await log.append(large).isRefused(.recordTooLarge))
            let result = await withCheckedContinuation { continuation in
                PassingAppender(log).append(large, to: .pins) { continuation.resume(returning: $0) }
            }
            #expect(result.firstOffset == 0)
            #expect(try log.values().map(\.count) == [200])
        }
    }
}
