import NIOCore
import Testing

@testable import Gateway

@Suite struct SlowClientWatchTests {
    private let settings = GatewaySettings()

    private func time(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .milliseconds(milliseconds)
    }

    @Test func aHeadMustBeThereInTime() {
        var watch = SlowClientWatch()
        watch.waits(isInHead: true, at: time(0))
        #expect(watch.fault(settings, at: time(9_999)) == nil)
        #expect(watch.fault(settings, at: time(10_000))?.status == 408)
    }

    @Test func furtherBytesOfAHeadDoNotBuyTime() {
        var watch = SlowClientWatch()
        watch.waits(isInHead: true, at: time(0))
        watch.received(10)
        watch.waits(isInHead: true, at: time(9_000))
        #expect(watch.fault(settings, at: time(10_000))?.status == 408)
    }

    @Test func aBodyMayBeSlowForAWhile() {
        var watch = SlowClientWatch()
        watch.bodyBegan(at: time(0), byteCount: 0)
        #expect(watch.fault(settings, at: time(4_999)) == nil)
        #expect(watch.fault(settings, at: time(5_000))?.status == 408)
    }

    @Test func aBodyThatKeepsItsRateIsTaken() {
        var watch = SlowClientWatch()
        watch.bodyBegan(at: time(0), byteCount: 200)
        watch.received(1_000)
        #expect(watch.fault(settings, at: time(5_000)) == nil)
        #expect(watch.fault(settings, at: time(6_000))?.status == 408)
    }

    @Test func aConnectionWithoutRequestIsNotSlow() {
        var watch = SlowClientWatch()
        watch.waits(isInHead: false, at: time(0))
        #expect(!watch.isWaiting)
        watch.bodyBegan(at: time(0), byteCount: 0)
        watch.ended()
        #expect(watch.fault(settings, at: time(100_000)) == nil)
    }
}
