import Foundation
import Testing

/// The seed under way, for the handler of a crash; several fuzz tests at once make it one of theirs.
private nonisolated(unsafe) var seedUnderWay: UInt64 = 0

/// One run of a fuzz test: as many seeds as its bound allows, from the first one on.
///
/// In CI the seeds are always the same. `PINLINE_FUZZ_SECONDS` makes each test run that long, from a first seed that
/// the time gives; `PINLINE_FUZZ_SEED` sets the first seed. If the process dies of an input, its seed is printed.
struct FuzzRun {
    /// An input takes microseconds; a machine may be busy.
    private static let hang = Duration.seconds(10)

    private let firstSeed: UInt64
    private let seconds: Double?
    private let iterations: Int

    init(iterations: Int) {
        let environment = ProcessInfo.processInfo.environment
        self.iterations = iterations
        seconds = environment["PINLINE_FUZZ_SECONDS"].flatMap(Double.init)
        firstSeed =
            environment["PINLINE_FUZZ_SEED"].flatMap(UInt64.init)
            ?? (seconds == nil ? 1 : UInt64(Date().timeIntervalSince1970 * 1_000_000))
    }

    /// Calls `body` with a generator for each seed.
    func forEachSeed(_ body: (UInt64, inout TestChance) throws -> Void) rethrows {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT] { signal(number, printSeedAndDie) }
        if seconds != nil { print("fuzzing from seed \(firstSeed)") }
        let clock = ContinuousClock()
        let deadline = seconds.map { clock.now + .seconds($0) }
        var seed = firstSeed
        while deadline.map({ clock.now < $0 }) ?? (seed - firstSeed < UInt64(iterations)) {
            seedUnderWay = seed
            var chance = TestChance(seed: seed)
            let began = clock.now
            try body(seed, &chance)
            let took = clock.now - began
            if took > Self.hang { Issue.record("seed \(seed) took \(took)") }
            seed &+= 1
        }
        if seconds != nil { print("fuzzed \(seed &- firstSeed) inputs") }
    }
}

/// Only what a signal handler may: no memory is taken.
private func printSeedAndDie(_ number: Int32) {
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &digits) { bytes in
        var rest = seedUnderWay
        var place = bytes.count - 1
        bytes[place] = UInt8(ascii: "\n")
        repeat {
            place -= 1
            bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        _ = write(STDERR_FILENO, "died of the input of PINLINE_FUZZ_SEED=", 39)
        _ = write(STDERR_FILENO, bytes.baseAddress?.advanced(by: place), bytes.count - place)
    }
    signal(number, SIG_DFL)
    raise(number)
}
