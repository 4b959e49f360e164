import Testing

@testable import TransportSecurity

@Suite struct FailureDelayTests {
    private func wait(_ answer: FailureDelays.Answer) -> Int64? {
        if case .after(let milliseconds) = answer { milliseconds } else { nil }
    }

    @Test func growsWithEachWrongLoginUpToTheLongest() {
        var delays = FailureDelays(base: 100)
        var now: Int64 = 0
        var waits: [Int64] = []
        for _ in 0..<9 {
            let wait = wait(delays.answer(host: "h", user: "u", failed: true, at: now)) ?? -1
            waits.append(wait)
            now += wait
        }
        #expect(waits == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        #expect(wait(delays.answer(host: "h", user: "other", failed: true, at: now)) == 100)
        #expect(wait(delays.answer(host: "other", user: "u", failed: true, at: now)) == 100)
    }

    @Test func manyAtOnceGuessNoFasterThanOneAndTheRightOneWaitsToo() {
        var delays = FailureDelays(base: 100)
        let waits = (0..<4).map { _ in wait(delays.answer(host: "h", user: "u", failed: true, at: 0)) }
        #expect(waits == [100, 300, 700, 1500])
        #expect(wait(delays.answer(host: "h", user: "u", failed: false, at: 500)) == 1000)
        #expect(wait(delays.answer(host: "h", user: "u", failed: true, at: 2000)) == 100)
    }

    @Test func refusesWhatWouldWaitTooLong() {
        var delays = FailureDelays(base: 5000)
        for _ in 0..<7 { _ = delays.answer(host: "h", user: "u", failed: true, at: 0) }
        #expect(delays.answer(host: "h", user: "u", failed: false, at: 0) == .refused(milliseconds: 30_000))
        #expect(wait(delays.answer(host: "h", user: "u", failed: false, at: 35_000)) == 0)
    }

    @Test func forgetsAfterAWhile() {
        var delays = FailureDelays(base: 100)
        for _ in 0..<5 { _ = delays.answer(host: "h", user: "u", failed: true, at: 0) }
        let later = FailureDelays.forgottenAfter
        #expect(wait(delays.answer(host: "h", user: "u", failed: true, at: later)) == 100)
    }

    @Test func keepsWhoFailsMostWhenManyNamesComeIn() {
        var delays = FailureDelays(base: 1)
        for _ in 0..<5 { _ = delays.answer(host: "h", user: "guessed", failed: true, at: 0) }
        for name in 0..<(FailureDelays.maxEntries * 2) {
            _ = delays.answer(host: "h", user: "\(name)", failed: true, at: 1)
        }
        #expect(wait(delays.answer(host: "h", user: "guessed", failed: true, at: 1000)) == 32)
    }

    @Test func zeroTurnsItOff() {
        var delays = FailureDelays(base: 0)
        for _ in 0..<5 { #expect(wait(delays.answer(host: "h", user: "u", failed: true, at: 0)) == 0) }
    }
}
